//! What a client asks the server to do over the socket: `sys.cmd`, answered by `sys.result`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::read_row;
use crate::{AgentId, Cursor, Epoch, NewTask, ProjectId, StreamId, TaskId, TaskPatch, WireError};

/// A command, as `{"op": .., "args": ..}`. With an id it is executed once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "args", rename_all = "snake_case")]
pub enum Command {
    /// Make a task. Result: the task.
    CreateTask {
        /// Where.
        project_id: ProjectId,
        /// What.
        task: NewTask,
    },
    /// Change fields of a task. Result: the task.
    UpdateTask {
        /// Where.
        project_id: ProjectId,
        /// Which.
        task: TaskId,
        /// What changes.
        patch: TaskPatch,
        /// Refuse with `conflict` unless the row has this version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        if_rev: Option<u64>,
        /// Take the task from this agent, which holds it. Without it, a change of the status or
        /// the session of a task that an agent works on is refused with `claimed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        take: Option<AgentId>,
    },
    /// Remove a task. It can be brought back.
    DeleteTask {
        /// Where.
        project_id: ProjectId,
        /// Which.
        task: TaskId,
    },
    /// Bring a removed task back. Result: the task.
    RestoreTask {
        /// Where.
        project_id: ProjectId,
        /// Which.
        task: TaskId,
    },
}

impl Command {
    /// Returns the project that the command is about.
    pub fn project(&self) -> &ProjectId {
        match self {
            Self::CreateTask { project_id, .. }
            | Self::UpdateTask { project_id, .. }
            | Self::DeleteTask { project_id, .. }
            | Self::RestoreTask { project_id, .. } => project_id,
        }
    }
}

/// The answer to a command, `data` of `sys.result`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatResult")]
pub struct CommandResult {
    /// The command's id.
    pub id: String,
    /// Whether it took effect.
    pub ok: bool,
    /// What it gives, where it took effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<WireError>,
    /// The stream that it wrote to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamId>,
    /// That stream's position with the command's events in it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

impl CommandResult {
    /// [`CommandResult::result`] as a row of its type, where there is one and it can be read.
    pub fn row<T: DeserializeOwned>(&self) -> Option<T> {
        read_row(self.result.as_ref()?)
    }
}

/// A [`CommandResult`] with the fields of the cursor among the others. To read a flattened field, serde first copies the whole
/// object into a form of its own, and has a second reader for that.
#[derive(Deserialize)]
struct FlatResult {
    id: String,
    ok: bool,
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
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
