//! Tasks in request bodies.

use serde_json::Value;
use tasktree_protocol::{NewTask, TaskPatch};

use super::fields::{Fault, Fields, Kind, Priority, UNKNOWN, unknown};
use crate::domain::TaskEdit;

/// Reads a task to be created.
pub(super) fn new_task(fields: &mut Fields<'_>) -> NewTask {
    NewTask {
        title: fields.required("title"),
        description: fields.optional("description"),
        prompt: fields.optional("prompt"),
        status: fields.or_default("status"),
        branch: fields.optional("branch"),
        dependencies: fields.or_default("dependencies"),
        priority: fields.or_default::<Priority>("priority").0,
        owned_files: fields.or_default("owned_files"),
        shared_files: fields.or_default("shared_files"),
        creates_files: fields.or_default("creates_files"),
        merge_order: fields.or_default("merge_order"),
        exclusive_files: fields.or_default("exclusive_files"),
        initialization_deps: fields.or_default("initialization_deps"),
        parent: fields.optional("parent"),
        on_hold: fields.optional::<Reason>("on_hold").map(|hold| hold.0),
    }
}

/// Reads the fields of a task that can be changed.
fn patch(fields: &mut Fields<'_>) -> TaskPatch {
    TaskPatch {
        title: fields.maybe("title"),
        description: fields.maybe("description"),
        prompt: fields.maybe("prompt"),
        status: fields.maybe("status"),
        branch: fields.maybe("branch"),
        session: fields.maybe("session"),
        dependencies: fields.maybe("dependencies"),
        priority: fields
            .maybe::<Priority>("priority")
            .map(|priority| priority.0),
        owned_files: fields.maybe("owned_files"),
        shared_files: fields.maybe("shared_files"),
        creates_files: fields.maybe("creates_files"),
        merge_order: fields.maybe("merge_order"),
        exclusive_files: fields.maybe("exclusive_files"),
        initialization_deps: fields.maybe("initialization_deps"),
        parent: fields.maybe("parent"),
        on_hold: fields.maybe::<Reason>("on_hold").map(|hold| hold.0),
        assignee: fields.maybe("assignee"),
    }
}

/// Fields of a task that are derived from others or set by the server.
const READ_ONLY: [&str; 13] = [
    "id",
    "task_id",
    "created_at",
    "updated_at",
    "completed_at",
    "merged_at",
    "status_changed_at",
    "blocked_by",
    "holder",
    "generation",
    "evidence",
    "verdict",
    "merge_commit",
];

/// Reads a change of a task. It may be the whole task as a response contained it.
pub(super) fn edit(fields: &mut Fields<'_>, if_rev: Option<u64>) -> TaskEdit {
    let patch = patch(fields);
    let mut unchanged = fields.sent_back(&READ_ONLY);
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
