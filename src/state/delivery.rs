//! Delivery of one change to the server: in order, once, and merged with concurrent changes by
//! others.

use tasktree_protocol::error::code;
use tasktree_protocol::session::ConnectionState;
use tasktree_protocol::{Command, Task, TaskCard, WireError};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::GetUntracked;

use super::core::Core;
use super::unsent::Ticket;
use crate::api;
use crate::time::now_ms;

/// Largest command that is sent over the WebSocket, in bytes of JSON. The server reads frames of at
/// most 64 KiB; longer texts go by HTTP, which takes more.
const COMMAND_LIMIT: usize = 48 * 1024;
/// Maximum number of merges with newer versions, when another field of the row has changed
/// meanwhile.
const MERGE_ATTEMPTS: u32 = 4;
/// Pause before a change is retried that could not be sent although connected, in milliseconds.
const PAUSE_MS: u32 = 1_000;
/// Time in which the server recognizes a repeated command, in milliseconds: 5 minutes, less a
/// margin for clocks and transport.
const REMEMBERED_MS: i64 = 4 * 60 * 1_000;

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
            if !ticket.turn().await {
                return Err(discarded());
            }
            let first_ms = before
                .as_ref()
                .map_or_else(now_ms, |(first_ms, _)| *first_ms);
            // It may have waited for a connection longer than the server remembers its id.
            if let Some((_, error)) = before.take_if(|_| !self.may_repeat(&command, first_ms)) {
                return Err(error);
            }
            let attempt = match before {
                Some(_) => Attempt::Repeated,
                None => Attempt::First,
            };
            match self.attempt(&id, &command).await {
                Err(error) if error.code == code::UNSENT => {
                    before = Some((first_ms, error));
                    TimeoutFuture::new(PAUSE_MS).await;
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

    /// Returns true if a command that may have taken effect can safely be sent again. An update
    /// names the version that it is based on; any other command the server recognizes by its id for
    /// a while.
    fn may_repeat(&self, command: &Command, first_ms: i64) -> bool {
        match command {
            Command::UpdateTask { .. } | Command::DeleteTask { .. } => true,
            Command::CreateTask { .. } | Command::RestoreTask { .. } => {
                !self.is_legacy() && now_ms() - first_ms < REMEMBERED_MS
            }
        }
    }

    /// Sends a command once: over the live connection, or by HTTP if it is too long or the server
    /// takes no commands.
    async fn attempt(&self, id: &str, command: &Command) -> Answer {
        if !self.is_legacy() && !is_too_long(command) {
            match self.socket.send_with_id(id.into(), command.clone()).await {
                // It waited for a connection, and the new one leads to an older server.
                Err(error) if error.code == code::UNSENT && self.is_legacy() => {}
                answer => return answer.map(|result| result.row()),
            }
        }
        let project = &self.project;
        match command {
            Command::CreateTask { task, .. } if self.is_legacy() => {
                card_from(api::create_task_by_query(project, task).await)
            }
            Command::CreateTask { task, .. } => {
                card_from(api::create_task(project, task, id).await)
            }
            Command::UpdateTask {
                task,
                patch,
                if_rev,
                ..
            } => card_from(api::update_task(project, task, patch, *if_rev).await),
            Command::DeleteTask { task, .. } => {
                api::delete_task(project, task).await?;
                Ok(None)
            }
            Command::RestoreTask { task, .. } => card_from(api::restore_task(project, task).await),
        }
    }

    pub(super) fn is_legacy(&self) -> bool {
        self.socket.state.try_get_untracked() == Some(ConnectionState::Legacy)
    }
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

fn card_from(answer: Result<Task, api::ApiError>) -> Answer {
    Ok(Some(TaskCard::from(&answer?)))
}

/// Returns true if a command is too long for a frame.
fn is_too_long(command: &Command) -> bool {
    serde_json::to_string(command).is_ok_and(|json| json.len() > COMMAND_LIMIT)
}
