//! Tasks as requests write them.

use serde_json::Value;
use tasktree_protocol::{Maybe, NewTask, TaskPatch};

use super::fields::{Fault, Fields, Kind};

/// A task to be made.
pub(super) fn new_task(fields: &mut Fields<'_>) -> NewTask {
    NewTask {
        title: fields.required("title"),
        description: fields.optional("description"),
        prompt: fields.optional("prompt"),
        status: fields.or_default("status"),
        branch: fields.optional("branch"),
        dependencies: fields.or_default("dependencies"),
        priority: fields.or_default("priority"),
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

/// A change of a task.
pub(super) fn patch(fields: &mut Fields<'_>) -> TaskPatch {
    TaskPatch {
        title: fields.maybe("title"),
        description: fields.maybe("description"),
        prompt: fields.maybe("prompt"),
        status: fields.maybe("status"),
        branch: fields.maybe("branch"),
        session: fields.maybe("session"),
        dependencies: fields.maybe("dependencies"),
        priority: fields.maybe("priority"),
        owned_files: fields.maybe("owned_files"),
        shared_files: fields.maybe("shared_files"),
        creates_files: fields.maybe("creates_files"),
        merge_order: fields.maybe("merge_order"),
        exclusive_files: fields.maybe("exclusive_files"),
        initialization_deps: fields.maybe("initialization_deps"),
        parent: fields.maybe("parent"),
        on_hold: match fields.maybe::<Reason>("on_hold") {
            Maybe::Absent => Maybe::Absent,
            Maybe::Null => Maybe::Null,
            Maybe::Value(hold) => Maybe::Value(hold.0),
        },
        assignee: fields.maybe("assignee"),
    }
}

/// The reason for a hold: a text, or an object that has it as `reason`, as answers give it.
struct Reason(String);

impl Kind for Reason {
    fn read(value: &Value) -> Result<Self, Fault> {
        let text = value.get("reason").unwrap_or(value);
        String::read(text).map(Self)
    }
}
