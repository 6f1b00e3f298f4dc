//! Usage limits: whether an error is one, and the time at which it ends.

use serde_json::Value;
use tasktree_protocol::Timestamp;

use super::body::{any, millis};

/// Longest time to the end of a limit that is believed, in milliseconds: 30 days.
const LONGEST_MS: i64 = 30 * 24 * 3600 * 1000;

/// Returns true if the words of an error are those of a usage limit.
pub(super) fn is_limit(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let squeezed: String = words
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .collect();
    [
        "ratelimit",
        "usagelimit",
        "quota",
        "toomanyrequests",
        "resourceexhausted",
    ]
    .iter()
    .any(|name| squeezed.contains(name))
        || words
            .split(|letter: char| !letter.is_ascii_digit())
            .any(|number| number == "429")
}

/// Returns the end of a limit, in milliseconds since 1970, by the fields or the words of an error.
pub(super) fn until(error: &Value, words: &str, now: i64) -> Option<i64> {
    let at = any(
        error,
        &["resets_at", "resetsAt", "reset_at", "resetAt", "reset"],
    )
    .and_then(millis);
    let after = [
        ("retry_after_ms", 1.0),
        ("retryAfterMs", 1.0),
        ("retry_after", 1000.0),
        ("retryAfter", 1000.0),
        ("retry_after_seconds", 1000.0),
        ("retryAfterSeconds", 1000.0),
    ]
    .iter()
    .find_map(|(name, unit)| {
        let value = error.get(*name)?;
        let number = value
            .as_f64()
            .or_else(|| value.as_str()?.trim().parse().ok());
        number.map(|number| number * unit)
    });
    let after = after
        .or_else(|| span(words))
        .map(|millis| now.saturating_add(whole(millis)));
    let found = at.or(after).or_else(|| moment(words))?;
    (found > now && found <= now.saturating_add(LONGEST_MS)).then_some(found)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes the largest integer"
)]
fn whole(millis: f64) -> i64 {
    millis as i64
}

/// Returns the time after the words "after", "in" or "for", in milliseconds: `1h 20m`, `1200 s`.
fn span(words: &str) -> Option<f64> {
    let lower = words.to_ascii_lowercase();
    let mut tokens = lower.split_whitespace().peekable();
    while let Some(token) = tokens.next() {
        if !matches!(
            token.trim_end_matches(':'),
            "after" | "in" | "for" | "within"
        ) {
            continue;
        }
        let (mut total, mut found) = (0.0, false);
        while let Some(next) = tokens.peek().copied() {
            let next = next.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
            let digits = next
                .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
                .unwrap_or(next.len());
            let Ok(number) = next[..digits].parse::<f64>() else {
                break;
            };
            tokens.next();
            if let Some(parts) = joined(next) {
                total += parts;
                found = true;
                continue;
            }
            let word = tokens
                .peek()
                .map(|word| word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()));
            let Some(unit) = word.and_then(unit) else {
                break;
            };
            tokens.next();
            total += number * unit;
            found = true;
        }
        if found {
            return Some(total);
        }
    }
    None
}

/// Reads a time whose numbers and units are one word: `1h20m`, `1200s`.
fn joined(word: &str) -> Option<f64> {
    let (mut rest, mut total) = (word, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let tail = &rest[digits..];
        let letters = tail
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        total += number * unit(&tail[..letters])?;
        rest = &tail[letters..];
    }
    Some(total)
}

/// Returns a unit of time in milliseconds.
fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        _ => return None,
    })
}

/// Returns the moment that the words name: RFC 3339, or seconds since 1970.
fn moment(words: &str) -> Option<i64> {
    let parts = words.split(|letter: char| letter.is_whitespace() || "|,;()\"'".contains(letter));
    parts.filter(|part| part.len() >= 10).find_map(|part| {
        let part = part.trim_end_matches('.');
        match part.parse::<i64>() {
            Ok(number) => millis(&Value::from(number)),
            Err(_) => Timestamp::parse(part).ok().map(|at| at.unix_millis(0)),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_limit_is_read_in_the_forms_that_harnesses_write() {
        const NOW: i64 = 1_795_969_200_000;
        let in_seconds = |seconds: i64| Some(NOW + seconds * 1000);
        for (words, expected) in [
            ("retry after 1200 s", in_seconds(1200)),
            ("Try again in 1h 20m.", in_seconds(4800)),
            ("try again in 1h20m", in_seconds(4800)),
            ("wait for 2 hours and 3 minutes", in_seconds(7200)),
            ("Claude AI usage limit reached|1795969250", in_seconds(50)),
            ("resets at 2026-11-29T16:21:40Z", Some(1_795_969_300_000)),
            ("limit reached", None),
            ("retry after a while", None),
            ("in 400 days", None),
            ("retry after 0 s", None),
        ] {
            assert_eq!(until(&json!({}), words, NOW), expected, "{words}");
        }
        for (error, expected) in [
            (json!({"retry_after": 5}), in_seconds(5)),
            (json!({"retryAfterMs": "5000"}), in_seconds(5)),
            (json!({"resets_at": 1_795_969_250}), in_seconds(50)),
            (json!({"reset_at": "yesterday"}), None),
        ] {
            assert_eq!(until(&error, "", NOW), expected, "{error}");
        }
    }

    #[test]
    fn limits_are_told_from_other_errors() {
        for words in [
            "rate_limit",
            "429",
            "RateLimit",
            "HTTP 429: slow down",
            "usage limit",
        ] {
            assert!(is_limit(words), "{words}");
        }
        for words in [
            "overloaded",
            "server_error",
            "14290",
            "authentication_failed",
        ] {
            assert!(!is_limit(words), "{words}");
        }
    }
}
