//! Wrong tokens, by the address that they came from. Who goes on guessing has to wait.
//!
//! Secrets that were made here cannot be guessed, so a right one passes at any time. The wait is for the secret that a person chose
//! (`--token`): while an address has to wait, what it presents is not compared with that one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::address::network;

/// Wrong tokens that an address may present at once.
const BURST: u32 = 10;

/// After how long it may present one more.
const ONE_MORE_AFTER: Duration = Duration::from_secs(6);

/// Addresses at which those are forgotten that have nothing to wait for.
const TIDY_AT: usize = 10_000;

type Limiter = RateLimiter<
    IpAddr,
    HashMapStateStore<IpAddr>,
    MonotonicClock,
    NoOpMiddleware<<MonotonicClock as Clock>::Instant>,
>;

/// See the module.
#[derive(Debug)]
pub(super) struct Attempts {
    limiter: Option<Limiter>,
    waiting: Mutex<HashMap<IpAddr, Instant>>,
}

impl Attempts {
    pub(super) fn new() -> Self {
        let quota = Quota::with_period(ONE_MORE_AFTER)
            .zip(NonZeroU32::new(BURST))
            .map(|(quota, burst)| quota.allow_burst(burst));
        Self {
            limiter: quota.map(|quota| RateLimiter::hashmap_with_clock(quota, MonotonicClock)),
            waiting: Mutex::default(),
        }
    }

    /// How long that address has to wait still.
    pub(super) fn wait(&self, from: Option<IpAddr>) -> Option<Duration> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(from?);
        let left = waiting
            .get(&address)?
            .saturating_duration_since(Instant::now());
        if left.is_zero() {
            waiting.remove(&address);
            return None;
        }
        Some(left)
    }

    /// Notes that a wrong token came from there.
    pub(super) fn wrong(&self, from: Option<IpAddr>) {
        let (Some(address), Some(limiter)) = (from.map(network), &self.limiter) else {
            return;
        };
        if limiter.len() >= TIDY_AT {
            limiter.retain_recent();
        }
        if let Err(refusal) = limiter.check_key(&address) {
            let until = Instant::now() + refusal.wait_time_from(MonotonicClock.now());
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= TIDY_AT {
                waiting.retain(|_, until| *until > Instant::now());
            }
            waiting.insert(address, until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_wrong_tokens_an_address_has_to_wait_and_others_do_not() {
        let attempts = Attempts::new();
        let from = |text: &str| Some(text.parse().unwrap());
        for _ in 0..BURST {
            attempts.wrong(from("192.0.2.1"));
            assert_eq!(attempts.wait(from("192.0.2.1")), None);
        }
        attempts.wrong(from("192.0.2.1"));
        let wait = attempts.wait(from("192.0.2.1")).unwrap();
        assert!(wait <= ONE_MORE_AFTER, "{wait:?}");
        assert_eq!(attempts.wait(from("192.0.2.2")), None);
        assert_eq!(attempts.wait(None), None);
    }
}
