//! Tasks: the whole row, the row as a card shows it, and what a client may ask to change.

use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::{Maybe, ProjectId, TaskId, Timestamp};

/// Where a task stands; the columns of the board, in order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has taken it: TODO.
    #[default]
    Unclaimed,
    /// To be taken next: UP NEXT.
    UpNext,
    /// Somebody works on it: WORKING.
    InProgress,
    /// The work is done, on its branch: DONE.
    Completed,
    /// The work is in the main branch: MERGED.
    Merged,
}

impl Status {
    /// All of them, in the order of the board's columns.
    pub const ALL: [Self; 5] = [
        Self::Unclaimed,
        Self::UpNext,
        Self::InProgress,
        Self::Completed,
        Self::Merged,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::UpNext => "up_next",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Merged => "merged",
        }
    }

    /// The status of that name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether work that waits for a task in this status may begin.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Completed | Self::Merged)
    }
}

/// The key by which tasks are sorted everywhere: by priority, then by number.
///
/// 1 is the most urgent (1 urgent, 2 high, 3 medium, 4 low; larger numbers are later still); 0 means that nobody gave
/// one, and comes last. <https://linear.app/docs/priority> has the same scale.
pub const fn sort_key(priority: u32, number: u64) -> (u32, u64) {
    (if priority == 0 { u32::MAX } else { priority }, number)
}

/// A task with everything that is stored of it. Field order is that of the older dashboard's API; what TaskTree
/// added comes last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Identifier, never changed and never reused.
    pub id: TaskId,
    /// Number in the project, from 1, never reused.
    #[serde(rename = "task_id")]
    pub number: u64,
    /// One line that says what is to be done.
    pub title: String,
    /// What is to be done, in full (Markdown).
    pub description: Option<String>,
    /// What the agent is told (Markdown).
    pub prompt: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// The git branch of the work.
    pub branch: String,
    /// The session that works on it: an agent's identifier.
    pub session: Option<String>,
    /// Tasks that must be completed or merged before this one can be claimed.
    pub dependencies: Vec<TaskId>,
    /// See [`sort_key`].
    pub priority: u32,
    /// Files that belong to this task.
    pub owned_files: Vec<String>,
    /// Files that it shares with others.
    pub shared_files: Vec<String>,
    /// Files that it will make.
    pub creates_files: Vec<String>,
    /// In which order finished work is merged, smaller first.
    pub merge_order: i64,
    /// Files that nobody else may touch meanwhile.
    pub exclusive_files: Vec<String>,
    /// What must be set up before it starts.
    pub initialization_deps: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it became completed, if it is.
    pub completed_at: Option<Timestamp>,
    /// When it became merged, if it is.
    pub merged_at: Option<Timestamp>,
    /// Version of the row: one more with every change. 0 from backends that have none.
    #[serde(default)]
    pub rev: u64,
    /// When it entered its status.
    #[serde(default)]
    pub status_changed_at: Option<Timestamp>,
    /// Dependencies that are not done yet, at the time of the answer.
    #[serde(default)]
    pub blocked_by: Vec<TaskId>,
}

/// A task as the board's list and the event log carry it: without long texts, and without what is empty.
/// It also reads a whole [`Task`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCard {
    /// As in [`Task`], and so are the others.
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
        skip_serializing_if = "is_zero"
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
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
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
        }
    }
}

impl TaskCard {
    /// See [`sort_key`].
    pub fn sort_key(&self) -> (u32, u64) {
        sort_key(self.priority, self.number)
    }
}

/// A task to be made. Everything but the title may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as in Task")]
pub struct NewTask {
    pub title: String,
    pub description: Option<String>,
    pub prompt: Option<String>,
    pub status: Status,
    /// `task-{number}` where left out.
    pub branch: Option<String>,
    pub dependencies: Vec<TaskId>,
    pub priority: u32,
    pub owned_files: Vec<String>,
    pub shared_files: Vec<String>,
    pub creates_files: Vec<String>,
    pub merge_order: i64,
    pub exclusive_files: Vec<String>,
    pub initialization_deps: Vec<String>,
}

/// A change of a task: what is absent stays, `null` clears (and is an error where a field cannot be empty).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
}

impl TaskId {
    /// The identifier of the task with that number in that project.
    pub fn new(number: u64, project: &ProjectId) -> Self {
        Self::from(format!("{number}-{project}"))
    }
}
