//! Output of verbs: text for people, or JSON in one envelope.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::text;

/// Result of a verb.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// Data for programs.
    pub(crate) data: Value,
    /// Text for people.
    pub(crate) text: String,
    /// Start of the next page, if there is one.
    pub(crate) next_cursor: Option<String>,
    /// Exit code, if the report says that something is wrong.
    pub(crate) exit: Option<Exit>,
}

impl Report {
    /// Creates a report.
    pub(crate) fn new(data: impl Serialize, text: impl Into<String>) -> Self {
        Self {
            data: json!(data),
            text: text.into(),
            next_cursor: None,
            exit: None,
        }
    }
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text for people.
    Text,
    /// JSON for programs.
    Json,
}

impl Form {
    /// Prints the outcome of a verb, and returns the exit code. A report is none if the verb has
    /// printed everything itself.
    pub(crate) fn print(self, outcome: Result<Option<Report>, Failure>) -> ExitCode {
        match outcome {
            Ok(None) => ExitCode::SUCCESS,
            Ok(Some(report)) => {
                let exit = report.exit;
                match self {
                    Self::Text if report.text.is_empty() => {}
                    Self::Text => say(&text::plain(&report.text)),
                    Self::Json => say(&envelope(report)),
                }
                exit.map_or(ExitCode::SUCCESS, |exit| ExitCode::from(exit as u8))
            }
            Err(failure) => {
                let text = match self {
                    Self::Text => failure.to_text(),
                    Self::Json => json_line(&failure.to_json()),
                };
                note(&text);
                ExitCode::from(failure.exit as u8)
            }
        }
    }
}

fn envelope(report: Report) -> String {
    let mut envelope = json!({"schema_version": 1, "data": report.data});
    if let Some(cursor) = report.next_cursor {
        envelope["next_cursor"] = json!(cursor);
    }
    json_line(&envelope)
}

/// Returns JSON in one line, with every control character escaped.
///
/// JSON requires that only of those below the space. Terminals also act on those from U+007F on.
pub(crate) fn json_line(value: &Value) -> String {
    let json = value.to_string();
    if !json.contains(is_unescaped_control) {
        return json;
    }
    let mut line = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        if is_unescaped_control(letter) {
            line.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            line.push(letter);
        }
    }
    line
}

fn is_unescaped_control(letter: char) -> bool {
    ('\u{7f}'..='\u{9f}').contains(&letter)
}

/// Prints a line on standard output. A closed pipe (`| head`) is no reason to stop half-way.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a line on standard error; standard output may be read by a program.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_no_control_character_and_the_same_value() {
        let value = json!({"text": "a\u{1b}[2J\u{9b}2J\u{7f}\n修"});
        let line = json_line(&value);
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(&line).ok(), Some(value));
    }

    #[test]
    fn the_envelope_has_the_version_first() {
        let mut report = Report::new(json!([1]), "");
        assert_eq!(
            envelope(report.clone()),
            r#"{"schema_version":1,"data":[1]}"#
        );
        report.next_cursor = Some("c".to_owned());
        assert_eq!(
            envelope(report),
            r#"{"schema_version":1,"data":[1],"next_cursor":"c"}"#
        );
    }
}
