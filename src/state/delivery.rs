//! Delivery of one change to the server: in order, once, and merged with concurrent changes by
//! others.

use tasktree_protocol::error::code;
use tasktree_protocol::unsent::{is_made, may_repeat};
use tasktree_protocol::{Command, Task, WireError};

use gloo_timers::future::TimeoutFuture;

use super::core::Core;
use super::send::{Answer, PAUSE_MS, discarded, handed_over, is_legacy, send_once};
use super::unsent::Ticket;
use crate::browser::clock::server_span;

/// Maximum number of merges with newer versions, when another field of the row has changed
/// meanwhile.
const MERGE_ATTEMPTS: u32 = 4;
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

/// Separator between an intent and the number of a merge, in the id of a command.
const MERGE_MARK: char = '~';

/// Returns the intent of a command id.
pub(super) fn intent_of(command: &str) -> &str {
    command.split(MERGE_MARK).next().unwrap_or(command)
}
