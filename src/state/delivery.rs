//! Delivery of one change to the server: in order, once, and merged with concurrent changes by
//! others.

use tasktree_protocol::error::code;
use tasktree_protocol::session::ConnectionState;
use tasktree_protocol::unsent::{is_made, may_repeat};
use tasktree_protocol::{Command, Task, TaskCard, WireError};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::GetUntracked;

use super::core::Core;
use super::unsent::Ticket;
use crate::api;
use crate::browser::clock::server_span;
use crate::net::WebSocketHandle;

/// Largest command that is sent over the WebSocket, in bytes of JSON. The server reads frames of at
/// most 64 KiB; longer texts go by HTTP, which takes more.
const COMMAND_LIMIT: usize = 48 * 1024;
/// Maximum number of merges with newer versions, when another field of the row has changed
/// meanwhile.
const MERGE_ATTEMPTS: u32 = 4;
/// Pause before a change is retried that could not be sent although connected, in milliseconds.
pub(super) const PAUSE_MS: u32 = 1_000;

/// Row of the server after the change, if the server sends it.
pub(super) type Answer = Result<Option<TaskCard>, WireError>;

/// Attempt to have a command executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// No earlier attempt can have taken effect.
    First,
    /// An earlier attempt may have taken effect: its answer was lost.
    Repeated,
}

/// Rule that decides if a change can still be made on a newer version of the row. The same fields
/// must not have changed to something else.
pub(super) type IsMergeable = Box<dyn Fn(&Task, Attempt) -> bool>;

impl Core {
    /// Sends a change until there is an answer, however often the connection is lost. An update is
    /// based on the version that it names; if that is outdated, on the newest one, if
    /// `is_mergeable` allows it.
    pub(super) async fn deliver(
        &self,
        ticket: &Ticket,
        intent: &str,
        mut command: Command,
        is_mergeable: &IsMergeable,
    ) -> Answer {
        let mut id = intent.to_owned();
        let mut merges = 0;
        // Time of the first attempt, and its error.
        let mut before: Option<(i64, WireError)> = None;
        loop {
            if !self.unsent.turn(ticket).await {
                return Err(discarded());
            }
            let first_ms = before
                .as_ref()
                .map_or_else(|| server_span().earliest_ms, |(first_ms, _)| *first_ms);
            // It may have waited for a connection longer than the server remembers its id.
            if let Some((_, error)) = before.take_if(|_| !self.may_repeat(&command, first_ms)) {
                return Err(error);
            }
            if !self.unsent.note_attempt(intent, &id, &command) {
                return Err(handed_over());
            }
            let attempt = match before {
                Some(_) => Attempt::Repeated,
                None => Attempt::First,
            };
            match send_once(self.socket, &id, &command).await {
                Err(error) if error.code == code::UNSENT => {
                    before = Some((first_ms, error));
                    TimeoutFuture::new(PAUSE_MS).await;
                }
                // The former attempt made the change, and only its answer was lost: another attempt
                // would make it twice.
                Err(error)
                    if error.code == code::CONFLICT
                        && attempt == Attempt::Repeated
                        && is_made(&command, &error) =>
                {
                    return Ok(error.current_row());
                }
                Err(error) if error.code == code::CONFLICT && merges < MERGE_ATTEMPTS => {
                    let Command::UpdateTask { if_rev, .. } = &mut command else {
                        return Err(error);
                    };
                    match error
                        .current_row::<Task>()
                        .filter(|task| is_mergeable(task, attempt))
                    {
                        Some(task) => *if_rev = Some(task.rev),
                        None => return Err(error),
                    }
                    // A new id, since the server remembers the former command with its answer.
                    merges += 1;
                    id = format!("{intent}{MERGE_MARK}{merges}");
                }
                // The former attempt deleted the task, and only its answer was lost.
                Err(error)
                    if error.code == code::NOT_FOUND
                        && attempt == Attempt::Repeated
                        && matches!(command, Command::DeleteTask { .. }) =>
                {
                    return Ok(None);
                }
                answer => return answer,
            }
        }
    }

    /// Returns true if a command that may have taken effect can safely be sent again. Older servers
    /// know no ids, and a second update or deletion changes nothing there.
    fn may_repeat(&self, command: &Command, first_ms: i64) -> bool {
        match command {
            Command::UpdateTask { .. } | Command::DeleteTask { .. } if self.is_legacy() => true,
            _ => !self.is_legacy() && may_repeat(command, first_ms, server_span()),
        }
    }

    pub(super) fn is_legacy(&self) -> bool {
        is_legacy(self.socket)
    }
}

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

/// Separator between an intent and the number of a merge, in the id of a command.
const MERGE_MARK: char = '~';

/// Returns the intent of a command id.
pub(super) fn intent_of(command: &str) -> &str {
    command.split(MERGE_MARK).next().unwrap_or(command)
}

/// Code of a change that was discarded before it was sent. It never goes over the wire.
pub const DISCARDED: &str = "discarded";

fn discarded() -> WireError {
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
