//! Parser of queries.

use super::{Comparison, Fault, Fold, KEYS, MAX_TERMS, Query, QueryError, State, Term, Test};
use crate::Status;

/// Names of statuses in queries besides those on the wire: those of the board's columns.
const COLUMNS: [(&str, Status); 9] = [
    ("todo", Status::Unclaimed),
    ("upnext", Status::UpNext),
    ("working", Status::InProgress),
    ("done", Status::Completed),
    ("待办", Status::Unclaimed),
    ("待执行", Status::UpNext),
    ("进行中", Status::InProgress),
    ("已完成", Status::Completed),
    ("已合并", Status::Merged),
];

/// Signs before the number of a priority; those that another begins with come later.
const COMPARISONS: [(&str, Comparison); 8] = [
    ("<=", Comparison::AtMost),
    ("≤", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("≥", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
    ("=", Comparison::Equal),
    ("", Comparison::Equal),
];

pub(super) fn parse(text: &str, fold: Fold) -> Result<Query, QueryError> {
    let mut terms = Vec::new();
    let mut reader = Reader { text, rest: text };
    loop {
        reader.rest = reader.rest.trim_start();
        if reader.rest.is_empty() {
            break;
        }
        if terms.len() == MAX_TERMS {
            return Err(reader.fault(Fault::TooMany, reader.rest, reader.rest));
        }
        terms.extend(reader.term(fold)?);
    }
    Ok(Query {
        text: text.to_owned(),
        terms,
    })
}

struct Reader<'a> {
    /// Whole query.
    text: &'a str,
    /// End of it that is not read yet.
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Reads a term; none for a phrase that is blank.
    fn term(&mut self, fold: Fold) -> Result<Option<Term>, QueryError> {
        let negated = self.rest.strip_prefix('-');
        let negated =
            negated.filter(|rest| !rest.is_empty() && !rest.starts_with(char::is_whitespace));
        self.rest = negated.unwrap_or(self.rest);
        let test = if self.rest.starts_with('"') {
            let phrase = self.quoted()?;
            (!phrase.trim().is_empty()).then(|| Test::Text(fold(phrase.to_owned())))
        } else {
            let start = self.rest;
            let word = self.word();
            match word.split_once(':') {
                Some((key, _)) if is_key(key) => Some(self.condition(start, key, fold)?),
                _ => Some(Test::Text(fold(word.to_owned()))),
            }
        };
        let is_negated = negated.is_some();
        Ok(test.map(|test| Term { is_negated, test }))
    }

    /// Reads the characters up to the next blank.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find(char::is_whitespace);
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// Reads a phrase in quotation marks, the first of which comes next.
    fn quoted(&mut self) -> Result<&'a str, QueryError> {
        let Some((phrase, rest)) = self.rest[1..].split_once('"') else {
            return Err(self.fault(Fault::OpenQuote, self.rest, self.rest));
        };
        self.rest = rest;
        Ok(phrase)
    }

    /// Reads the condition that begins at `start`.
    fn condition(&mut self, start: &'a str, key: &str, fold: Fold) -> Result<Test, QueryError> {
        let Some(known) = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key)) else {
            return Err(self.fault(Fault::UnknownKey, start, key));
        };
        let (name, value_at) = start.split_at(key.len() + 1);
        self.rest = value_at;
        let value = match self.rest.starts_with('"') {
            true => self.quoted()?,
            false => self.word(),
        };
        if value.trim().is_empty() {
            return Err(self.fault(Fault::MissingValue, start, name));
        }
        let (test, fault) = match *known {
            "label" => return Ok(Test::Label(fold(value.trim().to_owned()))),
            "agent" => return Ok(Test::Agent(fold(value.trim().to_owned()))),
            "status" => (status(value).map(Test::Status), Fault::UnknownStatus),
            "is" => (state(value).map(Test::Is), Fault::UnknownState),
            _ => (priority(value), Fault::NotANumber),
        };
        test.ok_or_else(|| self.fault(fault, value_at, value))
    }

    /// Returns a fault of a part of the query, which begins where `from` does.
    fn fault(&self, fault: Fault, from: &str, part: &str) -> QueryError {
        let before = self.text.len() - from.len();
        QueryError {
            at: self.text[..before].chars().count(),
            text: part.to_owned(),
            fault,
        }
    }
}

/// Returns true if a text before a colon can be the name of a condition. `src/x.rs:12`, a time and
/// an address are words.
fn is_key(text: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphabetic() || letter == b'_';
    let is_address = ["http", "https"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(text));
    !text.is_empty() && text.bytes().all(is_letter) && !is_address
}

fn status(value: &str) -> Option<Status> {
    let value = value.to_ascii_lowercase();
    let column = COLUMNS.iter().find(|(name, _)| *name == value);
    column
        .map(|(_, status)| *status)
        .or_else(|| Status::from_name(&value))
}

fn state(value: &str) -> Option<State> {
    let mut states = State::ALL.iter().copied();
    states.find(|state| state.as_str().eq_ignore_ascii_case(value))
}

fn priority(value: &str) -> Option<Test> {
    let mut signs = COMPARISONS.into_iter();
    let (comparison, number) =
        signs.find_map(|(sign, comparison)| Some((comparison, value.strip_prefix(sign)?)))?;
    // `u32` reads a sign, too.
    let number = (!number.starts_with('+')).then_some(number)?;
    Some(Test::Priority(comparison, number.parse().ok()?))
}
