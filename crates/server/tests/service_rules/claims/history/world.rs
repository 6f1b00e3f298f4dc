//! The server under test, with the memory of its agents.

use std::sync::Arc;

use tasktree_protocol::{AgentId, TaskId};
use tasktree_server::error::Error;
use tasktree_server::limits::Limits;
use tasktree_server::store::SqliteStore;

use super::attention::MINUTES;
use super::snapshot::State;
use super::steps::{Of, ROOM, Step};
use crate::core_support::Core;

/// Claim that an agent began.
#[derive(Clone, Debug, PartialEq)]
struct Claim {
    agent: AgentId,
    task: TaskId,
    generation: u64,
}

/// Claim that a report names.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) generation: Option<u64>,
    pub(super) task: Option<TaskId>,
}

pub(super) struct World {
    pub(super) core: Core,
    pub(super) commands: u64,
    claims: Vec<Claim>,
}

pub(super) fn name(agent: u8) -> String {
    format!("agent-{agent}")
}

pub(super) fn id(agent: u8) -> AgentId {
    name(agent).into()
}

pub(super) fn task_id(number: u8) -> TaskId {
    number.to_string().into()
}

impl World {
    pub(super) async fn new() -> Self {
        let limits = Limits {
            agents_per_project: ROOM,
            no_progress_minutes: MINUTES,
            ready_minutes: MINUTES,
            ..Limits::default()
        };
        let core = Core::with(Arc::new(SqliteStore::in_memory().unwrap()), limits).await;
        for _ in 0..3 {
            core.task("Task").await;
        }
        Self {
            core,
            commands: 0,
            claims: Vec::new(),
        }
    }

    /// Performs a step. `before` is the state that the caller saw.
    pub(super) async fn perform(&mut self, step: &Step, before: &State) -> Result<(), Error> {
        match step {
            Step::Agent(agent, deed) => self.by_agent(*agent, deed, before).await,
            Step::Person(door, deed) => self.by_person(*door, deed, before).await,
            Step::Silence(millis) => {
                self.core.clock.advance(*millis);
                self.core.service.sweep().await
            }
        }
    }

    /// Remembers the present claims, for reports that come late.
    pub(super) fn remember(&mut self, state: &State) {
        for agent in state.agents() {
            let claim = agent.held_task().zip(agent.generation);
            let Some((task, generation)) = claim else {
                continue;
            };
            let agent = agent.id.clone();
            let claim = Claim {
                agent,
                task,
                generation,
            };
            if !self.claims.contains(&claim) {
                self.claims.push(claim);
            }
        }
    }

    /// Returns the claim that a report of an agent names.
    pub(super) fn named(&self, agent: u8, of: Of, before: &State) -> Named {
        let id = id(agent);
        match of {
            Of::Unnamed => Named::default(),
            Of::Current => Named {
                generation: before.agent(&id).and_then(|agent| agent.generation),
                task: None,
            },
            Of::Number(generation) => Named {
                generation: Some(generation),
                task: None,
            },
            Of::Past(back) => {
                let mut own = self.claims.iter().rev().filter(|claim| claim.agent == id);
                let found = own.clone().nth(back.into()).or(own.next_back());
                Named {
                    generation: Some(found.map_or(99, |claim| claim.generation)),
                    task: found.map(|claim| claim.task.clone()),
                }
            }
        }
    }
}
