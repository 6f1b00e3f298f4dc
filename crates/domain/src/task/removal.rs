//! Removal of tasks, and their restoration.

use tasktree_protocol::event::TaskDeleted;
use tasktree_protocol::{Event, ProjectId, Task, TaskId};

use super::{Draft, answer, find, refuse_other_version, save, save_and_emit};
use crate::Change;
use crate::agent::claim::{self, Ending};
use crate::change::EventContext;
use crate::error::{Error, Result};

/// Removes a task; with `if_rev` only if it has that version.
pub fn delete(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: &TaskId,
    if_rev: Option<u64>,
) -> Result<()> {
    change.require(project)?;
    let mut draft = find(&*change.tx, project, task)?;
    refuse_other_version(change, project, &draft, if_rev)?;
    claim::lose(change, project, &mut draft, Ending::Deleted)?;
    draft.deleted_at = Some(change.now);
    let affected = save(change, project, &mut draft)?;
    let context = EventContext {
        tasks: vec![affected],
        ..EventContext::default()
    };
    let task_id = draft.task.id.clone();
    change.emit(
        Some(project),
        Event::TaskDeleted(TaskDeleted { task_id }),
        context,
    )
}

/// Restores a removed task.
pub fn restore(change: &mut Change<'_>, project: &ProjectId, task: &TaskId) -> Result<Task> {
    change.require(project)?;
    let number = task
        .number_in(project)
        .ok_or_else(|| Error::no_task(task))?;
    let stored = change
        .tx
        .task(project, number)?
        .ok_or_else(|| Error::no_task(task))?;
    if stored.deleted_at.is_none() {
        // The task exists: a repeated request gets what it asked for.
        return answer(&*change.tx, project, stored.task);
    }
    let mut draft = Draft::of(stored);
    draft.deleted_at = None;
    save_and_emit(change, project, draft, Event::TaskCreated)
}
