//! Types that a field can have, and the errors for values of another type.

use serde_json::Value;
use tasktree_protocol::event::Level;
use tasktree_protocol::{AgentId, AgentStatus, Status, TaskId, Timestamp};

use crate::auth::Role;
use crate::compat::problem::LIST_TYPE;
use crate::domain::import::Subtasks;

/// Reason for which a value cannot be read. `index` is the position in a list.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(super) kind: &'static str,
    pub(super) msg: String,
    pub(super) index: Option<usize>,
    /// Name and text of an additional detail.
    pub(super) more: Option<(&'static str, &'static str)>,
}

impl Fault {
    pub(crate) fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self {
            kind,
            msg: msg.into(),
            index: None,
            more: None,
        }
    }
}

/// Type that a field can have. Numbers and booleans are also read from text, because a query string
/// has nothing else.
pub(crate) trait Kind: Sized {
    /// Reads a value, or returns the reason for which it cannot.
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
            Value::Number(number) => number.as_i64().or_else(|| whole(number)).ok_or_else(|| {
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

/// Returns the integer value of a number with a decimal point or an exponent. JSON has one number
/// type, and some programs write 128 as `128.0`.
fn whole(number: &serde_json::Number) -> Option<i64> {
    /// Limit beyond which doubles skip integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = number.as_f64()?;
    let exact = number.fract() == 0.0 && number.abs() <= EXACT;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an integer within the range"
    )]
    exact.then_some(number as i64)
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
    /// Reads an id. A task's number is accepted too, as a number or as text; the service finds the
    /// task.
    fn read(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) => Ok(text.as_str().into()),
            Value::Number(_) => u64::read(value).map(|number| number.to_string().into()),
            _ => Err(Fault::new(
                "string_type",
                "Input should be a task's id or number",
            )),
        }
    }
}

/// Priority: a number, or the word that the board shows for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Priority(pub(crate) u32);

impl Kind for Priority {
    fn read(value: &Value) -> Result<Self, Fault> {
        let word = value.as_str().map(|text| text.trim().to_lowercase());
        match word.as_deref() {
            Some("urgent" | "critical" | "highest") => Ok(Self(1)),
            Some("high") => Ok(Self(2)),
            Some("medium" | "normal") => Ok(Self(3)),
            Some("low") => Ok(Self(4)),
            Some("none") => Ok(Self(0)),
            _ => u32::read(value).map(Self).map_err(|fault| Fault {
                more: Some(("scale", PRIORITY_SCALE)),
                ..fault
            }),
        }
    }
}

/// Scale of priorities, for callers that sent something else.
const PRIORITY_SCALE: &str = "1 or 'urgent', 2 'high', 3 'medium', 4 'low', 0 'none'; \
    larger numbers are later than 4";

impl Kind for Timestamp {
    fn read(value: &Value) -> Result<Self, Fault> {
        let time: Self = serde_json::from_value(value.clone()).map_err(|_| {
            let msg = "Input should be a time such as 2026-11-29T12:00:00Z";
            Fault::new("datetime_parsing", msg)
        })?;
        // A time without a zone is UTC here.
        Ok(Self::from_unix_millis(time.unix_millis(0)))
    }
}

impl Kind for AgentId {
    fn read(value: &Value) -> Result<Self, Fault> {
        String::read(value).map(Self::from)
    }
}

/// List. In a query string its entries are separated by commas, or each has its own parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed<T>(pub(crate) Vec<T>);

impl<T: Kind> Kind for Listed<T> {
    fn read(value: &Value) -> Result<Self, Fault> {
        let given = match value {
            Value::Array(given) => given.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut items = Vec::new();
        for text in given.iter().filter_map(Value::as_str) {
            for item in text.split(',') {
                items.push(T::read(&Value::from(item.trim()))?);
            }
        }
        Ok(Self(items))
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

/// Returns the message that lists a closed set of names as pydantic does: `'a', 'b' or 'c'`.
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
    Subtasks: ["checklist", "tasks"];
    Level: ["debug", "info", "success", "warning", "error"];
}
