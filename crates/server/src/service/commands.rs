//! Commands of the socket: the same operations as REST, each executed once however often it is
//! sent.

use serde_json::Value;
use tasktree_protocol::{Command, CommandResult, StreamId};

use super::{Holding, Receipt, Service, WriteContext};
use crate::auth::Permission;
use crate::domain::task::{self, TaskEdit};
use crate::domain::validate;
use crate::error::Result;

impl Service {
    /// Executes a command from a socket or from HTTP, and returns its `sys.result`.
    ///
    /// The same id is executed once, so a client may send it again when no answer came.
    pub async fn command(
        &self,
        id: String,
        command: Command,
        holds: Option<Holding>,
    ) -> CommandResult {
        let stream = StreamId::project(command.project());
        let actor = self.principal().actor().clone();
        let context = self
            .check_command_id(&id)
            .and_then(|()| WriteContext::command(actor, &id, &command));
        let outcome = match context {
            Ok(context) => {
                self.execute(WriteContext { holds, ..context }, command)
                    .await
            }
            Err(error) => Err(error),
        };
        let (receipt, error) = match outcome {
            Ok(receipt) => (Some(receipt), None),
            Err(error) => (None, Some(error.to_wire())),
        };
        let (result, cursor) = receipt
            .map(|receipt| (receipt.value, receipt.cursor))
            .unzip();
        CommandResult {
            id,
            ok: error.is_none(),
            result,
            error,
            stream: Some(stream),
            cursor,
        }
    }

    /// Refuses the id of a command that is not one line, or longer than the limit `key_chars`.
    ///
    /// # Errors
    /// If the id is empty, too long, or has a control character.
    pub fn check_command_id(&self, id: &str) -> Result<()> {
        validate::check_command_id(id, self.limits())
    }

    /// Executes a command. The caller puts [`super::IdempotencyKey::command`] in the context. The
    /// value is the task, or `null`.
    pub async fn execute(&self, context: WriteContext, command: Command) -> Result<Receipt<Value>> {
        let stream = StreamId::project(command.project());
        self.write(
            context,
            needs(&command),
            stream,
            move |change| match command {
                Command::CreateTask {
                    project_id, task, ..
                } => Ok(serde_json::to_value(task::create(
                    change,
                    &project_id,
                    task,
                )?)?),
                Command::UpdateTask {
                    project_id,
                    task,
                    patch,
                    if_rev,
                    take,
                    bound: _,
                } => {
                    let edit = TaskEdit {
                        patch,
                        if_rev,
                        take,
                        ..TaskEdit::default()
                    };
                    let task = task::update(change, &project_id, &task, edit)?;
                    Ok(serde_json::to_value(task)?)
                }
                Command::DeleteTask {
                    project_id, task, ..
                } => {
                    task::delete(change, &project_id, &task, None)?;
                    Ok(Value::Null)
                }
                Command::RestoreTask {
                    project_id, task, ..
                } => Ok(serde_json::to_value(task::restore(
                    change,
                    &project_id,
                    &task,
                )?)?),
            },
        )
        .await
    }
}

/// Returns the permission that a command needs: the same as its REST operation.
fn needs(command: &Command) -> Permission {
    match command {
        Command::CreateTask { .. } | Command::UpdateTask { .. } => Permission::Change,
        Command::DeleteTask { .. } | Command::RestoreTask { .. } => Permission::Destroy,
    }
}
