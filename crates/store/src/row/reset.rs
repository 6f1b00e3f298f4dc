//! Rows about resets of all tasks, and their undo.

use serde::{Deserialize, Serialize};
use tasktree_protocol::task::{Evidence, Verdict};
use tasktree_protocol::{AgentId, Status, Task, TaskCard, Timestamp};

/// A reset of all tasks that reads already show while its rows are still written in batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingReset {
    /// Time of the reset.
    pub at: Timestamp,
    /// Position of its event in the project's stream.
    pub seq: u64,
    /// Actor that made the reset.
    pub actor: String,
    /// Identifier of its undo record.
    pub undo: String,
    /// First task number that is not processed yet.
    pub next: u64,
    /// Highest task number at the time of the reset.
    pub last: u64,
}

impl PendingReset {
    /// Resets a task to unclaimed, as its next version.
    pub fn apply(&self, task: &mut Task) {
        if !is_reset(task.status, task.session.as_deref()) {
            return;
        }
        if task.status != Status::Unclaimed || task.status_changed_at.is_none() {
            task.status_changed_at = Some(self.at);
        }
        task.status = Status::Unclaimed;
        task.session = None;
        task.holder = None;
        task.merge_commit = None;
        task.completed_at = None;
        task.merged_at = None;
        task.evidence = None;
        task.verdict = None;
        task.rev += 1;
        task.updated_at = self.at;
    }

    /// Resets a card to unclaimed, as its next version.
    pub fn apply_to_card(&self, card: &mut TaskCard) {
        if !is_reset(card.status, card.session.as_deref()) {
            return;
        }
        if card.status != Status::Unclaimed || card.status_changed_at.is_none() {
            card.status_changed_at = Some(self.at);
        }
        card.status = Status::Unclaimed;
        card.session = None;
        card.holder = None;
        card.merge_commit = None;
        card.verdict = None;
        card.rev += 1;
        card.updated_at = self.at;
    }
}

/// Returns true if a reset of all tasks changes the task: one that is neither merged nor idle.
fn is_reset(status: Status, session: Option<&str>) -> bool {
    status != Status::Merged && (status != Status::Unclaimed || session.is_some())
}

/// State of a task before a reset of all tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskBefore {
    /// Number of the task.
    pub number: u64,
    /// Version after the reset; a different version means that the task changed since.
    pub rev: u64,
    /// Status of the task.
    pub status: Status,
    /// Session of the task.
    pub session: Option<String>,
    /// Time of its last status change.
    pub status_changed_at: Option<Timestamp>,
    /// Time of its completion.
    pub completed_at: Option<Timestamp>,
    /// Agent that held it.
    pub holder: Option<AgentId>,
    /// Statement that the agent made when it completed the task.
    pub evidence: Option<Evidence>,
    /// Verdict on that statement.
    pub verdict: Option<Verdict>,
}

/// Record that undoes an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRow {
    /// Identifier of the record.
    pub id: String,
    /// Operation to undo: the type of its event.
    pub kind: String,
    /// Time of the operation.
    pub made_at: Timestamp,
    /// Actor of the operation.
    pub made_by: String,
    /// Key of the agents that it removed; only the store reads it.
    pub crew: Option<String>,
}
