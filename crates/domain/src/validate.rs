//! Checks of single fields. All faults are collected, so that a form can show them at once.

use serde_json::Value;

use super::{branch, letters};
use crate::error::{Error, FieldError, Result};
use crate::limits::{FAULTS_LISTED, Limits};

/// Collector of the faults of a request.
#[derive(Default)]
pub(super) struct Checks {
    errors: Vec<FieldError>,
    /// Number of faults that are not listed.
    more: usize,
}

/// Refuses the id of a command that is not one line, or too long.
pub fn check_command_id(id: &str, limits: &Limits) -> Result<()> {
    let mut checks = Checks::default();
    checks.line("id", id, limits.key_chars);
    checks.finish()
}

impl Checks {
    pub(super) fn fail(
        &mut self,
        field: impl Into<String>,
        kind: &'static str,
        message: impl Into<String>,
        input: impl Into<Value>,
    ) {
        if self.errors.len() >= FAULTS_LISTED {
            self.more += 1;
            return;
        }
        let (field, message, input) = (field.into(), message.into(), input.into());
        self.errors.push(FieldError {
            field,
            kind,
            message,
            input,
        });
    }

    /// Checks that a field is not null, as it cannot be cleared.
    pub(super) fn not_null(&mut self, field: &str, null: bool) {
        if null {
            self.fail(field, "null", "cannot be null", Value::Null);
        }
    }

    /// Checks a single-line text with visible content.
    pub(super) fn line(&mut self, field: &str, text: &str, max_chars: usize) {
        if text.trim().is_empty() {
            self.fail(field, "string_too_short", "must not be empty", text);
        } else if text.contains(['\n', '\r']) {
            self.fail(field, "line_break", "must be one line", shortened(text));
        } else if let Some(found) = letters::control(text) {
            let message = format!("contains {}", character("a control character", found));
            self.fail(field, "character", message, shortened(text));
        } else if !letters::is_visible(text) {
            let message = "must contain a visible character";
            self.fail(field, "invisible", message, shortened(text));
        } else {
            self.chars(field, text, max_chars);
        }
    }

    /// Checks the name of an agent or token: a single line that reads as it is written.
    pub(super) fn name(&mut self, field: &str, name: &str, max_chars: usize) {
        if let Some(found) = letters::hidden(name).filter(|_| letters::is_visible(name)) {
            let message = format!("contains {}", character("an invisible character", found));
            self.fail(field, "character", message, shortened(name));
        } else if name.trim() != name && !name.trim().is_empty() {
            let message = "must not begin or end with whitespace";
            self.fail(field, "blank", message, shortened(name));
        } else if matches!(name, "." | "..") {
            let message = "must not be '.' or '..', which cannot be part of a URL";
            self.fail(field, "dots", message, name);
        } else {
            self.line(field, name, max_chars);
        }
    }

    /// Checks that people do not mistake a new name for another of the same kind.
    pub(super) fn distinct<'a>(
        &mut self,
        field: &str,
        kind: &str,
        name: &str,
        mut others: impl Iterator<Item = &'a str>,
    ) {
        if let Some(other) = others.find(|other| letters::look_alike(other, name)) {
            let message = format!("looks the same as the existing {kind} name '{other}'");
            self.fail(field, "look_alike", message, name);
        }
    }

    pub(super) fn chars(&mut self, field: &str, text: &str, max: usize) {
        // A text of at most `max` bytes has at most `max` characters.
        if text.len() > max && text.chars().count() > max {
            let message = format!("must have at most {max} characters");
            self.fail(field, "string_too_long", message, shortened(text));
        }
    }

    /// Checks the name of a git branch.
    pub(super) fn branch(&mut self, field: &str, name: &str, max_chars: usize) {
        if let Some(found) = letters::control(name) {
            let message = format!("contains {}", character("a control character", found));
            self.fail(field, "branch_name", message, shortened(name));
            return;
        }
        match branch::fault(name) {
            Some(fault) => self.fail(field, "branch_name", fault, shortened(name)),
            None => self.chars(field, name, max_chars),
        }
    }

    pub(super) fn bytes(&mut self, field: &str, text: Option<&str>, max: usize) {
        if let Some(text) = text.filter(|text| text.len() > max) {
            let message = format!("must have at most {max} bytes, but has {}", text.len());
            self.fail(field, "string_too_long", message, shortened(text));
        }
    }

    /// Checks a text of any number of lines with visible content.
    pub(super) fn text(&mut self, field: &str, text: &str, max_bytes: usize) {
        if text.trim().is_empty() {
            let (kind, message) = ("string_too_short", "must not be empty");
            self.fail(field, kind, message, shortened(text));
        }
        self.bytes(field, Some(text), max_bytes);
    }

    pub(super) fn count(&mut self, field: &str, count: usize, max: usize) {
        if count > max {
            let message = format!("must have at most {max} entries, but has {count}");
            self.fail(field, "too_long", message, count);
        }
    }

    pub(super) fn at_most(&mut self, field: &str, number: u64, max: u64) {
        if number > max {
            let message = format!("must be at most {max}");
            self.fail(field, "less_than_equal", message, number);
        }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        if self.errors.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.errors.push(FieldError {
                field: String::new(),
                kind: "too_many_faults",
                message: format!("{} more errors are not listed", self.more),
                input: Value::Null,
            });
        }
        Err(Error::Invalid(self.errors))
    }
}

/// Describes a character that must not be in a text, by its position.
fn character(kind: &str, (position, letter): (usize, char)) -> String {
    format!(
        "{kind} (U+{:04X}) at position {position}",
        u32::from(letter)
    )
}

/// Returns the beginning of a text: a text that is too long is not sent back whole.
pub(super) fn shortened(text: &str) -> String {
    const CHARS: usize = 120;
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the longest prefix of `text` with at most `max` bytes that does not cut a character.
pub fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_beyond_those_that_are_listed_are_counted() {
        let mut checks = Checks::default();
        for index in 0..FAULTS_LISTED + 7 {
            checks.line(&format!("tasks.{index}.title"), "", 10);
        }
        let Err(Error::Invalid(faults)) = checks.finish() else {
            panic!("empty titles are refused")
        };
        assert_eq!(faults.len(), FAULTS_LISTED + 1);
        assert_eq!(
            faults[FAULTS_LISTED].message,
            "7 more errors are not listed"
        );
    }
}
