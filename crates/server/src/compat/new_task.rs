//! Requests for new tasks as older scripts send them: fields in the query string, and dependencies
//! as the body.

use serde_json::{Map, Value, json};

use super::problem::{LIST_TYPE, Problem};

/// Fields of a new task that may come in the query string.
const QUERY_FIELDS: [&str; 6] = [
    "title",
    "description",
    "prompt",
    "priority",
    "status",
    "branch",
];

/// Fields of a new task, with their places in the request.
pub(crate) struct NewTaskFields {
    /// Fields of the body and of the query string.
    pub(crate) object: Map<String, Value>,
    in_query: Vec<&'static str>,
    has_body: bool,
    problems: Vec<Problem>,
}

impl NewTaskFields {
    /// Collects the fields of a request. A body that is an array is the list of dependencies.
    pub(crate) fn of(query: &Map<String, Value>, body: Option<Value>) -> Self {
        let mut problems = Vec::new();
        let mut object = match body {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(list @ Value::Array(_)) => Map::from_iter([("dependencies".to_owned(), list)]),
            Some(other) => {
                let place = [json!("body")];
                problems.push(Problem::new("list_type", &place, LIST_TYPE, &other));
                Map::new()
            }
        };
        let has_body = !object.is_empty();
        let mut in_query = Vec::new();
        for name in QUERY_FIELDS {
            let Some(value) = query.get(name) else {
                continue;
            };
            in_query.push(name);
            if object.insert(name.to_owned(), value.clone()).is_some() {
                let place = [json!("query"), json!(name)];
                let msg = "Given in both the query string and the body";
                problems.push(Problem::new("given_twice", &place, msg, value));
            }
        }
        Self {
            object,
            in_query,
            has_body,
            problems,
        }
    }

    /// Returns the part of the request that a field came from.
    pub(crate) fn place(&self, field: &str) -> &'static str {
        match self.in_query.contains(&field) {
            true => "query",
            false => "body",
        }
    }

    /// Returns all problems, with those that reading the fields has found. Each is reported where
    /// the value was given. A missing title belongs to the query, unless there is a body.
    pub(crate) fn problems(&mut self, found: Vec<Problem>) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.extend(found.into_iter().map(|problem| {
            let field = problem.loc.get(1).and_then(Value::as_str);
            let is_in_query = self.in_query.contains(&field.unwrap_or_default());
            if is_in_query || (problem.r#type == "missing" && !self.has_body) {
                problem.moved_to("query")
            } else {
                problem
            }
        }));
        problems
    }
}
