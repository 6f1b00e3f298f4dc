//! Detection of servers that speak `board.v1`.
//!
//! The client requests it in the address, and sends hello on every socket. An older backend ignores
//! both. It differs from a slow server in that it sends something other than a welcome, or that its
//! snapshots have no position. A late welcome is still accepted.

use super::constants::LEGACY_SILENCE_MS;

/// Knowledge of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    #[default]
    Nothing,
    V1,
    Legacy,
}

/// Knowledge of the server and of its snapshots.
#[derive(Debug, Default)]
pub(super) struct Negotiation {
    known: Known,
    /// True if its snapshots had a position, unlike those of an older backend.
    positioned: bool,
    /// True if it has sent a message as an older backend does.
    proven: bool,
}

impl Negotiation {
    /// Records that the server has sent a welcome.
    pub(super) fn welcomed(&mut self) {
        self.known = Known::V1;
        self.proven = false;
    }

    /// Forgets what was guessed. Positions of snapshots are no guess.
    pub(super) fn forget(&mut self) {
        self.known = Known::Nothing;
        self.proven = false;
    }

    /// Records that the server is an older one.
    pub(super) fn is_older(&mut self) {
        self.known = Known::Legacy;
    }

    /// Records a message without a position on a socket without a welcome.
    pub(super) fn sent_plain(&mut self) {
        self.proven = true;
    }

    /// Records something that only a server with `board.v1` sends, on a socket without a welcome.
    pub(super) fn sent_numbered(&mut self) {
        self.proven = false;
    }

    /// Returns true if it was taken for an older one by its silence alone.
    pub(super) fn is_guess(&self) -> bool {
        self.known == Known::Legacy && !self.proven
    }

    /// Returns the time for which a guessed older server may go on without proof, after the timeout
    /// of a welcome. Its link may be half open, or its welcome lost. A server whose snapshots have
    /// positions gets no further time.
    pub(super) fn silence_allowed(&self) -> Option<i64> {
        self.is_guess().then_some(if self.positioned {
            0
        } else {
            LEGACY_SILENCE_MS
        })
    }

    /// Records whether a snapshot had a position.
    pub(super) fn snapshot(&mut self, positioned: bool) {
        self.positioned |= positioned;
    }

    /// Returns true if a new socket is to an older backend from the start.
    pub(super) fn knows_older(&self) -> bool {
        self.known == Known::Legacy && self.silence_allowed() != Some(0)
    }

    /// Returns true if the server must be an older one if it leaves hello unanswered.
    pub(super) fn takes_silence_for_older(&self) -> bool {
        self.known == Known::Nothing && !self.positioned
    }
}
