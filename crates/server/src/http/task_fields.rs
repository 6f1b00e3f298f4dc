//! Tasks as requests write them.

use tasktree_protocol::{NewTask, TaskPatch};

use super::fields::Fields;

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
    }
}
