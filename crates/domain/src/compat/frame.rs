//! Messages of the socket as scripts for the older dashboard read them.

use bytes::Bytes;
use serde::Serialize;
use tasktree_protocol::{ProjectId, Task, Timestamp};

use crate::error::Result;

/// Message about a task, with the whole task.
#[derive(Serialize)]
struct TaskFrame<'a> {
    r#type: &'a str,
    project_id: Option<&'a ProjectId>,
    data: &'a Task,
    timestamp: Timestamp,
}

/// Encodes a message about a task.
pub(crate) fn of_task(
    kind: &str,
    project: Option<&ProjectId>,
    task: &Task,
    timestamp: Timestamp,
) -> Result<Bytes> {
    let frame = TaskFrame {
        r#type: kind,
        project_id: project,
        data: task,
        timestamp,
    };
    Ok(serde_json::to_vec(&frame)?.into())
}
