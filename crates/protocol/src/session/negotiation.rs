//! Detection of servers that speak `board.v1`.
//!
//! It is asked for in the address, and hello is said on every socket. An older backend ignores
//! both, so what tells it from a server that is slow is what it sends in the place of a welcome, or
//! that its snapshots have no position. A welcome that comes late is welcome all the same.

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
    /// Snapshots of it had a position, which those of an older backend have not.
    positioned: bool,
    /// It has sent a message as an older backend does.
    proven: bool,
}

impl Negotiation {
    /// Notes that the server has said welcome.
    pub(super) fn welcomed(&mut self) {
        self.known = Known::V1;
        self.proven = false;
    }

    /// Forgets what was guessed. Positions of snapshots are no guess.
    pub(super) fn forget(&mut self) {
        self.known = Known::Nothing;
        self.proven = false;
    }

    /// Notes that the server is an older one.
    pub(super) fn is_older(&mut self) {
        self.known = Known::Legacy;
    }

    /// Notes a message without a position on a socket without a welcome.
    pub(super) fn sent_plain(&mut self) {
        self.proven = true;
    }

    /// Notes something that only a server with `board.v1` sends, on a socket without a welcome.
    pub(super) fn sent_numbered(&mut self) {
        self.proven = false;
    }

    /// Returns whether it was taken for an older one by its silence alone.
    pub(super) fn is_guess(&self) -> bool {
        self.known == Known::Legacy && !self.proven
    }

    /// Returns for how long after the time of a welcome a server that was only guessed to be an
    /// older one may go on without a proof of it: its link may be half open, or its welcome lost.
    /// One whose snapshots have positions has had its time.
    pub(super) fn silence_allowed(&self) -> Option<i64> {
        self.is_guess().then_some(if self.positioned {
            0
        } else {
            LEGACY_SILENCE_MS
        })
    }

    /// Notes whether a snapshot had a position.
    pub(super) fn snapshot(&mut self, positioned: bool) {
        self.positioned |= positioned;
    }

    /// Returns whether a socket is one to an older backend from the start.
    pub(super) fn knows_older(&self) -> bool {
        self.known == Known::Legacy && self.silence_allowed() != Some(0)
    }

    /// Returns whether the server has to be an older one if it leaves hello unanswered.
    pub(super) fn takes_silence_for_older(&self) -> bool {
        self.known == Known::Nothing && !self.positioned
    }
}
