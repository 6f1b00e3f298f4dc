//! Delays before retries, with full jitter as in
//! <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.

use super::constants::{
    BACKOFF_BASE_AFTER_LONG_LIFE_MS, BACKOFF_BASE_MS, BACKOFF_BASE_OVERLOADED_MS,
    BACKOFF_CAP_HIDDEN_MS, BACKOFF_CAP_VISIBLE_MS, LONG_LIFE_MS,
};
use crate::frame::close;

/// A source of delays, drawn from `[0, min(cap, base * 2^step))`.
#[derive(Debug)]
pub(super) struct Backoff {
    /// Number of delays drawn since the connection was last good.
    step: u32,
    /// Number of sockets requested since the connection was last good.
    attempts: u32,
    base: i64,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self {
            step: 0,
            attempts: 0,
            base: BACKOFF_BASE_MS,
        }
    }

    /// Restarts the count, because the connection was good for long enough or a person asked to
    /// retry.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// Counts a requested socket.
    pub(super) fn attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Sets the base delay after a connection ended, by its close code and its lifetime; none if it
    /// never opened.
    pub(super) fn ended(&mut self, code: u16, lived_ms: Option<i64>) {
        self.base = if matches!(code, close::RATE_LIMITED | 1013) {
            BACKOFF_BASE_OVERLOADED_MS
        } else if lived_ms.is_some_and(|lived| lived > LONG_LIFE_MS) {
            BACKOFF_BASE_AFTER_LONG_LIFE_MS
        } else {
            BACKOFF_BASE_MS
        };
    }

    /// Draws the next delay.
    pub(super) fn next(&mut self, visible: bool, random: f64) -> i64 {
        let delay = uniform(0, self.bound(self.step, visible), random);
        self.step = self.step.saturating_add(1);
        delay
    }

    /// Draws the last delay again, for a page that became visible meanwhile.
    pub(super) fn again(&self, visible: bool, random: f64) -> i64 {
        uniform(0, self.bound(self.step.saturating_sub(1), visible), random)
    }

    fn bound(&self, step: u32, visible: bool) -> i64 {
        let cap = if visible {
            BACKOFF_CAP_VISIBLE_MS
        } else {
            BACKOFF_CAP_HIDDEN_MS
        };
        // 2^20 times the smallest base is beyond every cap.
        cap.min(self.base.saturating_mul(1 << step.min(20)))
    }
}

/// Maps a `random` from `[0, 1)` to a number from `[low, high)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "delays are short"
)]
pub(super) fn uniform(low: i64, high: i64, random: f64) -> i64 {
    low.saturating_add((random * high.saturating_sub(low).max(0) as f64) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn every_delay_is_within_its_bounds(
            steps in 0u32..80, code in 1000u16..5000, lived in proptest::option::of(0i64..200_000),
            visible: bool, random in 0.0..1.0f64,
        ) {
            let mut backoff = Backoff::new();
            for _ in 0..steps {
                backoff.next(visible, random);
            }
            backoff.ended(code, lived);
            let base = match (code, lived) {
                (4005 | 1013, _) => 3_000.0,
                (_, Some(60_001..)) => 100.0,
                _ => 500.0,
            };
            let cap = if visible { 20_000.0 } else { 60_000.0 };
            let bound = f64::min(cap, base * 2f64.powi(steps as i32));
            let delay = backoff.next(visible, random) as f64;
            prop_assert!((0.0..bound).contains(&delay), "{delay} is not below {bound}");
            prop_assert!((delay - bound * random).abs() <= 1.0, "{delay} is not {random} of {bound}");
        }

        #[test]
        fn the_mean_delay_is_half_of_the_bound(step in 0u32..12, visible: bool, seed in 0.0..1.0f64) {
            // A low-discrepancy sequence replaces the caller's random numbers.
            let draws = 1_000;
            let mut sum = 0;
            let mut bound = 0;
            for draw in 0..draws {
                let mut backoff = Backoff::new();
                backoff.step = step;
                bound = backoff.bound(step, visible);
                sum += backoff.next(visible, f64::from(draw).mul_add(0.618_033_988_749_895, seed).fract());
            }
            let mean = sum as f64 / f64::from(draws);
            let half = bound as f64 / 2.0;
            prop_assert!((mean - half).abs() <= half * 0.02 + 1.0, "the mean is {mean}, half the bound {half}");
        }
    }
    #[test]
    fn only_a_connection_that_lived_longer_than_a_minute_is_retried_from_the_short_base() {
        let mut backoff = Backoff::new();
        backoff.ended(1006, Some(LONG_LIFE_MS));
        assert_eq!(backoff.bound(0, true), BACKOFF_BASE_MS);
        backoff.ended(1006, Some(LONG_LIFE_MS + 1));
        assert_eq!(backoff.bound(0, true), BACKOFF_BASE_AFTER_LONG_LIFE_MS);
    }

    #[test]
    fn a_delay_drawn_again_has_the_bound_of_the_last_one() {
        let mut backoff = Backoff::new();
        for bound in [500, 1_000, 2_000, 4_000] {
            backoff.next(false, 0.5);
            assert_eq!(backoff.again(true, 0.5), bound / 2);
            assert_eq!(backoff.again(true, 0.25), bound / 4);
        }
        for _ in 0..10 {
            backoff.next(false, 0.5);
        }
        assert_eq!(backoff.again(true, 0.5), BACKOFF_CAP_VISIBLE_MS / 2);
    }
}
