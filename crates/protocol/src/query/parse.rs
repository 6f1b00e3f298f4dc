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

pub(super) fn parse(text: &str, fold: Fold) -> Result<Query, QueryError> {
    let mut terms = Vec::new();
    let letters: Vec<char> = text.chars().collect();
    let mut reader = Reader { letters, at: 0 };
    while let Some(start) = reader.skip_blanks() {
        if terms.len() == MAX_TERMS {
            return Err(reader.fault(start, Fault::TooMany));
        }
        terms.extend(reader.term(fold)?);
    }
    Ok(Query {
        text: text.to_owned(),
        terms,
    })
}

struct Reader {
    letters: Vec<char>,
    /// Position of the next character.
    at: usize,
}

impl Reader {
    /// Skips blanks; returns the position of the next term.
    fn skip_blanks(&mut self) -> Option<usize> {
        while self.letters.get(self.at)?.is_whitespace() {
            self.at += 1;
        }
        Some(self.at)
    }

    /// Reads a term; none if it is only a sign that is being typed.
    fn term(&mut self, fold: Fold) -> Result<Option<Term>, QueryError> {
        let is_sign = |letter: Option<&char>| letter.is_none_or(|it| it.is_whitespace());
        let is_negated = self.letters[self.at] == '-' && !is_sign(self.letters.get(self.at + 1));
        if is_negated {
            self.at += 1;
        }
        let start = self.at;
        let test = if self.letters[start] == '"' {
            self.quoted()?.map(|text| Test::Text(fold(&text)))
        } else {
            let word = self.word();
            match word.split_once(':') {
                Some((key, _)) if is_key(key) => {
                    let key_chars = key.chars().count();
                    self.at = start + key_chars + 1;
                    Some(self.condition(key, start, fold)?)
                }
                _ => Some(Test::Text(fold(&word))),
            }
        };
        Ok(test.map(|test| Term { is_negated, test }))
    }

    /// Reads the characters up to the next blank.
    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .letters
            .get(self.at)
            .is_some_and(|it| !it.is_whitespace())
        {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }

    /// Reads a phrase in quotation marks; none if it is blank.
    fn quoted(&mut self) -> Result<Option<String>, QueryError> {
        let start = self.at;
        let rest = &self.letters[start + 1..];
        let Some(length) = rest.iter().position(|letter| *letter == '"') else {
            return Err(self.fault(start, Fault::OpenQuote));
        };
        self.at = start + length + 2;
        let text: String = rest[..length].iter().collect();
        Ok((!text.trim().is_empty()).then_some(text))
    }

    /// Reads the value of a condition, from behind its colon.
    fn condition(&mut self, key: &str, start: usize, fold: Fold) -> Result<Test, QueryError> {
        let key = key.to_ascii_lowercase();
        let Some(known) = KEYS.iter().find(|known| **known == key) else {
            let likely = likely(&key, &KEYS);
            return Err(QueryError {
                at: start,
                text: key,
                fault: Fault::UnknownKey(likely),
            });
        };
        let value_at = self.at;
        let value = match self.letters.get(self.at) {
            Some('"') => self.quoted()?.unwrap_or_default(),
            _ => self.word(),
        };
        if value.is_empty() {
            return Err(QueryError {
                at: start,
                text: format!("{known}:"),
                fault: Fault::MissingValue,
            });
        }
        let unknown = |names: &[&'static str]| QueryError {
            at: value_at,
            text: value.clone(),
            fault: Fault::UnknownValue(likely_first(&value, names)),
        };
        match *known {
            "label" => Ok(Test::Label(fold(value.trim()))),
            "agent" => Ok(Test::Agent(fold(value.trim()))),
            "status" => status(&value)
                .map(Test::Status)
                .ok_or_else(|| unknown(&["todo", "up_next", "working", "done", "merged"])),
            "is" => State::ALL
                .iter()
                .find(|state| state.as_str() == value.to_ascii_lowercase())
                .map(|state| Test::Is(*state))
                .ok_or_else(|| {
                    let names: Vec<_> = State::ALL.iter().map(|it| it.as_str()).collect();
                    unknown(&names)
                }),
            _ => priority(&value).ok_or_else(|| QueryError {
                at: value_at,
                text: value.clone(),
                fault: Fault::NotANumber,
            }),
        }
    }

    /// Returns a fault of the term that begins there.
    fn fault(&self, at: usize, fault: Fault) -> QueryError {
        QueryError {
            at,
            text: self.letters[at..].iter().collect(),
            fault,
        }
    }
}

/// Returns true if a text before a colon can be the name of a condition. `src/x.rs:12`, a time and
/// an address are words.
fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphabetic() || letter == '_')
        && !matches!(text.to_ascii_lowercase().as_str(), "http" | "https")
}

fn status(value: &str) -> Option<Status> {
    let value = value.to_ascii_lowercase();
    let column = COLUMNS.iter().find(|(name, _)| *name == value);
    column
        .map(|(_, status)| *status)
        .or_else(|| Status::from_name(&value))
}

fn priority(value: &str) -> Option<Test> {
    let comparisons = [
        ("<=", Comparison::AtMost),
        ("≤", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("≥", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::More),
        ("=", Comparison::Equal),
        ("", Comparison::Equal),
    ];
    let (comparison, number) = comparisons
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, value.strip_prefix(sign)?)))?;
    let number = number
        .bytes()
        .all(|it| it.is_ascii_digit())
        .then_some(number)?;
    Some(Test::Priority(comparison, number.parse().ok()?))
}

/// Returns the known names, with the one that was probably meant first.
fn likely_first(given: &str, known: &[&'static str]) -> Vec<&'static str> {
    let mut known = known.to_vec();
    if let Some(likely) = likely(&given.to_ascii_lowercase(), &known) {
        known.retain(|name| *name != likely);
        known.insert(0, likely);
    }
    known
}

/// Returns the known name that a text was probably meant to be: one that differs in at most two
/// letters, or that it begins.
fn likely(given: &str, known: &[&'static str]) -> Option<&'static str> {
    let begun = known
        .iter()
        .find(|name| given.len() >= 2 && name.starts_with(given));
    begun.copied().or_else(|| {
        let distances = known.iter().map(|name| (distance(given, name), *name));
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
