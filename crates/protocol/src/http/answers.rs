//! Answers that many operations share, and the commands of the socket over HTTP.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Task;

/// Result of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Done {
    /// Sentence for a person.
    pub message: String,
}

/// Error with a one-sentence detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refused {
    /// Sentence that says what was wrong and what to do.
    pub detail: String,
}

/// Error of a change that was made for an older version of the row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// Sentence that says what was wrong and what to do.
    pub detail: String,
    /// Current row.
    pub current: Task,
}

/// Error about a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RepositoryRefused {
    /// Sentence that says what was wrong and what to do.
    pub detail: String,
    /// As in `MergeRefusal`, or `branch_missing`, `main_missing`, `not_a_repository`,
    /// `dubious_ownership`, `inside_repository`.
    #[serde(default)]
    pub code: Option<String>,
    /// Files that the refusal is about.
    #[serde(default)]
    pub files: Option<Vec<String>>,
    /// Number of all such files.
    #[serde(default)]
    pub files_total: Option<u64>,
    /// Commit that the refusal is about, in full.
    #[serde(default)]
    pub commit: Option<String>,
}

/// Command of `board.v1`, as in `sys.cmd`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SocketCommand {
    /// Id chosen by the client. The command is executed once, however often it is sent.
    pub id: String,
    /// `create_task`, `update_task`, `delete_task` or `restore_task`.
    pub op: String,
    /// Arguments of the operation.
    pub args: Value,
}
