//! A task being changed, with the row as it was read: the differences become the record of the
//! change.

use std::ops::{Deref, DerefMut};

use tasktree_protocol::{Status, Task, Timestamp, task_fields};

use crate::error::Result;
use crate::record::Fields;
use crate::store::{FieldChange, StoredTask};

/// A task's row and its state before the change. Derefs to the row.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    stored: StoredTask,
    before: Option<Box<Before>>,
}

/// A task before a change.
#[derive(Clone, Debug)]
struct Before {
    task: Task,
    deleted_at: Option<Timestamp>,
}

impl Before {
    fn of(stored: &StoredTask) -> Option<Box<Self>> {
        Some(Box::new(Self {
            task: stored.task.clone(),
            deleted_at: stored.deleted_at,
        }))
    }
}

impl Draft {
    /// Returns the draft of a stored row.
    pub(crate) fn of(stored: StoredTask) -> Self {
        Self {
            before: Before::of(&stored),
            stored,
        }
    }

    /// Returns the draft of a row that is not stored yet.
    pub(crate) const fn new(stored: StoredTask) -> Self {
        Self {
            stored,
            before: None,
        }
    }

    /// Returns the status before the change: unclaimed for a new task.
    pub(crate) fn old_status(&self) -> Status {
        let before = self.before.as_ref();
        before.map_or(Status::Unclaimed, |before| before.task.status)
    }

    /// Returns the fields that differ from the row as it was read.
    pub(crate) fn changes(&self) -> Result<Vec<FieldChange>> {
        changes(self.before.as_deref(), &self.stored)
    }

    /// Makes the current row the state before the next change.
    pub(super) fn rebase(&mut self) {
        self.before = Before::of(&self.stored);
    }

    /// Returns the row.
    pub(crate) fn into_stored(self) -> StoredTask {
        self.stored
    }

    /// Returns the task.
    pub(crate) fn into_task(self) -> Task {
        self.stored.task
    }
}

impl Deref for Draft {
    type Target = StoredTask;

    fn deref(&self) -> &StoredTask {
        &self.stored
    }
}

impl DerefMut for Draft {
    fn deref_mut(&mut self) -> &mut StoredTask {
        &mut self.stored
    }
}

/// Returns the fields in which two states of a task differ; for a new task, all that are not empty.
fn changes(before: Option<&Before>, stored: &StoredTask) -> Result<Vec<FieldChange>> {
    let mut found = Fields::default();
    macro_rules! one {
        // These follow from others, or change with every change.
        (id) => {};
        (number) => {};
        (created_at) => {};
        (updated_at) => {};
        (completed_at) => {};
        (merged_at) => {};
        (rev) => {};
        (status_changed_at) => {};
        (blocked_by) => {};
        (holder) => {};
        (generation) => {};
        ($name:ident) => {
            let (was, is) = (before.map(|it| &it.task.$name), &stored.task.$name);
            found.note(stringify!($name), was, Some(is))?;
        };
    }
    macro_rules! all {
        ($($name:ident: $type:ty, $($doc:literal)+;)*) => { $(one!($name);)* };
    }
    task_fields!(all);
    let was_deleted = before.map(|before| &before.deleted_at);
    found.note("deleted_at", was_deleted, Some(&stored.deleted_at))?;
    Ok(found.into_inner())
}
