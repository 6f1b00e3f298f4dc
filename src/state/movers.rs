//! The moves and removals of the last minutes with their actors, from the events received.
//!
//! They name the person or agent in a refusal without a request to the server.

use std::collections::VecDeque;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use tasktree_protocol::TaskId;

use super::board::BoardState;
use super::pick_up::Overtaken;
use crate::api::{self, HistoryEntry};

/// Maximum number of moves that are remembered: some minutes with twenty agents at work. Older ones
/// are looked up on the server.
const REMEMBERED_MOVES: usize = 256;
/// Longest time that a refusal waits for the server to name the actor, in milliseconds.
const HISTORY_WAIT_MS: u32 = 2_000;

/// Last moves by others, oldest first.
#[derive(Debug, Default)]
pub(super) struct Movers(VecDeque<(TaskId, String)>);

impl Movers {
    /// Records that somebody moved or removed a task.
    pub(super) fn note(&mut self, task: TaskId, actor: String) {
        if self.0.len() >= REMEMBERED_MOVES {
            self.0.pop_front();
        }
        self.0.push_back((task, actor));
    }

    /// Returns the actor that moved or removed a task last, if it is remembered.
    pub(super) fn last(&self, task: &TaskId) -> Option<&str> {
        let (_, actor) = self.0.iter().rev().find(|(moved, _)| moved == task)?;
        Some(actor)
    }
}

impl BoardState {
    /// Returns the actor of that change: `human:..`, `agent:..` or `system:..`; empty if it is
    /// unknown.
    pub async fn who_did(&self, task: &TaskId, what: &Overtaken) -> String {
        let Some(core) = self.core() else {
            return String::new();
        };
        let known = core.movers.borrow().last(task).map(str::to_owned);
        if let Some(actor) = known {
            return actor;
        }
        let history = Box::pin(api::task_history(&core.project, task));
        let history = match select(history, TimeoutFuture::new(HISTORY_WAIT_MS)).await {
            Either::Left((history, _)) => history.unwrap_or_default(),
            Either::Right(_) => Vec::new(),
        };
        let entry = history.into_iter().find(|entry| tells_of(entry, what));
        entry.and_then(|entry| entry.actor).unwrap_or_default()
    }
}

/// Returns true if the entry of a task's history is about that change.
fn tells_of(entry: &HistoryEntry, what: &Overtaken) -> bool {
    let has_changed = |field: &str| entry.changed.iter().any(|changed| changed == field);
    match what {
        Overtaken::Gone => entry.kind == "task_deleted",
        Overtaken::Moved { to } => entry.status == Some(*to),
        Overtaken::Claimed { .. } | Overtaken::Released => has_changed("session"),
        Overtaken::Reprioritized => has_changed("priority"),
    }
}
