//! Commands of a client: executed by the service, answered with `sys.result`.

use tasktree_protocol::{Command, CommandResult, StreamId};

use crate::actor::Actor;
use crate::service::{IdempotencyKey, Service, WriteContext, command_project};

/// Executes a command. The same id is executed once, so a client may send it again when no answer came.
pub(super) async fn execute(service: Service, id: String, command: Command) -> CommandResult {
    let stream = StreamId::project(command_project(&command));
    let outcome = match serde_json::to_vec(&command) {
        Ok(encoded) => {
            let context = WriteContext {
                actor: Actor::local(),
                idempotency: Some(IdempotencyKey::command(&id, &encoded)),
                cause: Some(id.clone()),
            };
            service.execute(context, command).await
        }
        Err(error) => Err(error.into()),
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
