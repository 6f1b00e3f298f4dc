//! Comments that people and agents write on tasks.

use serde::{Deserialize, Serialize};

use crate::{TaskId, Timestamp};

/// Comment on a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Comment {
    /// Number of the comment, unique on its server.
    pub id: u64,
    /// Task that the comment is on.
    pub task_id: TaskId,
    /// Actor who wrote it: `human:..` or `agent:..`.
    pub author: String,
    /// Text in Markdown; empty once the comment is deleted.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub body: String,
    /// Time when it was written.
    pub made_at: Timestamp,
    /// Time when its author last changed it.
    #[serde(default)]
    pub edited_at: Option<Timestamp>,
    /// Time when it was deleted. The row stays, so that the thread still reads in order.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
}
