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

#[cfg(test)]
mod tests {
    use super::*;

    fn older() -> Negotiation {
        let mut negotiation = Negotiation::default();
        negotiation.is_older();
        negotiation
    }

    #[test]
    fn silence_alone_makes_an_older_server_a_guess_that_expires() {
        let mut negotiation = Negotiation::default();
        assert!(negotiation.takes_silence_for_older() && !negotiation.is_guess());
        negotiation.is_older();
        assert!(negotiation.is_guess() && negotiation.knows_older());
        assert_eq!(negotiation.silence_allowed(), Some(LEGACY_SILENCE_MS));
    }

    #[test]
    fn a_message_without_a_position_proves_an_older_server_and_one_with_a_position_revokes_it() {
        let mut negotiation = older();
        negotiation.sent_plain();
        assert!(!negotiation.is_guess() && negotiation.knows_older());
        assert_eq!(negotiation.silence_allowed(), None);
        negotiation.sent_numbered();
        assert!(negotiation.is_guess());
        assert_eq!(negotiation.silence_allowed(), Some(LEGACY_SILENCE_MS));
    }

    #[test]
    fn a_welcome_ends_the_belief_in_an_older_server_and_its_proof() {
        let mut negotiation = older();
        negotiation.sent_plain();
        negotiation.welcomed();
        assert!(!negotiation.knows_older());
        assert!(!negotiation.takes_silence_for_older());
        negotiation.is_older();
        assert!(negotiation.is_guess(), "the proof was of the server before");
    }

    #[test]
    fn a_guess_that_is_forgotten_can_be_made_again() {
        let mut negotiation = older();
        negotiation.sent_plain();
        negotiation.forget();
        assert!(!negotiation.knows_older());
        assert!(negotiation.takes_silence_for_older());
        negotiation.is_older();
        assert!(negotiation.is_guess());
    }

    #[test]
    fn a_server_whose_snapshots_have_positions_is_given_no_time_to_be_an_older_one() {
        let mut negotiation = older();
        negotiation.snapshot(true);
        negotiation.snapshot(false);
        assert_eq!(negotiation.silence_allowed(), Some(0));
        assert!(!negotiation.knows_older());
        negotiation.forget();
        assert!(!negotiation.takes_silence_for_older());
    }
}
