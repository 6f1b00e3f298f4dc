//! Client commands: executed by the service, answered with `sys.result`.

use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::{Command, CommandResult, StreamId, WireError};

use crate::service::Service;
use crate::ws::connection::Reply;

/// Executes a command and returns its `sys.result`.
pub(super) async fn execute(service: Service, id: String, command: Command) -> Reply {
    let project = command.project().clone();
    Reply::of(project, service.command(id, command, None).await)
}

/// Returns the result of a command beyond the rate limit. It changed nothing and may be retried.
pub(super) fn too_many(id: String, command: &Command, wait: Duration) -> CommandResult {
    let error = WireError {
        temporary: true,
        // Rounded up: a retry after that time is within the limit.
        retry_ms: Some(crate::ws::millis(wait) + 1),
        ..WireError::new(
            code::RATE_LIMITED,
            "Too many changes at once; send the rest later.",
        )
    };
    CommandResult {
        id,
        ok: false,
        result: None,
        error: Some(error),
        stream: Some(StreamId::project(command.project())),
        cursor: None,
    }
}
