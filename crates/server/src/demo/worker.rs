//! One simulated agent.
//!
//! It claims the most urgent task that is ready, works on it in steps, completes it, and has it
//! merged. Now and then it asks a question and waits for the answer, or it fails and begins again.

mod interruption;

use std::time::Duration;

use tasktree_protocol::{AgentId, AgentStatus, Maybe, ProjectId, Status, Task, TaskId};

use super::context;
use super::sample::Agent;
use crate::actor::Actor;
use crate::domain::{AgentPatch, LeaseRequest, NewLogLines, RegisterAgent};
use crate::error::{Error, Result};
use crate::service::{MergeBy, Service, WriteContext};
use interruption::Interruption;

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

/// Step before which an agent asks or fails, if it does.
const INTERRUPTED_STEP: usize = 2;

/// Duration of a lease, in seconds.
const LEASE_SECONDS: u64 = 120;

/// Waits for a number of seconds of the simulation.
pub(super) async fn pause(seconds: f64, speed: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds / speed)).await;
}

/// A simulated agent in a project.
#[derive(Debug)]
pub(super) struct Worker {
    service: Service,
    project: ProjectId,
    id: AgentId,
    agent: &'static Agent,
    index: usize,
    speed: f64,
}

impl Worker {
    /// Creates an agent for a project; `index` makes agents differ from each other.
    pub(super) fn new(
        service: &Service,
        project: &ProjectId,
        agent: &'static Agent,
        index: usize,
        speed: f64,
    ) -> Self {
        let id = AgentId::from(agent.name);
        Self {
            service: service.acting_for(service.principal().as_agent(&id)),
            project: project.clone(),
            id,
            agent,
            index,
            speed,
        }
    }

    /// Works until every task is merged.
    pub(super) async fn work(self) -> Result<()> {
        self.pause(0.7 * self.index as f64).await;
        let mut begun = 0;
        loop {
            let tasks = self.service.list_tasks(&self.project).await?.value;
            if tasks.iter().all(|task| task.status == Status::Merged) {
                return Ok(());
            }
            match self.claim(&tasks).await? {
                Some(task) => {
                    self.do_task(task, begun).await?;
                    begun += 1;
                }
                None => {
                    self.tell_if_registered(says("Waiting for a task")).await?;
                    self.pause(2.0).await;
                }
            }
        }
    }

    /// Claims the first task that is free. Another agent may be faster; then the next one is tried.
    async fn claim<'a>(&self, tasks: &'a [Task]) -> Result<Option<&'a Task>> {
        let free = |task: &&Task| {
            matches!(task.status, Status::Unclaimed | Status::UpNext) && task.blocked_by.is_empty()
        };
        for task in tasks.iter().filter(free) {
            let registration = RegisterAgent {
                id: self.id.clone(),
                task_id: Some(task.id.clone()),
                branch: None,
                description: Some(self.agent.description.to_owned()),
                run: None,
            };
            let registered =
                self.service
                    .register_agent(self.context(), &self.project, registration);
            match registered.await {
                Ok(_) => return Ok(Some(task)),
                Err(Error::Taken(_) | Error::Blocked(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn do_task(&self, task: &Task, begun: usize) -> Result<()> {
        let file = task.owned_files.first().cloned().unwrap_or_default();
        let lease = LeaseRequest {
            agent: self.id.clone(),
            paths: vec![file.clone()],
            exclusive: true,
            ttl_seconds: LEASE_SECONDS,
            reason: Some(task.title.clone()),
            soft: false,
            run: None,
        };
        let granted = self
            .service
            .grant_leases(self.context(), &self.project, lease)
            .await?;
        for (number, (activity, progress)) in STEPS.iter().enumerate() {
            let interruption = Interruption::of(self.index, begun);
            if let Some(interruption) = interruption.filter(|_| number == INTERRUPTED_STEP)
                && !self.interrupt(interruption).await?
            {
                return Ok(());
            }
            let mut patch = says(activity);
            patch.progress = Maybe::Value(*progress);
            self.tell(patch).await?;
            self.log(format!("{activity}: {file}")).await?;
            // No two steps of neighbors take the same time.
            let share = (self.index * 5 + begun * 3 + number * 7) % 10;
            self.pause(STEP_SECONDS * (0.6 + share as f64 / 10.0)).await;
        }
        for lease in granted.value {
            // It may have expired by itself.
            let released = self
                .service
                .release_lease(self.context(), &self.project, lease.id);
            let _ = released.await;
        }
        self.tell(status(AgentStatus::Done)).await?;
        self.pause(2.0).await;
        self.merge(&task.id).await
    }

    /// Marks the task as merged, as a person would.
    async fn merge(&self, task: &TaskId) -> Result<()> {
        let person = self.service.acting_for(crate::auth::Principal::server());
        let merged = person.merge_task(context(), &self.project, task, MergeBy::Hand);
        merged.await.map(drop)
    }

    async fn tell(&self, patch: AgentPatch) -> Result<()> {
        let told = self
            .service
            .update_agent(self.context(), &self.project, &self.id, patch);
        told.await.map(drop)
    }

    async fn tell_if_registered(&self, patch: AgentPatch) -> Result<()> {
        match self.tell(patch).await {
            Err(Error::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    async fn log(&self, line: String) -> Result<()> {
        let lines = NewLogLines {
            agent: Some(self.id.clone()),
            lines: vec![line],
            ..NewLogLines::default()
        };
        let stored = self
            .service
            .add_log_lines(self.context(), &self.project, lines);
        stored.await.map(drop)
    }

    fn context(&self) -> WriteContext {
        WriteContext::new(Actor::agent(&self.id))
    }

    async fn pause(&self, seconds: f64) {
        pause(seconds, self.speed).await;
    }
}

fn status(status: AgentStatus) -> AgentPatch {
    AgentPatch {
        status: Maybe::Value(status),
        ..AgentPatch::default()
    }
}

fn says(activity: &str) -> AgentPatch {
    AgentPatch {
        last_activity: Maybe::Value(activity.to_owned()),
        ..AgentPatch::default()
    }
}
