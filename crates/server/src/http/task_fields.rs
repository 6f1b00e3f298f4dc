//! Tasks in request bodies.

use serde_json::Value;
use tasktree_protocol::{
    NewTask, Status, TaskId, TaskPatch, new_task_fields, task_fields, task_patch_fields,
};

use super::fields::{Fault, Fields, Kind, Priority, UNKNOWN, unknown};
use crate::domain::TaskEdit;

/// Reads a task to be created.
pub(super) fn new_task(fields: &mut Fields<'_>) -> NewTask {
    macro_rules! one {
        (title: $type:ty) => {
            fields.required("title")
        };
        (priority: $type:ty) => {
            fields.or_default::<Priority>("priority").0
        };
        (on_hold: $type:ty) => {
            fields.optional::<Reason>("on_hold").map(|hold| hold.0)
        };
        ($name:ident: $type:ty) => {
            <$type as Omissible>::read_or_empty(fields, stringify!($name))
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { NewTask { $($name: one!($name: $type),)* } };
    }
    new_task_fields!(all)
}

/// Reads the fields of a task that can be changed.
fn patch(fields: &mut Fields<'_>) -> TaskPatch {
    macro_rules! one {
        (priority) => {
            fields
                .maybe::<Priority>("priority")
                .map(|priority| priority.0)
        };
        (on_hold) => {
            fields.maybe::<Reason>("on_hold").map(|hold| hold.0)
        };
        ($name:ident) => {
            fields.maybe(stringify!($name))
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty,)*) => { TaskPatch { $($name: one!($name),)* } };
    }
    task_patch_fields!(all)
}

/// Type of a field that a request may leave out.
pub(in crate::http) trait Omissible {
    /// Reads the field; if it is left out or null, the value is empty.
    fn read_or_empty(fields: &mut Fields<'_>, name: &'static str) -> Self;
}

impl<T: Kind> Omissible for Option<T> {
    fn read_or_empty(fields: &mut Fields<'_>, name: &'static str) -> Self {
        fields.optional(name)
    }
}

macro_rules! omissible {
    ($($type:ty),*) => {
        $(impl Omissible for $type {
            fn read_or_empty(fields: &mut Fields<'_>, name: &'static str) -> Self {
                fields.or_default(name)
            }
        })*
    };
}
omissible!(String, u32, i64, Status, Vec<String>, Vec<TaskId>);

/// Returns the fields of a task that no request can change, because they are derived from others or
/// set by the server. The version is not one of them: in a request it states a condition.
fn read_only() -> impl Iterator<Item = &'static str> {
    macro_rules! of_task {
        ($($name:ident: $type:ty, $($doc:literal)+;)*) => { [$(stringify!($name)),*] };
    }
    macro_rules! of_patch {
        ($($name:ident: $type:ty,)*) => { [$(stringify!($name)),*] };
    }
    let changeable = task_patch_fields!(of_patch);
    task_fields!(of_task)
        .into_iter()
        .filter(move |name| *name != "rev" && !changeable.contains(name))
        .map(wire_name)
}

/// Returns the name of a task's field in JSON.
fn wire_name(field: &str) -> &str {
    match field {
        "number" => "task_id",
        other => other,
    }
}

/// Reads a change of a task. It may be the whole task as a response contained it.
pub(super) fn edit(fields: &mut Fields<'_>, if_rev: Option<u64>) -> TaskEdit {
    let patch = patch(fields);
    let mut unchanged = fields.sent_back(read_only());
    let hold = fields.raw("on_hold");
    if let Some(since) = hold.and_then(|hold| hold.get("since")) {
        unchanged.add("on_hold.since", since.clone());
    }
    // A version other than the stored one is a conflict, in the body as well as in `If-Match`.
    let rev = fields.optional("rev");
    if let (Some(rev), Some(_)) = (rev, if_rev) {
        unchanged.add("rev", Value::from(rev));
    }
    TaskEdit {
        patch,
        if_rev: if_rev.or(rev),
        take: fields.optional("take"),
        unchanged,
    }
}

/// Reason for a hold: a text, or an object with it as `reason`, as in responses.
struct Reason(String);

impl Kind for Reason {
    fn read(value: &Value) -> Result<Self, Fault> {
        let Value::Object(object) = value else {
            return String::read(value).map(Self);
        };
        let known = ["reason", "since"];
        if let Some(name) = object.keys().find(|name| !known.contains(&name.as_str())) {
            let msg = unknown("field", name, &known);
            return Err(Fault::new(UNKNOWN, format!("{name}: {msg}")));
        }
        let reason = object.get("reason").unwrap_or(&Value::Null);
        String::read(reason).map(Self)
    }
}
