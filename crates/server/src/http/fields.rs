//! Typed values read from a JSON object or a query string. All problems are collected, so that one
//! response names every fault. Unknown fields are faults too: a request is never partly applied.

mod kind;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tasktree_protocol::{Status, TaskId};

    use super::*;

    fn problems(object: &Value, read: impl Fn(&mut Fields<'_>)) -> Value {
        let mut fields = Fields::of_body(object.as_object().unwrap());
        read(&mut fields);
        json!(fields.problems)
    }

    #[test]
    fn every_fault_of_a_body_is_named_with_its_place() {
        let body = json!({"status": "bogus", "dependencies": ["1", {}], "priority": "high", "owned_files": 3});
        let problems = problems(&body, |fields| {
            fields.maybe::<Status>("status");
            fields.maybe::<Vec<TaskId>>("dependencies");
            fields.maybe::<u32>("priority");
            fields.maybe::<Vec<String>>("owned_files");
            fields.required::<String>("title");
        });
        assert_eq!(problems[0]["loc"], json!(["body", "status"]));
        assert_eq!(problems[0]["type"], "enum");
        assert!(
            problems[0]["msg"]
                .as_str()
                .unwrap()
                .ends_with("'completed' or 'merged'")
        );
        assert_eq!(problems[1]["loc"], json!(["body", "dependencies", 1]));
        assert_eq!(problems[1]["input"], json!({}));
        assert_eq!(problems[2]["type"], "int_parsing");
        assert_eq!(problems[3]["msg"], LIST_TYPE);
        assert_eq!(problems[4]["type"], "missing");
    }

    #[test]
    fn a_field_that_nobody_asked_for_is_a_fault_and_names_the_likely_one() {
        let body = json!({"title": "a", "depends_on": [1], "state": "done", "titel": "b", "qq": 1});
        let mut fields = Fields::of_body(body.as_object().unwrap());
        fields.required::<String>("title");
        fields.optional::<Vec<TaskId>>("dependencies");
        fields.optional::<Status>("status");
        let problems = json!(fields.into_problems());
        let all: Vec<_> = problems.as_array().unwrap().iter().collect();
        assert_eq!(all.len(), 4, "{problems}");
        assert!(
            all.iter()
                .all(|problem| problem["type"] == "extra_forbidden")
        );
        assert_eq!(all[0]["loc"], json!(["body", "depends_on"]));
        assert_eq!(all[0]["input"], json!([1]));
        for (problem, meant) in all.iter().zip(["'dependencies'", "'status'", "'title'"]) {
            let msg = problem["msg"].as_str().unwrap();
            assert!(msg.contains(&format!("did you mean {meant}")), "{msg}");
        }
        assert_eq!(
            all[3]["msg"],
            "Unknown field; the known ones are 'title', 'dependencies' and 'status'"
        );
    }

    #[test]
    fn an_unknown_field_of_an_entry_is_a_fault_at_its_place() {
        let body = json!({"tasks": [{"title": "a", "prio": 1}]});
        let problems = problems(&body, |fields| {
            fields.objects("tasks", |task| {
                task.optional::<u32>("priority");
                task.required::<String>("title")
            });
        });
        assert_eq!(problems[0]["loc"], json!(["body", "tasks", 0, "prio"]));
        assert_eq!(
            problems[0]["msg"],
            "Unknown field; did you mean 'priority'?"
        );
    }

    #[test]
    fn a_fault_in_a_list_of_objects_names_the_item() {
        let body = json!({"tasks": [{"title": "a"}, {"title": 1}, 7]});
        let problems = problems(&body, |fields| {
            fields.objects("tasks", |task| task.required::<String>("title"));
        });
        assert_eq!(problems[0]["loc"], json!(["body", "tasks", 1, "title"]));
        assert_eq!(problems[1]["loc"], json!(["body", "tasks", 2]));
    }

    #[test]
    fn a_list_of_faults_is_bounded_and_says_so() {
        let body = json!({"tasks": vec![json!({}); 3 * FAULTS_LISTED]});
        let mut fields = Fields::of_body(body.as_object().unwrap());
        let read = fields.objects("tasks", |task| task.required::<String>("title"));
        assert_eq!(read.len(), FAULTS_LISTED, "the rest is not read");
        let problems = fields.into_problems();
        assert_eq!(problems.len(), FAULTS_LISTED + 1);
        assert_eq!(problems[FAULTS_LISTED].r#type, "too_many_faults");
    }

    #[test]
    fn absent_and_null_are_told_apart() {
        let body = json!({"description": null});
        let mut fields = Fields::of_body(body.as_object().unwrap());
        assert_eq!(fields.maybe::<String>("description"), Maybe::Null);
        assert_eq!(fields.maybe::<String>("prompt"), Maybe::Absent);
        assert!(fields.finish().is_ok());
    }

    proptest! {
        #[test]
        fn a_number_is_read_the_same_from_json_and_from_a_query(number in any::<i64>()) {
            let from_json = u32::read(&json!(number)).ok();
            let from_query = u32::read(&json!(number.to_string())).ok();
            prop_assert_eq!(from_json, u32::try_from(number).ok());
            prop_assert_eq!(from_query, from_json);
        }
    }
}
