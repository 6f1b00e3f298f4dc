//! Rate limit for wrong tokens, by client address: a client that goes on guessing has to wait.
//!
//! Secrets that were made here cannot be guessed, so a right one always passes. The limit protects
//! a secret that a person chose (`--token`):
//!
//! - An address gets the answer "wrong" [`WRONG`] times within [`WINDOW`], and is told to wait
//!   after that.
//! - A right secret passes meanwhile: a client with an old secret locks out nobody who shares its
//!   address. A secret that was found wrong lately is not compared again, and costs nothing.
//! - The number of different secrets that are compared is bounded: [`GUESSES`] at once, then one
//!   more every [`ONE_GUESS_AFTER`]. Beyond that not even a right one passes, since it could be a
//!   guess.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::address::network;
use crate::limits::WRONG_TOKENS_A_MINUTE;
use crate::store::Digest;

/// Answers "wrong" that an address gets within the window.
const WRONG: usize = WRONG_TOKENS_A_MINUTE;

/// Window in which wrong answers are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// Different wrong secrets of an address that are compared at once. As many are remembered, and
/// cost nothing when they come again.
const GUESSES: u32 = 100;

/// Time after which one more secret is compared: ten a minute.
const ONE_GUESS_AFTER: Duration = Duration::from_secs(6);

/// Addresses that are remembered. One more displaces the one that was quiet the longest.
const ADDRESSES: usize = 10_000;

/// Wrong secrets of all addresses.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<IpAddr, Address>>);

/// The wrong secrets of one address.
#[derive(Debug)]
struct Address {
    /// Times of the answers "wrong", oldest first.
    told: VecDeque<Instant>,
    /// Wrong secrets, newest first.
    known: VecDeque<Digest>,
    /// Time at which all of its guesses will have been made good.
    even_at: Instant,
    heard: Instant,
}

impl Attempts {
    /// Returns true if a secret from that address is to be compared.
    pub(super) fn may_compare(&self, from: Option<IpAddr>, secret: &Digest) -> bool {
        let Some(address) = from.map(network) else {
            return true;
        };
        let now = Instant::now();
        self.lock().get(&address).is_none_or(|address| {
            address.next_guess_in(now).is_zero() && !address.known.contains(secret)
        })
    }

    /// Records a secret that was found wrong, or was not compared.
    ///
    /// # Errors
    /// The time that the address has to wait, if it was told "wrong" too often or the secret was
    /// not compared.
    pub(super) fn wrong(&self, from: Option<IpAddr>, secret: &Digest) -> Result<(), Duration> {
        let Some(address) = from.map(network) else {
            return Ok(());
        };
        let now = Instant::now();
        let mut addresses = self.lock();
        if addresses.len() >= ADDRESSES && !addresses.contains_key(&address) {
            let quietest = addresses.iter().min_by_key(|(_, known)| known.heard);
            if let Some(quietest) = quietest.map(|(address, _)| *address) {
                addresses.remove(&quietest);
            }
        }
        let address = addresses
            .entry(address)
            .or_insert_with(|| Address::new(now));
        address.wrong(secret, now)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Address>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Address {
    const fn new(now: Instant) -> Self {
        Self {
            told: VecDeque::new(),
            known: VecDeque::new(),
            even_at: now,
            heard: now,
        }
    }

    /// Returns the time until another secret is compared.
    fn next_guess_in(&self, now: Instant) -> Duration {
        let most = ONE_GUESS_AFTER * (GUESSES - 1);
        self.even_at.saturating_duration_since(now + most)
    }

    fn wrong(&mut self, secret: &Digest, now: Instant) -> Result<(), Duration> {
        self.heard = now;
        if !self.known.contains(secret) {
            // Not compared, so it may be right: it is not remembered, and costs nothing.
            let wait = self.next_guess_in(now);
            if !wait.is_zero() {
                return Err(wait);
            }
            self.even_at = self.even_at.max(now) + ONE_GUESS_AFTER;
            self.known.truncate(GUESSES as usize - 1);
            self.known.push_front(*secret);
        }
        while self.told.front().is_some_and(|at| *at + WINDOW <= now) {
            self.told.pop_front();
        }
        match self.told.front() {
            Some(oldest) if self.told.len() >= WRONG => Err(*oldest + WINDOW - now),
            _ => {
                self.told.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn secret(number: u32) -> Digest {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        digest
    }

    #[test]
    fn an_address_is_told_wrong_ten_times_a_minute_and_others_are_not_concerned() {
        let now = Instant::now();
        let mut address = Address::new(now);
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut told = 0;
        for second in 0..60 {
            told += usize::from(address.wrong(&secret(0), at(second)).is_ok());
        }
        assert_eq!(told, WRONG);
        assert_eq!(
            address.wrong(&secret(0), at(59)),
            Err(Duration::from_secs(1))
        );
        assert_eq!(address.wrong(&secret(0), at(60)), Ok(()));
        let attempts = Attempts::default();
        for number in 0..10 {
            assert_eq!(attempts.wrong(from("192.0.2.1"), &secret(number)), Ok(()));
        }
        assert!(attempts.wrong(from("192.0.2.1"), &secret(10)).is_err());
        assert!(attempts.wrong(from("192.0.2.2"), &secret(10)).is_ok());
        assert!(attempts.wrong(None, &secret(10)).is_ok());
    }

    #[test]
    fn a_client_with_a_wrong_secret_does_not_lock_out_a_right_one() {
        let attempts = Attempts::default();
        let here = from("192.0.2.1");
        for _ in 0..10_000 {
            let _ = attempts.wrong(here, &secret(1));
        }
        assert!(!attempts.may_compare(here, &secret(1)));
        assert!(attempts.may_compare(here, &secret(2)));
    }

    #[test]
    fn whoever_guesses_is_compared_a_bounded_number_of_times() {
        let attempts = Attempts::default();
        let here = from("192.0.2.1");
        let mut compared = 0;
        for number in 0..1000 {
            if attempts.may_compare(here, &secret(number)) {
                compared += 1;
            }
            let _ = attempts.wrong(here, &secret(number));
        }
        assert_eq!(compared, GUESSES);
        assert!(attempts.may_compare(from("192.0.2.2"), &secret(0)));
    }

    #[test]
    fn as_many_wrong_secrets_are_remembered_as_are_compared_at_once() {
        let attempts = Attempts::default();
        let here = from("192.0.2.1");
        // Each of a hundred clients goes on with its own wrong secret: a right one still passes.
        for _ in 0..10 {
            for number in 0..GUESSES - 1 {
                if attempts.may_compare(here, &secret(number)) {
                    let _ = attempts.wrong(here, &secret(number));
                }
            }
        }
        assert!((0..GUESSES - 1).all(|number| !attempts.may_compare(here, &secret(number))));
        assert!(attempts.may_compare(here, &secret(GUESSES)));
    }

    #[test]
    fn a_secret_that_was_not_compared_is_not_remembered_as_wrong() {
        let now = Instant::now();
        let mut address = Address::new(now);
        for number in 0..GUESSES {
            let _ = address.wrong(&secret(number), now);
        }
        assert_eq!(address.wrong(&secret(4711), now), Err(ONE_GUESS_AFTER));
        assert!(!address.known.contains(&secret(4711)));
        assert!(address.next_guess_in(now + ONE_GUESS_AFTER).is_zero());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..=u32::try_from(ADDRESSES).unwrap() {
            let address = IpAddr::from(number.to_be_bytes());
            let _ = attempts.wrong(Some(address), &secret(number));
        }
        assert_eq!(attempts.lock().len(), ADDRESSES);
    }
}
