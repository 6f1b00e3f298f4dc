//! Events of one session that wait for their turn.

use std::collections::VecDeque;

use tasktree_protocol::{AgentId, ProjectId, TaskId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Outcome;
use super::sessions::Key;
use crate::auth::Principal;
use crate::domain::hook::{Hook, WaitOf};
use crate::error::Result;

/// Event that waits to be applied.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) principal: Principal,
    pub(super) project: Option<ProjectId>,
    pub(super) agent: Option<AgentId>,
    pub(super) task: Option<TaskId>,
    pub(super) machine: String,
    pub(super) git_dir: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) decides: bool,
    pub(super) hook: Hook,
    /// Number of received events that this one stands for.
    pub(super) events: u64,
    pub(super) arrived: i64,
    pub(super) wanted: Wanted,
}

/// Result that the sender of an event waits for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Nothing: it has its answer.
    Nothing,
    /// The outcome, possibly with the context of the agent.
    Outcome {
        briefs: bool,
        answer: oneshot::Sender<Result<Outcome>>,
    },
}

impl Wanted {
    pub(super) fn briefs(&self) -> bool {
        matches!(self, Self::Outcome { briefs: true, .. })
    }
}

impl Item {
    /// Returns true for an event that may be delayed, folded or dropped.
    pub(super) fn is_activity(&self) -> bool {
        matches!(self.wanted, Wanted::Nothing) && self.hook.is_activity()
    }
}

/// Events of one session, in their order.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) items: VecDeque<Item>,
    /// True while an event of the session is applied.
    pub(super) busy: bool,
    /// Time before which activity alone is not written again.
    pub(super) rests_until: Option<Instant>,
    /// Origin of the wait in which the session is. The activity that ends it is written at once.
    pub(super) wait: Option<WaitOf>,
}

impl Line {
    /// Adds an event; returns false if it became one with the last.
    pub(super) fn add(&mut self, item: Item) -> bool {
        let last = self.items.back_mut().filter(|last| last.is_activity());
        let Some(last) = last.filter(|_| item.is_activity()) else {
            self.items.push_back(item);
            return true;
        };
        let Item { hook, .. } = item;
        match last.hook.fold(hook) {
            Ok(()) => {
                last.arrived = item.arrived;
                last.events += item.events;
                last.branch = item.branch.or(last.branch.take());
                false
            }
            Err(hook) => {
                self.items.push_back(Item {
                    hook: *hook,
                    ..item
                });
                true
            }
        }
    }

    /// Returns the time at which the next event is due; none if there is none to begin with.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if self.busy || self.items.is_empty() {
            return None;
        }
        let may_rest = self.items.iter().all(|item| {
            let ends_wait = |wait: &WaitOf| wait.is_ended_by(&item.hook);
            item.is_activity() && !self.wait.as_ref().is_some_and(ends_wait)
        });
        Some(match self.rests_until {
            Some(until) if may_rest => until,
            _ => now,
        })
    }
}
