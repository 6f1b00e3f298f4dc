//! The rules of a day in their simplest form: what the board has to show after each event.
//!
//! Nothing here calls the server's code. Times are in milliseconds since 1970.

mod agent;
mod causes;

use std::collections::BTreeMap;

use tasktree_protocol::AgentStatus;

use crate::wire::{Said, Tool, Wire};
pub(crate) use agent::{Actor, Wait};
pub(crate) use causes::Cause;

pub(crate) const MINUTE: i64 = 60_000;

/// Silence after which an agent counts as silent: in general, with an open turn, at rest.
const SILENT: i64 = 2 * MINUTE;
const SILENT_BUSY: i64 = 15 * MINUTE;
const SILENT_RESTING: i64 = 24 * 60 * MINUTE;

/// Duration of the lease that an edit takes.
const LEASE: i64 = 15 * MINUTE;

/// Time that must pass before an edit renews the lease.
const RENEWED_AFTER: i64 = MINUTE;

/// Time without progress, and time of a ready task without an agent, that people are told about.
const NO_PROGRESS: i64 = 20 * MINUTE;
const READY: i64 = 30 * MINUTE;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Free {
        since: i64,
        /// Agent that failed at it last.
        failed: Option<String>,
    },
    Held(String),
    Done(String),
}

/// All agents and tasks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) agents: BTreeMap<String, Actor>,
    pub(crate) tasks: BTreeMap<u64, Task>,
    /// Ready task that people are told about.
    ready: Option<u64>,
}

impl Model {
    /// Adds a task.
    pub(crate) fn add_task(&mut self, now: i64) -> u64 {
        let number = self.tasks.len() as u64 + 1;
        let failed = None;
        self.tasks.insert(number, Task::Free { since: now, failed });
        number
    }

    /// Returns the first task that nobody holds.
    pub(crate) fn free_task(&self) -> Option<u64> {
        let mut tasks = self.tasks.iter();
        let free = tasks.find(|(_, task)| matches!(task, Task::Free { .. }));
        free.map(|(number, _)| *number)
    }

    /// Returns the first task whose holder is silent.
    pub(crate) fn task_of_silent(&self) -> Option<u64> {
        let agents = self.agents.values();
        let silent = agents.filter(|agent| agent.silent && agent.status.is_open());
        silent.filter_map(|agent| agent.holds).min()
    }

    /// Applies an event of a session's harness.
    pub(crate) fn hear(&mut self, name: &str, wire: &Wire, said: &Said, now: i64) {
        if let Said::Starts { .. } = said {
            self.end_turns_of_others(name, wire);
        }
        let agent = self
            .agents
            .entry(name.to_owned())
            .or_insert_with(|| Actor::new(wire, now));
        if let Some(failed) = agent.hear(wire, said, now) {
            let failed_by = Some(name.to_owned());
            let task = Task::Free {
                since: now,
                failed: failed_by,
            };
            self.tasks.insert(failed, task);
        }
        self.look_at_ready();
    }

    /// Applies an event that came after the end of its turn.
    pub(crate) fn hear_late(&mut self, name: &str, now: i64) {
        let agent = self.agent(name);
        if agent.session_open {
            agent.is_heard(now);
        }
    }

    /// A session that starts in the folder of another one of its harness may be its successor.
    fn end_turns_of_others(&mut self, name: &str, wire: &Wire) {
        for (other, agent) in &mut self.agents {
            let is_there = agent.source == wire.harness.source() && agent.folder == wire.folder;
            if other != name && is_there {
                agent.turn_open = false;
                for child in agent.children.values_mut() {
                    child.turn_open = false;
                }
            }
        }
    }

    /// Applies the claim of a free task, or of one whose holder is silent.
    pub(crate) fn claim(&mut self, name: &str, number: u64, now: i64) {
        if let Some(Task::Held(holder)) = self.tasks.get(&number).cloned() {
            let loser = self.agent(&holder);
            (loser.holds, loser.lost) = (None, true);
            loser.leases.clear();
            loser.rest(AgentStatus::Idle);
        }
        self.tasks.insert(number, Task::Held(name.to_owned()));
        let agent = self.agent(name);
        agent.is_heard(now);
        agent.rest(AgentStatus::Working);
        (agent.holds, agent.lost) = (Some(number), false);
        agent.progressed = Some(now);
        self.look_at_ready();
    }

    /// Applies the report of an agent that its task is done.
    pub(crate) fn finish(&mut self, name: &str, now: i64) {
        let agent = self.agent(name);
        agent.is_heard(now);
        agent.rest(AgentStatus::Done);
        agent.leases.clear();
        if let Some(task) = agent.holds.take() {
            self.tasks.insert(task, Task::Done(name.to_owned()));
        }
        self.look_at_ready();
    }

    /// Applies a question that an agent asks by itself.
    pub(crate) fn ask(&mut self, name: &str, now: i64) {
        let agent = self.agent(name);
        agent.is_heard(now);
        agent.waits(Wait::own(now));
        self.look_at_ready();
    }

    /// Applies the answer of a person.
    pub(crate) fn answer(&mut self, name: &str) {
        if let Some(wait) = &mut self.agent(name).wait {
            wait.answered = true;
        }
    }

    pub(crate) fn agent(&mut self, name: &str) -> &mut Actor {
        self.agents.get_mut(name).unwrap()
    }

    /// Applies the passing of time.
    pub(crate) fn sweep(&mut self, now: i64) {
        for agent in self.agents.values_mut() {
            agent.sweep(now);
        }
        self.look_at_ready();
        if self.ready.is_none() && self.has_free_agent() {
            let overdue = self
                .tasks
                .iter()
                .find(|(_, task)| matches!(task, Task::Free { since, .. } if now - since >= READY));
            self.ready = overdue.map(|(number, _)| *number);
        }
    }

    fn has_free_agent(&self) -> bool {
        self.agents.values().any(Actor::is_free)
    }

    /// Forgets the ready task once it is claimed, or nobody is free to claim it.
    fn look_at_ready(&mut self) {
        let is_ready = |number: u64| matches!(self.tasks[&number], Task::Free { .. });
        if self.ready.is_some_and(|number| !is_ready(number)) || !self.has_free_agent() {
            self.ready = None;
        }
    }

    /// Returns the next moment after `now` at which time alone changes something.
    pub(crate) fn deadline(&self, now: i64) -> Option<i64> {
        let agents = self.agents.values().flat_map(Actor::deadlines);
        let tasks = self.tasks.values().filter_map(|task| match task {
            Task::Free { since, .. } => Some(since + READY),
            Task::Held(_) | Task::Done(_) => None,
        });
        agents.chain(tasks).filter(|at| *at > now).min()
    }
}

/// Returns the file that a tool call edits.
fn edited(tool: &Tool) -> Option<&String> {
    match tool {
        Tool::Edit(path) => Some(path),
        Tool::Run(_) | Tool::Read(_) => None,
    }
}
