//! Commands of the socket: the same operations as REST, each executed once however often it is sent.

use serde_json::Value;
use tasktree_protocol::{Command, StreamId};

use super::{Receipt, Service, WriteContext};
use crate::auth::Permission;
use crate::domain::task::{self, TaskEdit};
use crate::error::Result;

impl Service {
    /// Executes a command. The caller puts [`super::IdempotencyKey::command`] in the context. The value is the task, or `null`.
    pub async fn execute(&self, context: WriteContext, command: Command) -> Result<Receipt<Value>> {
        let stream = StreamId::project(command_project(&command));
        self.write(
            context,
            needs(&command),
            stream,
            move |work| match command {
                Command::CreateTask { project_id, task } => Ok(serde_json::to_value(
                    task::create(work, &project_id, task)?,
                )?),
                Command::UpdateTask {
                    project_id,
                    task,
                    patch,
                    if_rev,
                    take,
                } => {
                    let edit = TaskEdit {
                        patch,
                        if_rev,
                        take,
                        ..TaskEdit::default()
                    };
                    let task = task::update(work, &project_id, &task, edit)?;
                    Ok(serde_json::to_value(task)?)
                }
                Command::DeleteTask { project_id, task } => {
                    task::delete(work, &project_id, &task, None)?;
                    Ok(Value::Null)
                }
                Command::RestoreTask { project_id, task } => Ok(serde_json::to_value(
                    task::restore(work, &project_id, &task)?,
                )?),
            },
        )
        .await
    }
}

/// What a command needs: the same as its operation of REST.
fn needs(command: &Command) -> Permission {
    match command {
        Command::CreateTask { .. } | Command::UpdateTask { .. } => Permission::Change,
        Command::DeleteTask { .. } | Command::RestoreTask { .. } => Permission::Destroy,
    }
}

/// The project that a command is about.
pub fn command_project(command: &Command) -> &tasktree_protocol::ProjectId {
    match command {
        Command::CreateTask { project_id, .. }
        | Command::UpdateTask { project_id, .. }
        | Command::DeleteTask { project_id, .. }
        | Command::RestoreTask { project_id, .. } => project_id,
    }
}
