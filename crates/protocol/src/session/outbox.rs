//! Commands that wait to be sent or answered.

use std::collections::VecDeque;

use super::Output;
use super::constants::{OUTBOX_BYTES, OUTBOX_COMMANDS, OUTBOX_IN_FLIGHT, OUTBOX_TTL_MS};
use crate::error::code;
use crate::{ClientFrame, Command, CommandResult, ProjectId, WireError};

/// Start of a frame with a command, before its data.
const COMMAND_HEAD: &str = "{\"type\":\"sys.cmd\",\"data\":";

#[derive(Debug)]
struct Entry {
    id: String,
    project: ProjectId,
    /// Frame to send.
    text: String,
    expires: i64,
    /// True if it was sent on the current link.
    in_flight: bool,
    /// True if it was sent on any link, so that it may have taken effect.
    sent: bool,
}

/// Queue of commands, first in, first out. An entry stays until it is answered, and is resent on
/// every new link; the server executes an id once.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Outbox {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Queues a command, or reports immediately why it cannot.
    pub(super) fn push(
        &mut self,
        id: String,
        command: Command,
        max_frame: u64,
        now: i64,
        out: &mut Vec<Output>,
    ) {
        let refused = |id, error| Output::CommandDone {
            id,
            result: Err(error),
        };
        if self.entries.iter().any(|entry| entry.id == id) {
            let error = WireError::new(
                code::INVALID,
                "A command with this id is already in progress.",
            );
            return out.push(refused(id, error));
        }
        let project = command.project().clone();
        let frame = ClientFrame::Command {
            id: id.clone(),
            command,
        };
        let Ok(text) = serde_json::to_string(&frame) else {
            let error = WireError::new(code::INVALID, "The command cannot be encoded as JSON.");
            return out.push(refused(id, error));
        };
        if text.len() as u64 > max_frame {
            let error = WireError::new(
                code::INVALID,
                "The command is too long for the live connection.",
            );
            return out.push(refused(id, error));
        }
        if self.entries.len() >= OUTBOX_COMMANDS || self.bytes + text.len() > OUTBOX_BYTES {
            return out.push(refused(
                id,
                unsent("Too many changes are waiting to be sent."),
            ));
        }
        self.bytes += text.len();
        let expires = now.saturating_add(OUTBOX_TTL_MS);
        self.entries.push_back(Entry {
            id,
            project,
            text,
            expires,
            in_flight: false,
            sent: false,
        });
    }

    /// Returns the next frame to send, if any; it counts as sent.
    pub(super) fn next(&mut self) -> Option<&str> {
        if self.entries.iter().filter(|entry| entry.in_flight).count() >= OUTBOX_IN_FLIGHT {
            return None;
        }
        let entry = self.entries.iter_mut().find(|entry| !entry.in_flight)?;
        entry.in_flight = true;
        entry.sent = true;
        Some(&entry.text)
    }

    /// Returns the next command to send over HTTP, if none is in flight: its id, its project, and
    /// the frame's data. It counts as sent.
    pub(super) fn next_post(&mut self) -> Option<(String, ProjectId, String)> {
        if self.entries.iter().any(|entry| entry.in_flight) {
            return None;
        }
        let entry = self.entries.front_mut()?;
        entry.in_flight = true;
        entry.sent = true;
        let data = entry.text.strip_prefix(COMMAND_HEAD)?.strip_suffix('}')?;
        Some((entry.id.clone(), entry.project.clone(), data.to_owned()))
    }

    /// Returns true if there would be something to send on a writable socket.
    pub(super) fn wants_to_send(&self) -> bool {
        let waiting = self.entries.iter().filter(|entry| !entry.in_flight).count();
        waiting > 0 && self.entries.len() - waiting < OUTBOX_IN_FLIGHT
    }

    /// Handles the loss of the link: everything is resent on the next one.
    pub(super) fn link_lost(&mut self) {
        for entry in &mut self.entries {
            entry.in_flight = false;
        }
    }

    /// Handles the server's answer. Returns true if the command was in the queue.
    pub(super) fn answer(
        &mut self,
        id: &str,
        result: Result<CommandResult, WireError>,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(index) = self
            .entries
            .iter()
            .position(|entry| entry.sent && entry.id == id)
        else {
            return false;
        };
        if let Some(entry) = self.entries.remove(index) {
            self.bytes -= entry.text.len();
            out.push(Output::CommandDone {
                id: entry.id,
                result,
            });
        }
        true
    }

    /// Returns the time at which the next command expires.
    pub(super) fn deadline(&self) -> Option<i64> {
        self.entries.front().map(|entry| entry.expires)
    }

    /// Gives up commands that have waited too long.
    pub(super) fn expire(&mut self, now: i64, out: &mut Vec<Output>) {
        // The session's clock does not go back, so the oldest come first.
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.expires <= now)
        {
            self.give_up("The server cannot be reached.", out);
        }
    }

    /// Gives up all commands.
    pub(super) fn fail_all(&mut self, message: &str, out: &mut Vec<Output>) {
        while !self.entries.is_empty() {
            self.give_up(message, out);
        }
    }

    fn give_up(&mut self, message: &str, out: &mut Vec<Output>) {
        let Some(entry) = self.entries.pop_front() else {
            return;
        };
        self.bytes -= entry.text.len();
        let error = if entry.sent {
            unsent("The server did not respond. The change may have been made anyway.")
        } else {
            unsent(message)
        };
        out.push(Output::CommandDone {
            id: entry.id,
            result: Err(error),
        });
    }
}

/// Returns the error of a command that was not sent, or not answered.
pub(super) fn unsent(message: &str) -> WireError {
    WireError {
        temporary: true,
        ..WireError::new(code::UNSENT, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(bytes: usize) -> Command {
        Command::DeleteTask {
            project_id: "p".into(),
            task: "x".repeat(bytes).as_str().into(),
            bound: None,
        }
    }

    /// Queues a command with so many bytes of text. Returns its error if it is refused.
    fn push(outbox: &mut Outbox, id: &str, bytes: usize, max_frame: u64) -> Option<WireError> {
        let mut out = Vec::new();
        outbox.push(id.into(), command(bytes), max_frame, 0, &mut out);
        out.into_iter().find_map(|output| match output {
            Output::CommandDone { result, .. } => result.err(),
            _ => None,
        })
    }

    /// Number of bytes of a frame besides the text of [`push`], for ids of three characters.
    fn overhead() -> usize {
        let mut outbox = Outbox::default();
        push(&mut outbox, "000", 0, u64::MAX);
        outbox.next().map_or(0, str::len)
    }

    #[test]
    fn a_command_may_be_as_long_as_the_server_reads_and_no_longer() {
        let mut outbox = Outbox::default();
        let limit = overhead() as u64 + 10;
        assert_eq!(push(&mut outbox, "fit", 10, limit), None);
        let error = push(&mut outbox, "big", 11, limit);
        assert!(error.is_some_and(|error| error.code == code::INVALID));
        assert_eq!(outbox.len(), 1);
    }

    #[test]
    fn the_outbox_is_full_at_its_last_byte_and_empty_when_all_is_done() {
        let mut outbox = Outbox::default();
        for round in 0..3 {
            let bytes = OUTBOX_BYTES / 2 - overhead();
            assert_eq!(push(&mut outbox, "one", bytes, u64::MAX), None, "{round}");
            assert_eq!(push(&mut outbox, "two", bytes, u64::MAX), None, "{round}");
            let error = push(&mut outbox, "sum", 0, u64::MAX);
            let error = error
                .as_ref()
                .map(|error| (error.code.as_str(), error.temporary));
            assert_eq!(error, Some((code::UNSENT, true)), "it may be tried later");

            // One leaves the queue by an answer, the other without.
            assert!(outbox.next().is_some());
            let error = WireError::new(code::FORBIDDEN, "no");
            assert!(outbox.answer("one", Err(error), &mut Vec::new()));
            outbox.fail_all("The connection is closed.", &mut Vec::new());
            assert_eq!(outbox.len(), 0);
        }
    }

    #[test]
    fn a_command_waits_for_a_socket_only_while_another_may_be_in_flight() {
        let mut outbox = Outbox::default();
        assert!(!outbox.wants_to_send());
        for number in 0..OUTBOX_IN_FLIGHT {
            push(&mut outbox, &number.to_string(), 1, u64::MAX);
            assert!(outbox.wants_to_send());
            outbox.next();
            assert!(!outbox.wants_to_send(), "all of {number} are in flight");
        }
        push(&mut outbox, "last", 1, u64::MAX);
        assert!(!outbox.wants_to_send(), "too many are in flight");
        assert_eq!(outbox.next(), None);
        let error = WireError::new(code::FORBIDDEN, "no");
        outbox.answer("0", Err(error), &mut Vec::new());
        assert!(outbox.wants_to_send());
        outbox.link_lost();
        assert!(outbox.wants_to_send());
    }
}
