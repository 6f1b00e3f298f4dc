//! Faults of queries, and the words that were probably meant.
//!
//! The parser only notes the kind of a fault: the board has these suggestions in the part that
//! arrives after it.

use std::fmt;

use super::{KEYS, MAX_TERMS, State};

/// Names of statuses that a fault suggests, in the order of the columns.
const STATUSES: [&str; 5] = ["todo", "up_next", "working", "done", "merged"];

/// Fault of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Position of the fault in the query, in characters.
    pub at: usize,
    /// Text that is at fault.
    pub text: String,
    /// Kind of the fault.
    pub fault: Fault,
}

/// Kind of a fault in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No condition has that name.
    UnknownKey,
    /// There is no such status.
    UnknownStatus,
    /// `is:` knows no such state.
    UnknownState,
    /// The condition needs a value after the colon.
    MissingValue,
    /// A quotation mark has no partner.
    OpenQuote,
    /// The value is no number, or no comparison with one.
    NotANumber,
    /// The query has more terms than [`MAX_TERMS`].
    TooMany,
}

impl QueryError {
    /// Returns the condition that was probably meant by an unknown one.
    pub fn likely_key(&self) -> Option<&'static str> {
        likely(&self.text, &KEYS)
    }

    /// Returns the values that the condition knows, the one that was probably meant first. Empty
    /// if the fault is of another kind.
    pub fn known_values(&self) -> Vec<&'static str> {
        let mut known = match self.fault {
            Fault::UnknownStatus => STATUSES.to_vec(),
            Fault::UnknownState => State::ALL.iter().map(|state| state.as_str()).collect(),
            _ => Vec::new(),
        };
        if let Some(likely) = likely(&self.text, &known) {
            known.retain(|name| *name != likely);
            known.insert(0, likely);
        }
        known
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, text, fault } = self;
        let place = at + 1;
        match fault {
            Fault::UnknownKey => {
                write!(formatter, "'{text}:' at character {place} is no condition")?;
                match self.likely_key() {
                    Some(likely) => write!(formatter, "; did you mean '{likely}:'?"),
                    None => write!(
                        formatter,
                        "; the conditions are {}. Put quotation marks around a text with a colon",
                        KEYS.map(|key| format!("{key}:")).join(", ")
                    ),
                }
            }
            Fault::UnknownStatus | Fault::UnknownState => write!(
                formatter,
                "'{text}' at character {place} is not known here; the values are {}",
                self.known_values().join(", ")
            ),
            Fault::MissingValue => write!(
                formatter,
                "'{text}' at character {place} needs a value right after it"
            ),
            Fault::OpenQuote => write!(
                formatter,
                "the quotation mark at character {place} has no partner"
            ),
            Fault::NotANumber => write!(
                formatter,
                "'{text}' at character {place} is no priority; write a number such as 1, or <=2"
            ),
            Fault::TooMany => write!(
                formatter,
                "the query has more than {MAX_TERMS} conditions, from character {place} on"
            ),
        }
    }
}

impl std::error::Error for QueryError {}

/// Returns the known name that a text was probably meant to be: one that differs in at most two
/// letters, or that it begins.
fn likely(given: &str, known: &[&'static str]) -> Option<&'static str> {
    let given = given.to_ascii_lowercase();
    let begun = known
        .iter()
        .find(|name| given.len() >= 2 && name.starts_with(&given));
    begun.copied().or_else(|| {
        let distances = known.iter().map(|name| (distance(&given, name), *name));
        let (least, name) = distances.min()?;
        (least <= 2 && least < name.len()).then_some(name)
    })
}

/// Returns the number of letters to insert, remove or replace (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, with) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *with);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(row[at + 1] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
