//! The browser's clock, and the server's as far as its answers reveal it.

use std::cell::Cell;

/// Difference between the clocks that is not worth a correction, in milliseconds: the header `Date`
/// has whole seconds, and an answer takes its time.
const NOT_WORTH_MS: i64 = 2_000;

thread_local! {
    /// Lead of the server's clock over the browser's, in milliseconds.
    static AHEAD_MS: Cell<i64> = const { Cell::new(0) };
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
}
