//! Rows as the store gives and takes them, where the wire has no type for them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasktree_protocol::agent::Run;
use tasktree_protocol::event::Level;
use tasktree_protocol::task::{Evidence, Verdict};
use tasktree_protocol::{
    Agent, AgentId, Cursor, Epoch, Project, ProjectId, Status, StreamId, Task, TaskCard, TaskId,
    Timestamp,
};

use crate::auth::{Digest, Person, Role};

/// A task with what the wire does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTask {
    /// The row.
    pub task: Task,
    /// When it was removed, if it is.
    pub deleted_at: Option<Timestamp>,
    /// What it was imported from.
    pub source: Option<Source>,
}

/// A task as those that depend on it see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// Its number.
    pub number: u64,
    /// Where it stands.
    pub status: Status,
    /// Whether it was removed.
    pub removed: bool,
    /// Whether it depends on others itself.
    pub depends: bool,
}

/// Where a task is, and what orders it among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskPlace {
    /// The store's own name of the row.
    pub row: i64,
    /// Its number.
    pub number: u64,
    /// Its priority.
    pub priority: u32,
    /// Where it stands.
    pub status: Status,
}

/// The dependencies of a project's tasks, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DependencyCount {
    /// How many there are.
    pub count: u64,
    /// Rises with every change of one.
    pub version: u64,
}

/// File that the tasks of a project were imported from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSource {
    /// Name of its format.
    pub format: String,
    /// The file with its folder, as whoever imported it resolved it.
    pub file: String,
    /// Names of the lists of the file that are in the project.
    pub lists: Vec<String>,
    /// True until the import that made the project is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// Where an imported task comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The identifier that it has there, unique in its project.
    pub id: String,
    /// What the last import said of it, in JSON: what differs from that was changed here.
    pub state: String,
}

/// An agent with what the wire does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAgent {
    /// The row.
    pub agent: Agent,
    /// Whether its silence was told.
    pub silent: bool,
    /// Whose it is: `credential:` and the identifier of an agents' token, or the actor who registered it. None where that is not known.
    pub registered_by: Option<String>,
    /// Work that was seen since it claimed its task.
    pub signs: Signs,
    /// Number of the task that was taken from it. Set until it claims a task or registers again, so
    /// that a late report of it can be refused.
    pub lost_task: Option<u64>,
}

/// State of a project's repository at the start of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimBase {
    /// Commit of the main branch; none where there was no main branch.
    pub main: Option<String>,
    /// Name of the task's branch.
    pub branch: String,
    /// Commit of that branch; none where it did not exist.
    pub tip: Option<String>,
}

/// Work of an agent that the server saw during a claim, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs(pub u8);

impl Signs {
    /// Log lines.
    pub const LOG: Self = Self(1);
    /// Progress or activity that it reported.
    pub const PROGRESS: Self = Self(2);
    /// Leases on files.
    pub const LEASE: Self = Self(4);

    /// Returns the union of both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true where nothing was seen.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A field before and after a change. Texts over 4 KB are given by length and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// Value before the change; null where there was none.
    pub before: Value,
    /// Value after the change.
    pub after: Value,
    /// Edits that lead from the text after the change to the one before it, where that one is not
    /// given in full. Empty too where they would be too long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<TextEdit>,
}

/// Text that stood in a place of a text before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// Start of the place in the text after the change, in bytes.
    pub at: usize,
    /// Length of what stands there after the change, in bytes.
    pub bytes: usize,
    /// Text that stood there before.
    pub text: String,
}

impl TextEdit {
    /// Returns the text before a change, of the text after it; none where that is another text.
    pub fn apply(edits: &[Self], after: &str) -> Option<String> {
        let (mut before, mut done) = (String::new(), 0);
        for edit in edits {
            before.push_str(after.get(done..edit.at)?);
            before.push_str(&edit.text);
            done = edit.at.checked_add(edit.bytes)?;
        }
        before.push_str(after.get(done..)?);
        Some(before)
    }
}

/// A line that an agent or the system wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it came.
    pub at: Timestamp,
    /// Who wrote it; none for the project itself.
    pub agent: Option<AgentId>,
    /// About which task.
    pub task_id: Option<TaskId>,
    /// How serious.
    pub level: Level,
    /// The line.
    pub line: String,
}

/// A stream's position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// The life of the stream.
    pub epoch: Epoch,
    /// Its last event; 0 before the first.
    pub seq: u64,
    /// The position before the first event that is kept of this epoch.
    pub kept_after: u64,
}

impl StreamRow {
    /// The position as the wire has it.
    pub fn cursor(&self) -> Cursor {
        Cursor::new(self.epoch.clone(), self.seq)
    }
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its stream.
    pub stream: StreamId,
    /// Its position.
    pub seq: u64,
    /// Its type.
    pub kind: String,
    /// The message as `board.v1` carries it, in JSON.
    pub message: Bytes,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRun {
    /// Its project; none where that is removed or reset.
    pub project: Option<ProjectId>,
    /// Its agent.
    pub agent: AgentId,
    /// The run after its end.
    pub run: Run,
}

/// The record of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Number in the project, which rises with every change.
    pub id: u64,
    /// Subject of the change: `task:7`, `agent:ada`, `lease:3`, `question:5`, `message:9`,
    /// `comment:2`, `project`.
    pub subject: String,
    /// The change itself.
    #[serde(flatten)]
    pub entry: HistoryEntry,
}

/// Selection of changes.
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
    /// Most changes to return.
    pub limit: usize,
}

/// Changes, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes.
    pub changes: Vec<Change>,
    /// Number before which the next page begins; none where nothing is left.
    pub next: Option<u64>,
}

/// A change, whatever its subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Position of the project's stream with the change.
    pub seq: u64,
    /// Type of the event, or of the change where it has none of its own.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub timestamp: Timestamp,
    /// Who.
    pub actor: Option<String>,
    /// Which fields changed.
    pub changed: Vec<String>,
    /// The status after it, where the event carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Generation of the newest claim of the task, or of the agent's claim, at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// Id of the command that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Values before and after, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// The answer that is kept under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Whose request it was: an actor.
    pub owner: String,
    /// A digest of the request.
    pub fingerprint: String,
    /// The answer, in JSON.
    pub answer: String,
    /// When it may be forgotten: milliseconds since 1970.
    pub expires_at: i64,
}

/// Why a project's state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptWhy {
    /// The project was removed.
    Deleted,
    /// It was reset.
    Reset,
    /// Another state of it was brought back.
    Replaced,
}

/// A state of a project that can be brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptProject {
    /// Names the state.
    pub key: String,
    /// The project as it was.
    pub project: Project,
    /// Why it is kept.
    pub why: KeptWhy,
    /// Since when.
    pub at: Timestamp,
    /// Who removed or reset it: an actor.
    pub by: String,
}

/// A kept state of a project without the project's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptState {
    /// Names the state.
    pub key: String,
    /// Reason for which it is kept.
    pub why: KeptWhy,
}

/// A reset of all tasks that shows already, while the rows are still written one part after the
/// other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingReset {
    /// Time of the reset.
    pub at: Timestamp,
    /// Position of its event in the project's stream.
    pub seq: u64,
    /// Its actor.
    pub actor: String,
    /// Names what undoes it.
    pub undo: String,
    /// The first number that is not looked at yet.
    pub next: u64,
    /// The highest number that there was.
    pub last: u64,
}

impl PendingReset {
    /// Puts a task back to unclaimed as the reset does, in its next version.
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

    /// The same for a card.
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

/// Returns true for a task that a reset of all tasks changes: one that is neither merged nor at
/// rest.
fn is_reset(status: Status, session: Option<&str>) -> bool {
    status != Status::Merged && (status != Status::Unclaimed || session.is_some())
}

/// A task before a reset of all tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskBefore {
    /// Its number.
    pub number: u64,
    /// Its version after the reset: with another one it has changed since.
    pub rev: u64,
    /// Its status.
    pub status: Status,
    /// Its session.
    pub session: Option<String>,
    /// Time of its last change of status.
    pub status_changed_at: Option<Timestamp>,
    /// Time at which it was completed.
    pub completed_at: Option<Timestamp>,
    /// Its holder.
    pub holder: Option<AgentId>,
    /// The statement of its agent when it completed it.
    pub evidence: Option<Evidence>,
    /// The verdict on that.
    pub verdict: Option<Verdict>,
}

/// What undoes an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRow {
    /// Names it.
    pub id: String,
    /// What is undone: the type of its event.
    pub kind: String,
    /// When that was done.
    pub made_at: Timestamp,
    /// By whom: an actor.
    pub made_by: String,
    /// Key of the agents that it removed; nobody but the store reads it.
    pub crew: Option<String>,
}

/// Questions that are wanted; each field that is not set admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionFilter {
    /// True for questions that stand, false for those that do not.
    pub open: Option<bool>,
    /// Agent that asked.
    pub agent: Option<AgentId>,
    /// Number of the task that the agent held when it asked.
    pub task: Option<u64>,
}

/// A named token. Its secret is not in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// Which one; never given twice.
    pub id: String,
    /// Whose it is: unique among those that hold.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The project that it is bound to.
    pub project: Option<ProjectId>,
    /// Person whose token it is; none for an agent's.
    #[serde(default)]
    pub person: Option<Person>,
    /// The digest of its secret.
    pub digest: Digest,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom: an actor.
    pub made_by: String,
    /// When it was last used, to a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of its cookie.
    pub digest: Digest,
    /// The credential that it was signed in with.
    pub credential: String,
    /// Until when, in milliseconds since 1970.
    pub expires_at: i64,
}

/// A person as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Identifier and name.
    pub person: Person,
    /// Time at which the first token of theirs was made.
    pub made_at: Timestamp,
    /// Time since which none of their tokens lets anybody in; none where they do.
    #[serde(default)]
    pub disabled_at: Option<Timestamp>,
}
