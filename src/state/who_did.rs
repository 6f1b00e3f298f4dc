//! The actor of a change: from the events received, or from the history of the task.

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use tasktree_protocol::TaskId;

use super::board::BoardState;
use super::pick_up::Overtaken;
use crate::api::{self, HistorySummary};

/// Longest time that a refusal waits for the server to name the actor, in milliseconds.
const HISTORY_WAIT_MS: u32 = 2_000;

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
        let history = Box::pin(api::history_summary(&core.project, task));
        let history = match select(history, TimeoutFuture::new(HISTORY_WAIT_MS)).await {
            Either::Left((history, _)) => history.unwrap_or_default(),
            Either::Right(_) => Vec::new(),
        };
        let entry = history.into_iter().find(|entry| tells_of(entry, what));
        entry.and_then(|entry| entry.actor).unwrap_or_default()
    }
}

/// Returns true if the entry of a task's history is about that change.
fn tells_of(entry: &HistorySummary, what: &Overtaken) -> bool {
    let has_changed = |field: &str| entry.changed.iter().any(|changed| changed == field);
    match what {
        Overtaken::Gone => entry.kind == "task_deleted",
        Overtaken::Moved { to } => entry.status == Some(*to),
        Overtaken::Claimed { .. } | Overtaken::Released => has_changed("session"),
        Overtaken::Reprioritized => has_changed("priority"),
    }
}
