//! Rows about the trash of projects.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Project, Timestamp};

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
