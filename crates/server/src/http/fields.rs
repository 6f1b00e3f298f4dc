//! Typed values read from a JSON object or a query string. All problems are collected, so that one
//! response names every fault. Unknown fields are faults too: a request is never partly applied.

mod kind;
#[cfg(test)]
mod tests;
mod unknown;

use serde_json::{Map, Value, json};
use tasktree_protocol::Maybe;

use super::error::ApiError;
use crate::compat::problem::{DICT_TYPE, LIST_TYPE, Problem};
use crate::domain::Unchanged;
use crate::limits::FAULTS_LISTED;
pub(crate) use kind::{Fault, Kind, Listed, Priority};
pub(super) use unknown::{KIND as UNKNOWN, message as unknown};

/// Fields of one object, and the problems found so far.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    place: Vec<Value>,
    problems: Vec<Problem>,
    /// Names that were read. Any other field is a fault.
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of a request's body.
    pub(crate) fn of_body(object: &'a Map<String, Value>) -> Self {
        Self::at_place(object, vec![json!("body")])
    }

    /// Returns the parameters of a request's query string. Their names were already checked: see
    /// [`parameters`](super::parameters).
    pub(crate) fn of_query(object: &'a Map<String, Value>) -> Self {
        Self::at_place(object, vec![json!("query")])
    }

    fn at_place(object: &'a Map<String, Value>, place: Vec<Value>) -> Self {
        Self {
            object,
            place,
            problems: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Returns a field's value, whatever its type, and marks the field as known.
    pub(crate) fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.object.get(name)
    }

    /// Reads a field that may be left out or null.
    pub(crate) fn maybe<T: Kind>(&mut self, name: &'static str) -> Maybe<T> {
        match self.raw(name) {
            None => Maybe::Absent,
            Some(Value::Null) => Maybe::Null,
            Some(value) => match T::read(value) {
                Ok(value) => Maybe::Value(value),
                Err(fault) => {
                    self.note(name, fault, value);
                    Maybe::Absent
                }
            },
        }
    }

    /// Reads a field that may be left out; null counts as left out.
    pub(crate) fn optional<T: Kind>(&mut self, name: &'static str) -> Option<T> {
        match self.maybe(name) {
            Maybe::Value(value) => Some(value),
            Maybe::Absent | Maybe::Null => None,
        }
    }

    /// Reads a field with a default; null counts as left out.
    pub(crate) fn or_default<T: Kind + Default>(&mut self, name: &'static str) -> T {
        self.optional(name).unwrap_or_default()
    }

    /// Reads a required field. If it is missing, the default stands in until [`Fields::finish`]
    /// refuses the request.
    pub(crate) fn required<T: Kind + Default>(&mut self, name: &'static str) -> T {
        let Some(value) = self.raw(name) else {
            self.missing(name);
            return T::default();
        };
        T::read(value).unwrap_or_else(|fault| {
            self.note(name, fault, value);
            T::default()
        })
    }

    /// Reads a list of objects.
    pub(crate) fn objects<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        let items = match self.raw(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.note(name, Fault::new("list_type", LIST_TYPE), other);
                return Vec::new();
            }
        };
        // Grow as it is filled: a list of millions of empty entries is refused before all of them
        // are read.
        let mut read_items = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if !self.item(name, index, item, &read, &mut read_items) {
                break;
            }
        }
        read_items
    }

    /// Reads one entry of a list of objects into `items`, for a body that is not in memory as a
    /// whole. Returns false after so many problems that later entries need not be read.
    pub(crate) fn item<T>(
        &mut self,
        list: &str,
        index: usize,
        item: &Value,
        read: &impl Fn(&mut Fields<'_>) -> T,
        items: &mut Vec<T>,
    ) -> bool {
        let place = [self.place.as_slice(), &[json!(list), json!(index)]].concat();
        if let Value::Object(object) = item {
            let mut fields = Fields::at_place(object, place);
            items.push(read(&mut fields));
            fields.note_unknown();
            self.problems.append(&mut fields.problems);
        } else {
            self.problems
                .push(Problem::new("dict_type", &place, DICT_TYPE, item));
        }
        self.problems.len() < FAULTS_LISTED
    }

    /// Records a missing field.
    pub(crate) fn missing(&mut self, name: &str) {
        let input = if self.is_query() {
            Value::Null
        } else {
            json!(self.object)
        };
        self.problems.push(Problem::new(
            "missing",
            &self.at(name),
            "Field required",
            &input,
        ));
    }

    /// Adds problems found elsewhere in the request.
    pub(crate) fn add(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.problems.extend(problems);
    }

    /// Reads fields that a request may send back but not change.
    pub(super) fn sent_back(&mut self, names: impl IntoIterator<Item = &'static str>) -> Unchanged {
        let mut unchanged = Unchanged::default();
        for name in names {
            if let Some(value) = self.raw(name) {
                unchanged.add(name, value.clone());
            }
        }
        unchanged
    }

    /// Returns true if the field is present, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Refuses the request if it has any problem, including unknown fields.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let problems = self.into_problems();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&problems))
        }
    }

    /// Records the fields of a body that were never read.
    fn note_unknown(&mut self) {
        if self.is_query() {
            return;
        }
        for (name, value) in self.object {
            if !self.known.contains(&name.as_str()) {
                let msg = unknown::message("field", name, &self.known);
                let place = self.at(name);
                self.problems
                    .push(Problem::new(unknown::KIND, &place, msg, value));
            }
            if self.problems.len() >= FAULTS_LISTED {
                return;
            }
        }
    }

    /// Returns the problems, for [`Fields::add`]. If there are too many, the last one says so.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.note_unknown();
        if self.problems.len() >= FAULTS_LISTED {
            self.problems.truncate(FAULTS_LISTED);
            let (msg, kind) = (
                "There may be more errors; these are the first",
                "too_many_faults",
            );
            self.problems
                .push(Problem::new(kind, &self.place, msg, &Value::Null));
        }
        self.problems
    }

    fn at(&self, name: &str) -> Vec<Value> {
        [self.place.as_slice(), &[json!(name)]].concat()
    }

    fn note(&mut self, name: &str, fault: Fault, value: &Value) {
        let mut loc = self.at(name);
        let mut input = value;
        if let Some(index) = fault.index {
            loc.push(json!(index));
            input = &value[index];
        }
        let (mut kind, mut msg) = (fault.kind, fault.msg);
        if value.is_array() && self.is_query() {
            (kind, msg) = ("given_twice", "Given more than once".to_owned());
        }
        let mut problem = Problem::new(kind, &loc, msg, input);
        problem.ctx = fault.more.map(|(name, text)| json!({ name: text }));
        self.problems.push(problem);
    }

    fn is_query(&self) -> bool {
        self.place == [json!("query")]
    }
}
