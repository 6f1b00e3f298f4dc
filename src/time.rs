//! The browser's clock.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a date in milliseconds is a whole number far below 2^53"
)]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}
