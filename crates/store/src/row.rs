//! Row types of the store that have no counterpart on the wire.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tasktree_protocol::agent::Run;
use tasktree_protocol::http::{ChangeRecord, Person, Role};
use tasktree_protocol::task::{Evidence, Verdict};
use tasktree_protocol::{
    Agent, AgentId, Cursor, Epoch, Project, ProjectId, Status, StreamId, Task, TaskCard, Timestamp,
};

/// Digest of a secret, the only form that is stored.
pub type Digest = [u8; 32];

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

/// File that the tasks of a project were imported from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// Name of its format.
    pub format: String,
    /// Path of the file, as the importing process resolved it.
    pub file: String,
    /// Names of the file's lists that are in the project.
    pub lists: Vec<String>,
    /// True until the import that created the project is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// Origin of an imported task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Identifier in the source, unique in the project.
    pub id: String,
    /// Fields as of the last import, in JSON. Fields that differ from it were changed here.
    pub state: String,
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

/// Response stored for an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Owner of the request: an actor.
    pub owner: String,
    /// Digest of the request.
    pub fingerprint: String,
    /// Response, in JSON.
    pub answer: String,
    /// Expiry time, in milliseconds since 1970.
    pub expires_at: i64,
}

/// Reason why a project state is in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrashReason {
    /// The project was removed.
    Deleted,
    /// The project was reset.
    Reset,
    /// Another state of the project was restored.
    Replaced,
}

impl TrashReason {
    /// Returns the name used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Reset => "reset",
            Self::Replaced => "replaced",
        }
    }
}

/// Trashed state of a project that can be restored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrashedProject {
    /// Key of the state.
    pub key: String,
    /// The project as it was.
    pub project: Project,
    /// Reason why it is in the trash.
    pub why: TrashReason,
    /// Time since which it is in the trash.
    pub at: Timestamp,
    /// Actor that removed or reset it.
    pub by: String,
}

/// Trashed state of a project, without the project's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrashedState {
    /// Key of the state.
    pub key: String,
    /// Reason why it is in the trash.
    pub why: TrashReason,
}

/// Changes of a project's tasks by a pending import: published, but not all written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportShare {
    /// Identifier of the import.
    pub import: String,
    /// First number that it staged, under which its changes are stored.
    pub first: u64,
    /// Actor that made the import.
    pub actor: String,
}

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

/// A named token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// Identifier, never reused.
    pub id: String,
    /// Name of its owner, unique among valid tokens.
    pub name: String,
    /// Role that it grants.
    pub role: Role,
    /// Project that it is bound to.
    pub project: Option<ProjectId>,
    /// Person who owns the token; none for an agent's.
    #[serde(default)]
    pub person: Option<Person>,
    /// Digest of its secret.
    pub digest: Digest,
    /// Time of its creation.
    pub made_at: Timestamp,
    /// Actor that created it.
    pub made_by: String,
    /// Time of its last use, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Time of its revocation.
    pub revoked_at: Option<Timestamp>,
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Digest of its cookie.
    pub digest: Digest,
    /// Credential that it was signed in with.
    pub credential: String,
    /// Expiry time, in milliseconds since 1970.
    pub expires_at: i64,
}

/// A person as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Identifier and name.
    pub person: Person,
    /// Time at which their first token was made.
    pub made_at: Timestamp,
    /// Time since which all their tokens are disabled; none if they are enabled.
    #[serde(default)]
    pub disabled_at: Option<Timestamp>,
}
