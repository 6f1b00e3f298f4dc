//! Clocks of the browser and of the server. The server's time is derived from the `Date` header of
//! its responses.

use std::cell::Cell;

use tasktree_protocol::unsent::Now;

/// Difference between the clocks that is ignored, in milliseconds: `Date` has whole seconds, and a
/// response takes time to arrive.
const NOT_WORTH_MS: i64 = 2_000;

thread_local! {
    /// Lead of the server's clock over the browser's, in milliseconds.
    static AHEAD_MS: Cell<i64> = const { Cell::new(0) };
    /// Lead of the server's clock over the page's monotonic clock; none before the first response.
    static AHEAD_OF_STEADY_MS: Cell<Option<i64>> = const { Cell::new(None) };
}

/// Returns the milliseconds since 1970-01-01T00:00:00Z.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a date in milliseconds is a whole number far below 2^53"
)]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Returns the milliseconds since 1970-01-01T00:00:00Z by the server's clock.
pub fn server_now_ms() -> i64 {
    now_ms() + AHEAD_MS.get()
}

/// Returns the range of the server's current time. The range widens if the browser's clock was set
/// since the last response, or if the monotonic clock stopped while the machine slept.
pub fn server_span() -> Now {
    let by_clock = server_now_ms();
    let by_steady = AHEAD_OF_STEADY_MS
        .get()
        .zip(steady_ms())
        .map_or(by_clock, |(ahead, steady)| steady + ahead);
    Now {
        earliest_ms: by_clock.min(by_steady),
        latest_ms: by_clock.max(by_steady),
    }
}

/// Returns the milliseconds since the page was opened, by a monotonic clock.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the age of a page in milliseconds is far below 2^53"
)]
fn steady_ms() -> Option<i64> {
    let clock = web_sys::window()?.performance()?;
    Some(clock.now() as i64)
}

/// Records the server's time from the header `Date` of an answer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a date in milliseconds is a whole number far below 2^53"
)]
pub fn note_server_time(date: &str) {
    let server_ms = js_sys::Date::parse(date);
    if server_ms.is_nan() {
        return;
    }
    let ahead_ms = server_ms as i64 - now_ms();
    let is_worth_it = ahead_ms.abs() > NOT_WORTH_MS;
    AHEAD_MS.set(if is_worth_it { ahead_ms } else { 0 });
    AHEAD_OF_STEADY_MS.set(steady_ms().map(|steady| server_now_ms() - steady));
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// Time that the test may take, in milliseconds, and the seconds that `Date` is rounded to.
    const SLACK_MS: i64 = 5_000;

    #[wasm_bindgen_test]
    fn a_clock_that_was_set_since_the_last_answer_is_one_bound_and_the_steady_one_the_other() {
        let date = String::from(js_sys::Date::new_0().to_utc_string());
        note_server_time(&date);
        let true_ms = now_ms();
        for set_ms in [-600_000, 0, 600_000] {
            // As if the browser's clock had been set by so much.
            AHEAD_MS.set(set_ms);
            let Now {
                earliest_ms,
                latest_ms,
            } = server_span();
            assert!((earliest_ms - true_ms - set_ms.min(0)).abs() < SLACK_MS);
            assert!((latest_ms - true_ms - set_ms.max(0)).abs() < SLACK_MS);
        }
        note_server_time(&date);
        assert_eq!(server_now_ms() - now_ms(), 0, "the clocks agree again");
    }
}
