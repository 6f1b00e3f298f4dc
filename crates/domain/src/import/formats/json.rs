//! A lenient JSON parser for files as they occur in practice.
//!
//! Unlike a parser of values, it keeps numbers as they are written and duplicate members, and half
//! of a surrogate pair (`\ud800`) is a fault of its string alone. Invalid JSON is refused with the
//! line, the column and the text at that position.

mod parser;

use std::fmt::{self, Write as _};

pub(super) use parser::parse;

/// A value in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// A number, as written.
    Number(String),
    Text(String),
    /// A text with its number of invalid characters; each is replaced by U+FFFD.
    Broken(String, usize),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Returns the value of a member; the first if the name is duplicated.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// Returns false if the value is empty: null, or a text, list or object without content.
    pub(super) fn says_something(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => !text.trim().is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Object(members) => !members.is_empty(),
            Self::Bool(_) | Self::Number(_) | Self::Broken(..) => true,
        }
    }

    /// Returns the number of invalid characters in the value.
    pub(super) fn broken(&self) -> usize {
        match self {
            Self::Broken(_, count) => *count,
            Self::List(items) => items.iter().map(Self::broken).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.broken()).sum(),
            _ => 0,
        }
    }

    /// Writes the value over several lines, each but the first after `indent` spaces.
    fn write(&self, into: &mut String, indent: usize) -> fmt::Result {
        let deeper = indent + 2;
        match self {
            Self::Null => into.write_str("null"),
            Self::Bool(value) => write!(into, "{value}"),
            Self::Number(number) => into.write_str(number),
            Self::Text(text) | Self::Broken(text, _) => into.write_str(&quoted(text)),
            Self::List(items) if items.is_empty() => into.write_str("[]"),
            Self::Object(members) if members.is_empty() => into.write_str("{}"),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let before = if index == 0 { '[' } else { ',' };
                    write!(into, "{before}\n{:deeper$}", "")?;
                    item.write(into, deeper)?;
                }
                write!(into, "\n{:indent$}]", "")
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    let before = if index == 0 { '{' } else { ',' };
                    write!(into, "{before}\n{:deeper$}{}: ", "", quoted(name))?;
                    value.write(into, deeper)?;
                }
                write!(into, "\n{:indent$}}}", "")
            }
        }
    }
}

/// Writes the value as JSON, over several lines if it has parts.
impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, 0)?;
        formatter.write_str(&text)
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
