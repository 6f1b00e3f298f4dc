//! The types that a field can have, and what is said of a value that has another.

use serde_json::Value;
use tasktree_protocol::event::Level;
use tasktree_protocol::{AgentId, AgentStatus, Status, TaskId};

use crate::auth::Role;

/// Why a value cannot be read; `index` says which item of a list.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(super) kind: &'static str,
    pub(super) msg: String,
    pub(super) index: Option<usize>,
}

impl Fault {
    pub(crate) fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self {
            kind,
            msg: msg.into(),
            index: None,
        }
    }
}

/// A type that a field can have. Numbers and booleans are read from text too, because a query string has nothing else.
pub(crate) trait Kind: Sized {
    /// Reads it, or says why not.
    fn read(value: &Value) -> Result<Self, Fault>;
}

impl Kind for String {
    fn read(value: &Value) -> Result<Self, Fault> {
        value
            .as_str()
            .map(Self::from)
            .ok_or_else(|| Fault::new("string_type", "Input should be a valid string"))
    }
}

impl Kind for bool {
    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Bool(value) => Ok(*value),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
                "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
                _ => Err(Fault::new(
                    "bool_parsing",
                    "Input should be a valid boolean, unable to interpret input",
                )),
            },
            _ => Err(Fault::new("bool_type", "Input should be a valid boolean")),
        }
    }
}

impl Kind for i64 {
    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Number(number) => number.as_i64().ok_or_else(|| {
                Fault::new(
                    "int_from_float",
                    "Input should be a valid integer, got a number with a fractional part",
                )
            }),
            Value::String(text) => text.trim().parse().map_err(|_| {
                Fault::new(
                    "int_parsing",
                    "Input should be a valid integer, unable to parse string as an integer",
                )
            }),
            _ => Err(Fault::new("int_type", "Input should be a valid integer")),
        }
    }
}

macro_rules! unsigned {
    ($($number:ty),*) => {
        $(impl Kind for $number {
            fn read(value: &Value) -> Result<Self, Fault> {
                let number = i64::read(value)?;
                if number < 0 {
                    return Err(Fault::new("greater_than_equal", "Input should be greater than or equal to 0"));
                }
                Self::try_from(number).map_err(|_| {
                    Fault::new("less_than_equal", format!("Input should be less than or equal to {}", Self::MAX))
                })
            }
        })*
    };
}
unsigned!(u8, u32, u64, usize);

impl Kind for TaskId {
    /// A task's number is understood too, as a number or as text; the service finds out which task is meant.
    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) => Ok(text.as_str().into()),
            Value::Number(number) if number.is_u64() => Ok(number.to_string().into()),
            _ => Err(Fault::new(
                "string_type",
                "Input should be a task's id or number",
            )),
        }
    }
}

impl Kind for AgentId {
    fn read(value: &Value) -> Result<Self, Fault> {
        String::read(value).map(Self::from)
    }
}

impl<T: Kind> Kind for Vec<T> {
    fn read(value: &Value) -> Result<Self, Fault> {
        let Value::Array(items) = value else {
            return Err(Fault::new("list_type", LIST_TYPE));
        };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                T::read(item).map_err(|fault| Fault {
                    index: Some(index),
                    ..fault
                })
            })
            .collect()
    }
}

/// What pydantic says of a value that should be a list.
pub(crate) const LIST_TYPE: &str = "Input should be a valid list";

/// Names of a closed set, as pydantic lists them: `'a', 'b' or 'c'`.
fn one_of(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("Input should be {} or {last}", rest.join(", "))
        }
        _ => format!("Input should be {}", quoted.concat()),
    }
}

macro_rules! closed_set {
    ($($name:ty: $names:expr;)*) => {
        $(impl Kind for $name {
            fn read(value: &Value) -> Result<Self, Fault> {
                serde_json::from_value(value.clone()).map_err(|_| Fault::new("enum", one_of(&$names)))
            }
        })*
    };
}
closed_set! {
    Role: Role::ALL.map(Role::as_str);
    Status: Status::ALL.map(Status::as_str);
    AgentStatus: ["running", "idle", "waiting", "completed", "failed"];
    Level: ["debug", "info", "success", "warning", "error"];
}
