//! Sending a command once, and the codes of changes that were not sent.

use leptos::prelude::GetUntracked;
use tasktree_protocol::error::code;
use tasktree_protocol::session::ConnectionState;
use tasktree_protocol::{Command, Task, TaskCard, WireError};

use crate::api;
use crate::net::WebSocketHandle;

/// Largest command that is sent over the WebSocket, in bytes of JSON. The server reads frames of at
/// most 64 KiB; longer texts go by HTTP, which takes more.
const COMMAND_LIMIT: usize = 48 * 1024;
/// Pause before a change is retried that could not be sent although connected, in milliseconds.
pub(super) const PAUSE_MS: u32 = 1_000;

/// Row of the server after the change, if the server sends it.
pub(super) type Answer = Result<Option<TaskCard>, WireError>;

/// Sends a command once: over the live connection, or by HTTP if it is too long or the server takes
/// no commands.
pub(super) async fn send_once(socket: WebSocketHandle, id: &str, command: &Command) -> Answer {
    if !is_legacy(socket) && !is_too_long(command) {
        match socket.send_with_id(id.into(), command.clone()).await {
            // It waited for a connection, and the new one leads to an older server.
            Err(error) if error.code == code::UNSENT && is_legacy(socket) => {}
            answer => return answer.map(|result| result.row()),
        }
    }
    let project = command.project();
    let once = api::Once {
        id,
        bound: command.bound(),
    };
    match command {
        Command::CreateTask { task, .. } if is_legacy(socket) => {
            card_from(api::create_task_by_query(project, task).await)
        }
        Command::CreateTask { task, .. } => card_from(api::create_task(project, task, once).await),
        Command::UpdateTask {
            task,
            patch,
            if_rev,
            ..
        } => card_from(api::update_task(project, task, patch, *if_rev, once).await),
        Command::DeleteTask { task, .. } => {
            api::delete_task(project, task, once).await?;
            Ok(None)
        }
        Command::RestoreTask { task, .. } => {
            card_from(api::restore_task(project, task, once).await)
        }
    }
}

pub(super) fn is_legacy(socket: WebSocketHandle) -> bool {
    socket.state.try_get_untracked() == Some(ConnectionState::Legacy)
}

/// Code of a move that was undone before it was sent. It never goes over the wire.
pub const UNDONE: &str = "undone";

/// Code of a change that was discarded before it was sent. It never goes over the wire.
pub const DISCARDED: &str = "discarded";

pub(super) fn discarded() -> WireError {
    WireError::new(DISCARDED, "It was discarded before it was sent.")
}

/// Code of a change that another page of the browser has taken over, which makes or reports it. It
/// never goes over the wire.
pub const HANDED_OVER: &str = "handed_over";

pub(super) fn handed_over() -> WireError {
    WireError::new(
        HANDED_OVER,
        "Another page of this browser has taken it over.",
    )
}

fn card_from(answer: Result<Task, api::ApiError>) -> Answer {
    Ok(Some(TaskCard::from(&answer?)))
}

/// Returns true if a command is too long for a frame.
fn is_too_long(command: &Command) -> bool {
    serde_json::to_string(command).is_ok_and(|json| json.len() > COMMAND_LIMIT)
}
