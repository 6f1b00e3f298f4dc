//! Problems of invalid requests, in the format that existing scripts know from FastAPI: `type`,
//! `loc`, `msg`, `input`.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::error::FieldError;

/// Message for a value that should be an object.
pub(crate) const DICT_TYPE: &str = "Input should be a valid dictionary";

/// Message for a value that should be a list.
pub(crate) const LIST_TYPE: &str = "Input should be a valid list";

/// Error of an invalid request.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a body that is made in parts")]
pub(crate) struct Invalid {
    detail: Vec<Problem>,
}

/// Problem of a request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Kind of the problem, for programs: `missing`, `string_type`, `int_parsing`, ...
    pub(crate) r#type: String,
    /// Place in the request: `body`, `query` or `path`, then names and positions.
    pub(crate) loc: Vec<Value>,
    /// Message for people.
    pub(crate) msg: String,
    /// Value that was found there: any JSON; long values are cut.
    pub(crate) input: Value,
    /// Details of the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ctx: Option<Value>,
}

impl Problem {
    /// Creates a problem of the value at a place.
    pub(crate) fn new(kind: &str, loc: &[Value], msg: impl Into<String>, input: &Value) -> Self {
        Self {
            r#type: kind.into(),
            loc: loc.to_vec(),
            msg: msg.into(),
            input: quoted(input),
            ctx: None,
        }
    }
}

impl Problem {
    /// Creates the problem of a field. The service names a list entry as `dependencies.2`; `place`
    /// returns the part of the request that a field came from.
    pub(crate) fn of_field(field: &FieldError, place: &impl Fn(&str) -> &'static str) -> Self {
        let mut parts = field.field.split('.');
        let name = parts.next().unwrap_or_default();
        let at = match name {
            "idempotency-key" | "Idempotency-Key" => "header",
            _ => place(name),
        };
        let rest = parts.map(|part| {
            part.parse::<u64>()
                .map_or_else(|_| json!(part), |index| json!(index))
        });
        // A fault of the whole request has no name.
        let name = (!name.is_empty()).then(|| json!(name));
        let loc: Vec<Value> = [json!(at)].into_iter().chain(name).chain(rest).collect();
        Self::new(field.kind, &loc, field.message.as_str(), &field.input)
    }

    /// Moves the problem to another part of the request.
    pub(crate) fn moved_to(mut self, place: &str) -> Self {
        if let Some(first) = self.loc.first_mut() {
            *first = json!(place);
        }
        if self.r#type == "missing" {
            self.input = Value::Null;
        }
        self
    }
}

/// Number of characters of a wrong value that are returned. Longer values are cut.
const QUOTED_CHARS: usize = 200;

fn quoted(input: &Value) -> Value {
    match input {
        Value::String(text) => quoted_text(text).map_or_else(|| input.clone(), Value::String),
        Value::Array(_) | Value::Object(_) => {
            let text = input.to_string();
            quoted_text(&text).map_or_else(|| input.clone(), Value::String)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => input.clone(),
    }
}

/// Returns the beginning of a text that is too long to be returned whole.
fn quoted_text(text: &str) -> Option<String> {
    let (end, _) = text.char_indices().nth(QUOTED_CHARS)?;
    Some(format!("{}…", text.get(..end)?))
}
