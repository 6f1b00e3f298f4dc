//! One simulated agent.
//!
//! It claims the most urgent task that is ready, works on it in steps, completes it, and has it
//! merged. Now and then it asks a question and waits for the answer, or it fails and begins again.

use std::time::Duration;

use tasktree_protocol::agent::WaitKind;
use tasktree_protocol::{AgentId, AgentStatus, Maybe, ProjectId, Status, Task, TaskId};

use super::context;
use super::sample::{self, Agent};
use crate::actor::Actor;
use crate::domain::{AgentPatch, LeaseRequest, NewLogLines, RegisterAgent, Wait};
use crate::error::{Error, Result};
use crate::service::{MergeBy, Service, WriteContext};

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

/// Interval at which a waiting agent looks for the answer, in seconds of the simulation.
const ASK_EVERY: f64 = 1.5;

/// Number of looks after which it decides by itself.
const ASK_TIMES: usize = 30;

/// Time for which a failed agent does nothing, in seconds of the simulation.
const FAILED_SECONDS: f64 = 12.0;

/// Duration of a lease, in seconds.
const LEASE_SECONDS: u64 = 120;

/// Waits for a number of seconds of the simulation.
pub(super) async fn pause(seconds: f64, speed: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds / speed)).await;
}

/// Interruption of the work on a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interruption {
    Question(usize),
    Permission(usize),
    Failure(usize),
}

impl Interruption {
    /// Returns the interruption of an agent's work, by the number of its earlier interruptions.
    ///
    /// Not random, so that two simulations look alike.
    fn of(agent: usize, done: usize) -> Option<Self> {
        let number = agent + done;
        match number % 7 {
            2 => Some(Self::Question(number % sample::QUESTIONS.len())),
            4 => Some(Self::Permission(number % sample::COMMANDS.len())),
            6 => Some(Self::Failure(number % sample::FAILURES.len())),
            _ => None,
        }
    }
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

    /// Asks or fails; returns false if the work on the task ends with it.
    async fn interrupt(&self, interruption: Interruption) -> Result<bool> {
        match interruption {
            Interruption::Question(number) => {
                let (text, options) = sample::QUESTIONS[number];
                self.ask(WaitKind::Question, text, options).await?;
            }
            Interruption::Permission(number) => {
                let options = ["Allow", "Deny"];
                self.ask(WaitKind::Permission, sample::COMMANDS[number], &options)
                    .await?;
            }
            Interruption::Failure(number) => {
                let mut fails = status(AgentStatus::Failed);
                fails.reason = Some(sample::FAILURES[number].to_owned());
                self.tell(fails).await?;
                self.pause(FAILED_SECONDS).await;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits for the answer of a person, but not forever.
    async fn ask(&self, kind: WaitKind, text: &str, options: &[&str]) -> Result<()> {
        let wait = Wait {
            kind,
            text: text.to_owned(),
            until: None,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            request: None,
            in_terminal: false,
        };
        let asks = AgentPatch {
            waiting_for: Maybe::Value(wait),
            ..AgentPatch::default()
        };
        self.tell(asks).await?;
        let mut heard = "Decided without an answer".to_owned();
        for _ in 0..ASK_TIMES {
            self.pause(ASK_EVERY).await;
            let beat = AgentPatch::default();
            let reported = self
                .service
                .report(self.context(), &self.project, &self.id, beat);
            if let Some(answer) = reported.await?.value.answers.pop() {
                heard = format!("Answered: {}", answer.text.unwrap_or_default());
                let read = self.service.mark_answers_read(
                    self.context(),
                    &self.project,
                    &self.id,
                    answer.id,
                );
                read.await?;
                break;
            }
        }
        let mut works = status(AgentStatus::Working);
        works.last_activity = Maybe::Value(heard);
        self.tell(works).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_agent_asks_and_fails_now_and_then() {
        for agent in 0..sample::AGENTS.len() {
            let all: Vec<_> = (0..7)
                .filter_map(|done| Interruption::of(agent, done))
                .collect();
            assert_eq!(all.len(), 3, "{all:?}");
        }
    }
}
