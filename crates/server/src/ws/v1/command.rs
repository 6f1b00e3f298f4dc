//! Commands of a client: executed by the service, answered with `sys.result`.

use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::{Command, CommandResult, StreamId, WireError};

use crate::service::{Service, WriteContext, command_project};
use crate::ws::connection::Reply;

/// Executes a command. The same id is executed once, so a client may send it again when no answer came.
pub(super) async fn execute(service: Service, id: String, command: Command) -> Reply {
    let project = command_project(&command).clone();
    let stream = StreamId::project(&project);
    let actor = service.principal().actor().clone();
    let outcome = match WriteContext::command(actor, &id, &command) {
        Ok(context) => service.execute(context, command).await,
        Err(error) => Err(error),
    };
    let (receipt, error) = match outcome {
        Ok(receipt) => (Some(receipt), None),
        Err(error) => (None, Some(error.to_wire())),
    };
    let (result, cursor) = receipt
        .map(|receipt| (receipt.value, receipt.cursor))
        .unzip();
    Reply::of(
        project,
        CommandResult {
            id,
            ok: error.is_none(),
            result,
            error,
            stream: Some(stream),
            cursor,
        },
    )
}

/// The answer to a command that came too soon after others: it changed nothing, and may be sent again.
pub(super) fn too_many(id: String, command: &Command, wait: Duration) -> CommandResult {
    let error = WireError {
        temporary: true,
        // Rounded up: who comes after that finds room.
        retry_ms: Some(crate::ws::millis(wait) + 1),
        ..WireError::new(
            code::RATE_LIMITED,
            "These are too many changes at once; send the rest a little later.",
        )
    };
    CommandResult {
        id,
        ok: false,
        result: None,
        error: Some(error),
        stream: Some(StreamId::project(command_project(command))),
        cursor: None,
    }
}
