//! Comments, answers and undos.

use serde::{Deserialize, Serialize};

use crate::{AgentId, TaskId, Timestamp};

/// Text of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewComment {
    /// Markdown, at most 16 KiB.
    pub body: String,
}

/// Answer to be given to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewAnswer {
    /// At most 8 KiB.
    pub text: String,
}

/// Operation that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Undoable {
    /// Id of the undo.
    pub id: String,
    /// Type of the event that would be undone.
    pub kind: String,
    /// Time of the operation.
    pub made_at: Timestamp,
    /// Actor of the operation.
    pub made_by: String,
}

/// Result of an undo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Undone {
    /// Tasks that were restored.
    pub tasks: Vec<TaskId>,
    /// Agents that are registered again.
    pub agents: Vec<AgentId>,
    /// Items that stay as they are, each with the reason in a sentence.
    pub skipped: Vec<String>,
}
