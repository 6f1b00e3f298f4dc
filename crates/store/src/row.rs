//! Row types of the store that have no counterpart on the wire.

mod access;
mod attention;
mod import;
mod reset;
mod trash;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Run;
use tasktree_protocol::http::{ChangeRecord, HookSeen};
use tasktree_protocol::{
    Agent, AgentId, Cursor, Epoch, ProjectId, Status, StreamId, Task, Timestamp,
};

pub use access::{AnswerRow, CredentialRow, Digest, PersonRow, SessionRow};
pub use attention::{AttentionMarks, AttentionRow, OverdueTask};
pub use import::{ImportShare, ImportSource, Source};
pub use reset::{PendingReset, TaskBefore, UndoRow};
pub use trash::{TrashReason, TrashedProject, TrashedState};

/// A task with its fields that are not on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTask {
    /// Task as it is on the wire.
    pub task: Task,
    /// Time of its removal, if removed.
    pub deleted_at: Option<Timestamp>,
    /// Source that it was imported from.
    pub source: Option<Source>,
}

/// Fields of a task that its dependents need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// Number of the task.
    pub number: u64,
    /// Status of the task.
    pub status: Status,
    /// True if the task was removed.
    pub removed: bool,
    /// True if the task has dependencies of its own.
    pub depends: bool,
}

/// Location of a task's row, with the fields that order tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskPlace {
    /// Internal row id of the store.
    pub row: i64,
    /// Number of the task.
    pub number: u64,
    /// Priority of the task.
    pub priority: u32,
    /// Status of the task.
    pub status: Status,
}

/// Number and version of a project's task dependencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DependencyCount {
    /// Number of dependencies.
    pub count: u64,
    /// Version that rises with every change of a dependency.
    pub version: u64,
}

/// An agent with its fields that are not on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAgent {
    /// Agent as it is on the wire.
    pub agent: Agent,
    /// True if its silence was reported.
    pub silent: bool,
    /// Owner: `credential:` and the identifier of an agent token, or the actor who registered the
    /// agent.
    ///
    /// None if unknown.
    pub registered_by: Option<String>,
    /// Kinds of work seen since it claimed its task.
    pub signs: Signs,
    /// Number of the task that was taken from it, so that a late report can be refused.
    ///
    /// Set until it claims a task or registers again.
    pub lost_task: Option<u64>,
}

/// State of a project's repository at the start of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimBase {
    /// Commit of the main branch; none if there was no main branch.
    pub main: Option<String>,
    /// Name of the task's branch.
    pub branch: String,
    /// Commit of the task's branch; none if it did not exist.
    pub tip: Option<String>,
}

/// Set of the kinds of work that the server saw an agent do during a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs(pub u8);

impl Signs {
    /// Log lines.
    pub const LOG: Self = Self(1);
    /// Reported progress or activity.
    pub const PROGRESS: Self = Self(2);
    /// Leases on files.
    pub const LEASE: Self = Self(4);

    /// Returns the union of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true if nothing was seen.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A stream's position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// Epoch of the stream.
    pub epoch: Epoch,
    /// Position of its last event; 0 before the first.
    pub seq: u64,
    /// Position before the first kept event of this epoch.
    pub kept_after: u64,
}

impl StreamRow {
    /// Returns the position as a cursor of the wire protocol.
    pub fn cursor(&self) -> Cursor {
        Cursor::new(self.epoch.clone(), self.seq)
    }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Stream of the event.
    pub stream: StreamId,
    /// Position of the event.
    pub seq: u64,
    /// Type of the event.
    pub kind: String,
    /// Message as `board.v1` carries it, in JSON.
    pub message: Bytes,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRun {
    /// Project of the run; none if it was removed or reset.
    pub project: Option<ProjectId>,
    /// Agent of the run.
    pub agent: AgentId,
    /// The run after its end.
    pub run: Run,
}

/// Last event of a harness in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenIn {
    /// Project; none for events that belong to no project.
    pub project: Option<ProjectId>,
    /// The event.
    pub seen: HookSeen,
}

/// Filter and page of a query for changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Only changes of this subject.
    pub subject: Option<String>,
    /// Only changes by this actor.
    pub actor: Option<String>,
    /// Only changes at or after this time, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Only changes with a lower number.
    pub before: Option<u64>,
    /// Maximum number of changes to return.
    pub limit: usize,
}

/// A page of changes, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePage {
    /// Changes of the page.
    pub changes: Vec<ChangeRecord>,
    /// Number before which the next page starts; none on the last page.
    pub next: Option<u64>,
}

/// Filter for questions; a field that is not set matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionFilter {
    /// True for open questions, false for closed ones.
    pub open: Option<bool>,
    /// Agent that asked.
    pub agent: Option<AgentId>,
    /// Number of the task that the agent held when it asked.
    pub task: Option<u64>,
}
