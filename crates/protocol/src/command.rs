//! Commands that a client sends over the socket: `sys.cmd`, answered by `sys.result`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::read_row;
use crate::{AgentId, Cursor, Epoch, NewTask, ProjectId, StreamId, TaskId, TaskPatch, WireError};

/// Conditions under which a command is executed: its author saw that life of the project, and was
/// signed in by that credential. Where one does not hold, the command is refused, however it got to
/// the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Refuse with `replaced` unless the project's stream has this epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// Refuse with `other_caller` unless the request comes by this credential; [`NO_CREDENTIAL`]
    /// where nobody signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
}

/// The credential of callers on a server on which nobody signs in.
pub const NO_CREDENTIAL: &str = "-";

/// A command, as `{"op": .., "args": ..}`. With an id, it is executed once, however often it is
/// sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "args", rename_all = "snake_case")]
pub enum Command {
    /// Creates a task. Result: the task.
    CreateTask {
        /// Project to create the task in.
        project_id: ProjectId,
        /// Task to create.
        task: NewTask,
        /// Conditions under which it is executed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<Bound>,
    },
    /// Changes fields of a task. Result: the task.
    UpdateTask {
        /// Project of the task.
        project_id: ProjectId,
        /// Task to change.
        task: TaskId,
        /// Changes to apply.
        patch: TaskPatch,
        /// Version that the row must have; otherwise the command is refused with `conflict`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        if_rev: Option<u64>,
        /// Agent that holds the task and loses it. Without it, changing the status or the session
        /// of a task that an agent works on is refused with `claimed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        take: Option<AgentId>,
        /// Conditions under which it is executed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<Bound>,
    },
    /// Moves a task to the trash, from which it can be restored.
    DeleteTask {
        /// Project of the task.
        project_id: ProjectId,
        /// Task to delete.
        task: TaskId,
        /// Conditions under which it is executed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<Bound>,
    },
    /// Restores a deleted task. Result: the task.
    RestoreTask {
        /// Project of the task.
        project_id: ProjectId,
        /// Task to restore.
        task: TaskId,
        /// Conditions under which it is executed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bound: Option<Bound>,
    },
}

impl Command {
    /// Returns the conditions under which the command is executed, to be set.
    pub fn bound_mut(&mut self) -> &mut Option<Bound> {
        match self {
            Self::CreateTask { bound, .. }
            | Self::UpdateTask { bound, .. }
            | Self::DeleteTask { bound, .. }
            | Self::RestoreTask { bound, .. } => bound,
        }
    }

    /// Returns the conditions under which the command is executed.
    pub fn bound(&self) -> Option<&Bound> {
        match self {
            Self::CreateTask { bound, .. }
            | Self::UpdateTask { bound, .. }
            | Self::DeleteTask { bound, .. }
            | Self::RestoreTask { bound, .. } => bound.as_ref(),
        }
    }

    /// Returns the project that the command is about.
    pub fn project(&self) -> &ProjectId {
        match self {
            Self::CreateTask { project_id, .. }
            | Self::UpdateTask { project_id, .. }
            | Self::DeleteTask { project_id, .. }
            | Self::RestoreTask { project_id, .. } => project_id,
        }
    }

    /// Returns the task that the command changes; a new one has none yet.
    pub fn task(&self) -> Option<&TaskId> {
        match self {
            Self::CreateTask { .. } => None,
            Self::UpdateTask { task, .. }
            | Self::DeleteTask { task, .. }
            | Self::RestoreTask { task, .. } => Some(task),
        }
    }
}

/// Result of a command, `data` of `sys.result`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatResult")]
pub struct CommandResult {
    /// Id of the command.
    pub id: String,
    /// True if the command took effect.
    pub ok: bool,
    /// Value that the command returned, if it took effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Error, if the command did not take effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
    /// Stream that the command wrote to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamId>,
    /// Position of that stream after the command's events.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

impl CommandResult {
    /// Parses [`CommandResult::result`] as a row of type `T`. Returns `None` if there is no row or
    /// it cannot be read.
    pub fn row<T: DeserializeOwned>(&self) -> Option<T> {
        read_row(self.result.as_ref()?)
    }
}

/// Result of a command, as in `sys.result`.
//
// A `CommandResult` with the cursor's fields inlined. To read a flattened field, serde first copies
// the whole object into an intermediate form, which needs a second deserializer.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub(crate) struct FlatResult {
    id: String,
    ok: bool,
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Value>))]
    error: Option<WireError>,
    #[serde(default)]
    stream: Option<StreamId>,
    #[serde(default)]
    epoch: Option<Epoch>,
    #[serde(default)]
    seq: Option<u64>,
}

impl From<FlatResult> for CommandResult {
    fn from(flat: FlatResult) -> Self {
        Self {
            id: flat.id,
            ok: flat.ok,
            result: flat.result,
            error: flat.error,
            stream: flat.stream,
            cursor: flat
                .epoch
                .zip(flat.seq)
                .map(|(epoch, seq)| Cursor { epoch, seq }),
        }
    }
}
