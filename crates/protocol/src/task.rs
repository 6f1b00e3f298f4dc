//! Tasks: the complete row, the row as a card shows it, and the changes that a client may request.

use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::{AgentId, Maybe, ProjectId, TaskId, Timestamp};

/// State of a task; the columns of the board, in order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not claimed: TODO.
    #[default]
    Unclaimed,
    /// To be claimed next: UP NEXT.
    UpNext,
    /// In progress: WORKING.
    InProgress,
    /// Work done, on its branch: DONE.
    Completed,
    /// Work in the main branch: MERGED.
    Merged,
}

impl Status {
    /// All statuses, in the order of the board's columns.
    pub const ALL: [Self; 5] = [
        Self::Unclaimed,
        Self::UpNext,
        Self::InProgress,
        Self::Completed,
        Self::Merged,
    ];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::UpNext => "up_next",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Merged => "merged",
        }
    }

    /// Returns the status with that name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Returns true if tasks that depend on a task in this status may begin.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Completed | Self::Merged)
    }
}

/// A hold on a task: agents are not offered it and cannot claim it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnHold {
    /// Reason, for people.
    pub reason: String,
    /// Start of the hold.
    pub since: Timestamp,
}

/// Finding of the server on an agent's statement about a completed task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The server saw work in this claim and confirmed the statement.
    Proven,
    /// The server could neither confirm nor refute the statement.
    Stated,
    /// The server refuted the statement: a commit or a branch does not exist or has no commits.
    Contradicted,
}

/// Statement of an agent about a task that it completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Commit that has the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Branch that has the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Tests that were run, and their results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<String>,
    /// Summary of the work (Markdown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Facts that the server found, each a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// End of one claim of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The agent completed the task.
    Completed,
    /// The agent gave up.
    Failed,
    /// The agent gave the task back.
    Released,
    /// A person or another agent took the task.
    Taken,
    /// The agent is no longer registered.
    Removed,
    /// The task was deleted.
    Deleted,
    /// All tasks were reset.
    Reset,
}

/// One claim of a task, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Generation of the claim.
    pub generation: u64,
    /// Holder of the claim.
    pub agent: AgentId,
    /// Start of the claim.
    pub started_at: Timestamp,
    /// End of the claim; none while it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Outcome of the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<AttemptOutcome>,
    /// Reason of a failure, or the name of the one who took the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Evidence of a completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Finding of the server on the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// Returns the key by which tasks are sorted everywhere: by priority, then by number.
///
/// 1 is the most urgent (1 urgent, 2 high, 3 medium, 4 low; larger numbers come later). 0 means no
/// priority, and comes last. <https://linear.app/docs/priority> has the same scale.
pub const fn sort_key(priority: u32, number: u64) -> (u32, u64) {
    (if priority == 0 { u32::MAX } else { priority }, number)
}

/// A task with all of its stored fields. Field order is that of the older dashboard's API; fields
/// that TaskTree added come last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Identifier, never changed and never reused.
    pub id: TaskId,
    /// Number in the project, from 1, never reused.
    #[serde(rename = "task_id")]
    pub number: u64,
    /// Summary of the work to do, in one line.
    pub title: String,
    /// Full description of the work (Markdown).
    pub description: Option<String>,
    /// Prompt for the agent (Markdown).
    pub prompt: Option<String>,
    /// Current status.
    pub status: Status,
    /// Git branch of the work.
    pub branch: String,
    /// Session that works on the task, or that completed it: an agent's identifier, or a label that
    /// names no agent.
    pub session: Option<String>,
    /// Tasks that must be completed or merged before this one can be claimed.
    pub dependencies: Vec<TaskId>,
    /// Priority: see [`sort_key`].
    pub priority: u32,
    /// Files that belong to this task.
    pub owned_files: Vec<String>,
    /// Files that the task shares with others.
    pub shared_files: Vec<String>,
    /// Files that the task will create.
    pub creates_files: Vec<String>,
    /// Rank by which finished work is merged, smaller first.
    pub merge_order: i64,
    /// Files that no other task may touch meanwhile.
    pub exclusive_files: Vec<String>,
    /// Setup that must be done before the task starts.
    pub initialization_deps: Vec<String>,
    /// Time when it was created.
    pub created_at: Timestamp,
    /// Time when it was last changed.
    pub updated_at: Timestamp,
    /// Time when it became completed; none if it is not.
    pub completed_at: Option<Timestamp>,
    /// Time when it became merged; none if it is not.
    pub merged_at: Option<Timestamp>,
    /// Version of the row, incremented with every change; 0 from backends that have none.
    #[serde(default)]
    pub rev: u64,
    /// Time when it entered its status.
    #[serde(default)]
    pub status_changed_at: Option<Timestamp>,
    /// Dependencies that were not done yet when the answer was made.
    #[serde(default)]
    pub blocked_by: Vec<TaskId>,
    /// Agent that holds the task. A task in progress without an agent lacks this field.
    #[serde(default)]
    pub holder: Option<AgentId>,
    /// Number of its newest claim; 0 before the first, and incremented with each claim.
    #[serde(default)]
    pub generation: u64,
    /// Hold on the task; set while nobody is to work on it.
    #[serde(default)]
    pub on_hold: Option<OnHold>,
    /// Task that this one is a part of.
    #[serde(default)]
    pub parent: Option<TaskId>,
    /// Statement of the agent that completed it.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Finding of the server on the evidence.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Full id of the commit in the main branch that has the work. Absent if the task is not
    /// merged, or was marked as merged by hand.
    #[serde(default)]
    pub merge_commit: Option<String>,
    /// Identifier of the person responsible for the task, whoever works on it.
    #[serde(default)]
    pub assignee: Option<String>,
}

/// A task as the board's list and the event log carry it: without long texts and empty fields. It
/// can also be read from a whole [`Task`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCard {
    /// Identifier, as in [`Task`]; so are the other fields.
    pub id: TaskId,
    #[serde(rename = "task_id")]
    #[expect(missing_docs, reason = "as in Task")]
    pub number: u64,
    #[expect(missing_docs, reason = "as in Task")]
    pub title: String,
    #[expect(missing_docs, reason = "as in Task")]
    pub status: Status,
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "String::is_empty"
    )]
    #[expect(missing_docs, reason = "as in Task")]
    pub branch: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub session: Option<String>,
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[expect(missing_docs, reason = "as in Task")]
    pub dependencies: Vec<TaskId>,
    #[serde(
        default,
        deserialize_with = "lenient::priority",
        skip_serializing_if = "is_default"
    )]
    #[expect(missing_docs, reason = "as in Task")]
    pub priority: u32,
    #[expect(missing_docs, reason = "as in Task")]
    pub updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub status_changed_at: Option<Timestamp>,
    #[serde(default)]
    #[expect(missing_docs, reason = "as in Task")]
    pub rev: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub holder: Option<AgentId>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[expect(missing_docs, reason = "as in Task")]
    pub generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub on_hold: Option<OnHold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub parent: Option<TaskId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub verdict: Option<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub merge_commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[expect(missing_docs, reason = "as in Task")]
    pub assignee: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<&Task> for TaskCard {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id.clone(),
            number: task.number,
            title: task.title.clone(),
            status: task.status,
            branch: task.branch.clone(),
            session: task.session.clone(),
            dependencies: task.dependencies.clone(),
            priority: task.priority,
            updated_at: task.updated_at,
            status_changed_at: task.status_changed_at,
            rev: task.rev,
            holder: task.holder.clone(),
            generation: task.generation,
            on_hold: task.on_hold.clone(),
            parent: task.parent.clone(),
            verdict: task.verdict,
            merge_commit: task.merge_commit.clone(),
            assignee: task.assignee.clone(),
        }
    }
}

impl TaskCard {
    /// Returns the key that the card is sorted by: see [`sort_key`].
    pub fn sort_key(&self) -> (u32, u64) {
        sort_key(self.priority, self.number)
    }
}

/// A task to create. All fields but the title may be omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as in Task")]
pub struct NewTask {
    pub title: String,
    pub description: Option<String>,
    pub prompt: Option<String>,
    pub status: Status,
    /// Branch; `task-{number}` if omitted.
    pub branch: Option<String>,
    pub dependencies: Vec<TaskId>,
    pub priority: u32,
    pub owned_files: Vec<String>,
    pub shared_files: Vec<String>,
    pub creates_files: Vec<String>,
    pub merge_order: i64,
    pub exclusive_files: Vec<String>,
    pub initialization_deps: Vec<String>,
    pub parent: Option<TaskId>,
    /// Reason for a hold, if nobody is to work on it.
    pub on_hold: Option<String>,
}

/// A change of a task: absent fields stay, `null` clears (and is an error if a field cannot be
/// empty).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as in Task")]
pub struct TaskPatch {
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub title: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub description: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub prompt: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub status: Maybe<Status>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub branch: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub session: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub dependencies: Maybe<Vec<TaskId>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub priority: Maybe<u32>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub owned_files: Maybe<Vec<String>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub shared_files: Maybe<Vec<String>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub creates_files: Maybe<Vec<String>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub merge_order: Maybe<i64>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub exclusive_files: Maybe<Vec<String>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub initialization_deps: Maybe<Vec<String>>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub parent: Maybe<TaskId>,
    /// Reason for a hold; `null` ends the hold.
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub on_hold: Maybe<String>,
    #[serde(skip_serializing_if = "Maybe::is_absent")]
    pub assignee: Maybe<String>,
}

impl TaskId {
    /// Returns the identifier of the task with that number in that project.
    pub fn new(number: u64, project: &ProjectId) -> Self {
        Self::from(format!("{number}-{project}"))
    }

    /// Returns the number of the task, which `3-alpha` and `3` both name.
    pub fn number_in(&self, project: &ProjectId) -> Option<u64> {
        let text = self.as_str();
        let digits = match text.strip_suffix(project.as_str()) {
            Some(rest) if rest.ends_with('-') => &rest[..rest.len() - 1],
            _ => text,
        };
        // Each task has one spelling: not "+3", not "003".
        let number: u64 = digits.parse().ok().filter(|number| *number > 0)?;
        (number.to_string() == digits).then_some(number)
    }
}
