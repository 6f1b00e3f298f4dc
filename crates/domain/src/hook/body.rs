//! Fields of a body, under any of the names that harnesses use.

use serde_json::Value;
use tasktree_protocol::Timestamp;

/// Longest id that is kept, in characters. A longer one is cut.
pub(super) const ID_CHARS: usize = 200;

/// Longest folder that is kept, in characters. A longer one is ignored.
const FOLDER_CHARS: usize = 1024;

/// Returns the first of the named fields that is a text with content.
pub(super) fn text<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    let texts = names.iter().filter_map(|name| body.get(name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty())
}

/// Returns the first of the named fields that there is.
pub(super) fn any<'a>(body: &'a Value, names: &[&str]) -> Option<&'a Value> {
    let found = names.iter().filter_map(|name| body.get(name));
    found.into_iter().find(|value| !value.is_null())
}

/// Returns the first of the named fields that is an id: a text or a number, in one line.
pub(super) fn id(body: &Value, names: &[&str]) -> Option<String> {
    let id = match any(body, names)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let letters = id.chars().filter(|letter| !letter.is_control());
    let id: String = letters.take(ID_CHARS).collect();
    (!id.is_empty()).then_some(id)
}

/// Returns a folder without control characters.
pub(super) fn folder(text: &str) -> Option<String> {
    let fits = text.chars().count() <= FOLDER_CHARS && !text.contains(char::is_control);
    (fits && !text.is_empty()).then(|| text.to_owned())
}

/// Returns the time of an event in milliseconds since 1970: a number of seconds or milliseconds, or
/// RFC 3339.
pub(super) fn millis(value: &Value) -> Option<i64> {
    /// Milliseconds of the year 1973, and seconds of the year 5138.
    const SECONDS_END: f64 = 1e11;
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            let millis = if number < SECONDS_END {
                number * 1000.0
            } else {
                number
            };
            let is_time = millis.is_finite() && (0.0..1e15).contains(&millis);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "within the range that was checked"
            )]
            is_time.then_some(millis as i64)
        }
        Value::String(text) => Timestamp::parse(text.trim())
            .ok()
            .map(|at| at.unix_millis(0)),
        _ => None,
    }
}
