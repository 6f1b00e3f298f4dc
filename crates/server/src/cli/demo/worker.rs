//! One simulated agent of the demo.
//!
//! It claims the most urgent task that is ready, works on it in steps, completes it, and has it
//! merged.

use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::sample::Agent;
use crate::cli::Client;
use crate::cli::client::Refused;

/// Steps of the work on a task, with the progress after each in percent.
const STEPS: &[(&str, u8)] = &[
    ("Reading the task", 10),
    ("Reading the related code", 25),
    ("Writing the first version", 45),
    ("Writing tests", 65),
    ("Fixing test failures", 80),
    ("Cleaning up", 95),
];

/// Duration of a step at speed 1, in seconds, before the factor that makes agents differ.
const STEP_SECONDS: f64 = 1.6;

/// Waits for a number of seconds of the simulation.
pub(super) async fn pause(seconds: f64, speed: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds / speed)).await;
}

/// A simulated agent in a project.
#[derive(Debug)]
pub(super) struct Worker {
    client: Client,
    project: String,
    agent: &'static Agent,
    index: usize,
    speed: f64,
}

impl Worker {
    /// Creates an agent for a project; `index` makes agents differ from each other.
    pub(super) fn new(
        client: Client,
        project: &str,
        agent: &'static Agent,
        index: usize,
        speed: f64,
    ) -> Self {
        Self {
            client,
            project: project.to_owned(),
            agent,
            index,
            speed,
        }
    }

    /// Works until every task is merged.
    pub(super) async fn work(self) -> Result<()> {
        self.pause(0.7 * self.index as f64).await;
        let mut done = 0;
        loop {
            let tasks: Vec<Value> = self.client.get(&self.path(&["tasks"])).await?;
            if tasks.iter().all(|task| task["status"] == "merged") {
                return Ok(());
            }
            match self.claim(&tasks).await? {
                Some(task) => {
                    self.do_task(task, done).await?;
                    done += 1;
                }
                None => {
                    let idle = json!({"last_activity": "Waiting for a task"});
                    self.tell_if_registered(&idle).await?;
                    self.pause(2.0).await;
                }
            }
        }
    }

    /// Claims the first task that is free. Another agent may be faster; then the next one is tried.
    async fn claim<'a>(&self, tasks: &'a [Value]) -> Result<Option<&'a Value>> {
        let free = |task: &&Value| {
            matches!(task["status"].as_str(), Some("unclaimed" | "up_next"))
                && task["blocked_by"].as_array().is_none_or(Vec::is_empty)
        };
        for task in tasks.iter().filter(free) {
            let registration = json!({"id": self.agent.name, "task_id": task["id"], "description": self.agent.description});
            match self.post(&["agents"], &registration).await {
                Ok(_) => return Ok(Some(task)),
                Err(error) if status(&error) == Some(StatusCode::CONFLICT) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn do_task(&self, task: &Value, done: usize) -> Result<()> {
        let (id, file) = (text(&task["id"])?, text(&task["owned_files"][0])?);
        let lease = json!({"agent": self.agent.name, "paths": [file], "ttl_seconds": 120, "reason": task["title"]});
        let granted = self.post(&["leases"], &lease).await?;
        for (number, (activity, progress)) in STEPS.iter().enumerate() {
            self.put(
                &["agents", self.agent.name],
                &json!({"progress": progress, "last_activity": activity}),
            )
            .await?;
            let lines = json!({"lines": [format!("{activity}: {file}")], "level": "info"});
            self.post(&["agents", self.agent.name, "logs"], &lines)
                .await?;
            // Not random, so that two demos look alike, but no two steps of neighbors take the same
            // time.
            let share = (self.index * 5 + done * 3 + number * 7) % 10;
            self.pause(STEP_SECONDS * (0.6 + share as f64 / 10.0)).await;
        }
        for lease in granted["leases"].as_array().into_iter().flatten() {
            // It may have expired by itself.
            let _ = self
                .client
                .delete(&self.path(&["leases", &lease["id"].to_string()]))
                .await;
        }
        self.put(
            &["agents", self.agent.name],
            &json!({"status": "completed", "progress": 100}),
        )
        .await?;
        self.pause(2.0).await;
        let path = self.path(&["tasks", id, "merge"]);
        self.client
            .post::<Value>(&path, &[("force", "true")], &Value::Null)
            .await?;
        Ok(())
    }

    async fn tell_if_registered(&self, patch: &Value) -> Result<()> {
        match self.put(&["agents", self.agent.name], patch).await {
            Err(error) if status(&error) == Some(StatusCode::NOT_FOUND) => Ok(()),
            other => other.map(drop),
        }
    }

    async fn pause(&self, seconds: f64) {
        pause(seconds, self.speed).await;
    }

    async fn post(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.client.post(&self.path(path), &[], body).await
    }

    async fn put(&self, path: &[&str], body: &Value) -> Result<Value> {
        self.client.put(&self.path(path), body).await
    }

    fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        ["api", "projects", self.project.as_str()]
            .into_iter()
            .chain(rest.iter().copied())
            .collect()
    }
}

fn status(error: &anyhow::Error) -> Option<StatusCode> {
    error
        .downcast_ref::<Refused>()
        .map(|refused| refused.status)
}

fn text(value: &Value) -> Result<&str> {
    value
        .as_str()
        .context("a sample task was changed from outside")
}
