//! Tasks: the complete row, the row as a card shows it, and the changes that a client may request.

pub mod fields;

use serde::{Deserialize, Serialize};

use crate::{AgentId, ProjectId, TaskId, Timestamp};
pub use fields::{NewTask, Task, TaskCard, TaskPatch};

/// State of a task; the columns of the board, in order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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

/// Hold on a task: agents are not offered it and cannot claim it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OnHold {
    /// Reason, for people.
    pub reason: String,
    /// Start of the hold.
    pub since: Timestamp,
}

/// Finding of the server on an agent's statement about a completed task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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

impl TaskCard {
    /// Returns the texts that the words of a query are searched in.
    pub fn searched_text(&self) -> String {
        let session = self.session.as_deref().unwrap_or_default();
        format!(
            "#{} {}\n{}\n{session}\n{}",
            self.number,
            self.title,
            self.branch,
            self.labels.join("\n")
        )
    }

    /// Returns the key that the card is sorted by: see [`sort_key`].
    pub fn sort_key(&self) -> (u32, u64) {
        sort_key(self.priority, self.number)
    }
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
