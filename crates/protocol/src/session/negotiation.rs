//! Whether to ask for `board.v1`.
//!
//! An older backend answers the handshake without choosing a subprotocol. Some clients then open with an empty protocol; Chrome fails the
//! connection, which cannot be told from a server that is away. So after two such failures every other attempt asks for nothing. If that one
//! opens, the server is up, and attempts with `board.v1` tell which it is: a newer server that was just restarting would accept both.

use super::constants::{LEGACY_AFTER_FAILURES, LEGACY_CONFIRMATIONS, LEGACY_RECHECK_MS};
use crate::frame::SUBPROTOCOL;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    V1,
    /// When that was last found out.
    Legacy(i64),
}

/// What was found out in the attempts just made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Usual,
    /// A socket without subprotocol opened: now ask for `board.v1`.
    Confirm,
    /// `board.v1` was refused by a server that is up: now without it.
    Plain,
}

/// What an opened socket means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// `board.v1` is spoken.
    V1,
    /// The server is an older one.
    Legacy,
    /// Close it, and ask for `board.v1` at once.
    Confirm,
    /// The server speaks something that was not asked for.
    Foreign,
}

#[derive(Debug)]
pub(super) struct Negotiation {
    known: Known,
    step: Step,
    /// Attempts in a row that ended before they opened.
    failures: u32,
    /// Times that `board.v1` was refused right after a socket without it had opened.
    refusals: u32,
}

impl Negotiation {
    pub(super) fn new() -> Self {
        Self {
            known: Known::Nothing,
            step: Step::Usual,
            failures: 0,
            refusals: 0,
        }
    }

    /// Whether the next attempt asks for `board.v1`.
    pub(super) fn asks_v1(&self, now: i64) -> bool {
        match (self.step, self.known) {
            (Step::Confirm, _) | (Step::Usual, Known::V1) => true,
            (Step::Plain, _) => false,
            (Step::Usual, Known::Legacy(since)) => now.saturating_sub(since) >= LEGACY_RECHECK_MS,
            (Step::Usual, Known::Nothing) => {
                self.failures < LEGACY_AFTER_FAILURES
                    || !(self.failures - LEGACY_AFTER_FAILURES).is_multiple_of(2)
            }
        }
    }

    /// A socket opened.
    pub(super) fn opened(&mut self, asked_v1: bool, protocol: &str, now: i64) -> Opened {
        let step = std::mem::replace(&mut self.step, Step::Usual);
        self.failures = 0;
        if protocol == SUBPROTOCOL {
            self.known = Known::V1;
            return Opened::V1;
        }
        if !protocol.is_empty() {
            return Opened::Foreign;
        }
        match (asked_v1, step, self.known) {
            (true, ..) => self.known = Known::Legacy(now),
            (_, Step::Plain, known)
                if known != Known::Nothing || self.refusals >= LEGACY_CONFIRMATIONS =>
            {
                self.known = Known::Legacy(now);
            }
            (_, _, Known::Legacy(_)) => {}
            (_, step, _) => {
                if step != Step::Plain {
                    self.refusals = 0;
                }
                self.step = Step::Confirm;
                return Opened::Confirm;
            }
        }
        Opened::Legacy
    }

    /// A socket ended before it opened; `refused` where it closed by itself, which a server that is merely slow does not do.
    /// Says whether to try again at once.
    pub(super) fn failed(&mut self, asked_v1: bool, refused: bool) -> bool {
        let step = std::mem::replace(&mut self.step, Step::Usual);
        let recheck = matches!(self.known, Known::Legacy(_)) && asked_v1 && step == Step::Usual;
        if refused && (step == Step::Confirm || recheck) {
            self.refusals = self.refusals.saturating_add(1);
            self.step = Step::Plain;
            return true;
        }
        self.failures = self.failures.saturating_add(1);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_attempt_goes_without_subprotocol_after_two_failures() {
        let mut negotiation = Negotiation::new();
        let asked: Vec<bool> = (0..6)
            .map(|_| {
                let asks = negotiation.asks_v1(0);
                assert!(!negotiation.failed(asks, true));
                asks
            })
            .collect();
        assert_eq!(asked, [true, true, false, true, false, true]);
    }

    #[test]
    fn a_new_server_that_was_away_is_not_taken_for_an_old_one() {
        let mut negotiation = Negotiation::new();
        negotiation.failed(true, true);
        negotiation.failed(true, true);
        assert!(!negotiation.asks_v1(0));
        assert_eq!(negotiation.opened(false, "", 0), Opened::Confirm);
        assert!(negotiation.asks_v1(0));
        assert_eq!(negotiation.opened(true, SUBPROTOCOL, 0), Opened::V1);
        for _ in 0..9 {
            assert!(
                negotiation.asks_v1(0),
                "a server that spoke board.v1 is always asked for it"
            );
            negotiation.failed(true, true);
        }
    }

    #[test]
    fn an_old_server_is_found_out_remembered_and_asked_again_later() {
        let mut negotiation = Negotiation::new();
        negotiation.failed(true, true);
        negotiation.failed(true, true);
        for _ in 0..LEGACY_CONFIRMATIONS {
            assert_eq!(negotiation.opened(false, "", 0), Opened::Confirm);
            assert!(
                negotiation.failed(true, true),
                "the next attempt follows at once"
            );
            assert!(!negotiation.asks_v1(0));
        }
        assert_eq!(negotiation.opened(false, "", 0), Opened::Legacy);

        assert!(!negotiation.asks_v1(1_000));
        assert_eq!(negotiation.opened(false, "", 1_000), Opened::Legacy);
        assert!(negotiation.asks_v1(LEGACY_RECHECK_MS));
        assert!(negotiation.failed(true, true));
        assert_eq!(
            negotiation.opened(false, "", LEGACY_RECHECK_MS),
            Opened::Legacy
        );
        assert!(!negotiation.asks_v1(LEGACY_RECHECK_MS + 1_000));
    }

    #[test]
    fn a_server_that_is_slow_has_not_refused() {
        let mut negotiation = Negotiation::new();
        negotiation.failed(true, true);
        negotiation.failed(true, true);
        assert_eq!(negotiation.opened(false, "", 0), Opened::Confirm);
        assert!(!negotiation.failed(true, false));
        assert_eq!(negotiation.opened(false, "", 0), Opened::Confirm);
        assert_eq!(negotiation.opened(true, SUBPROTOCOL, 0), Opened::V1);
    }
}
