//! Rate limits: a number of operations per second over time, and a burst at once.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

type Limiter = RateLimiter<
    NotKeyed,
    InMemoryState,
    MonotonicClock,
    NoOpMiddleware<<MonotonicClock as Clock>::Instant>,
>;

/// Rate limiter for one kind of operation.
#[derive(Debug)]
pub(crate) struct Rate(Limiter);

impl Rate {
    /// Creates a rate limiter. The minimum is one per second and a burst of one.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst));
        Self(RateLimiter::direct_with_clock(quota, MonotonicClock))
    }

    /// Counts one operation.
    ///
    /// # Errors
    /// Returns the time to wait if the limit is reached.
    pub(crate) fn check(&self) -> Result<(), Duration> {
        self.0
            .check()
            .map_err(|refusal| refusal.wait_time_from(MonotonicClock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_next_one_is_told_how_long_to_wait() {
        let rate = Rate::new(1, 5);
        for _ in 0..5 {
            assert!(rate.check().is_ok());
        }
        let wait = rate.check().unwrap_err();
        assert!(
            wait > Duration::ZERO && wait <= Duration::from_secs(1),
            "{wait:?}"
        );
    }
}
