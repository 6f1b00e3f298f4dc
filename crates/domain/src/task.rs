//! Tasks: changes of their fields, and what all changes of them share.

mod assign;
mod assignee;
mod bounds;
mod create;
mod draft;
mod events;
mod evidence;
mod fields;
mod merge;
mod parent;
mod removal;
mod reset;
mod status;
mod undo;

use tasktree_protocol::{AgentId, Event, ProjectId, Task, TaskId, TaskPatch};

use super::change::AffectedTask;
use super::{Change, Unchanged, dependencies};
use crate::error::{Error, Result};
use crate::store::{Read, StoredTask};
pub(crate) use bounds::Bounded;
pub use bounds::{Bound, TaskBounds, TextBound};
pub use create::create;
pub(super) use create::create_after;
pub(super) use draft::Draft;
pub(super) use events::{emit_task_change, emit_unchanged, save_and_emit};
pub(super) use evidence::judge;
pub use evidence::{Observed, Statement};
pub(super) use fields::blank;
pub use merge::{mergeable, merged, merged_by_hand};
pub use removal::{delete, restore};
pub use reset::{reset_all, settle_part};
pub(super) use reset::{settle, settle_agent};
pub(super) use status::set_status;
pub use undo::{UndoPart, is_small as is_small_undo, list_undos, undo, undo_part};
pub use undo::{Undoable, Undone};

/// Returns the stored task that a request names, unless it was removed.
pub(super) fn find(rows: &dyn Read, project: &ProjectId, task: &TaskId) -> Result<Draft> {
    let stored = match task.number_in(project) {
        Some(number) => rows.task(project, number)?,
        None => None,
    };
    stored
        .filter(|stored| stored.deleted_at.is_none())
        .map(Draft::of)
        .ok_or_else(|| Error::no_task(task))
}

/// Returns the task as in a response, with `blocked_by`.
pub(super) fn answer(rows: &dyn Read, project: &ProjectId, mut task: Task) -> Result<Task> {
    task.blocked_by = dependencies::blocked_by(rows, project, &task.dependencies)?;
    Ok(task)
}

/// Stores a changed task as its next version; returns its changes.
pub(super) fn save(
    change: &mut Change<'_>,
    project: &ProjectId,
    draft: &mut Draft,
) -> Result<AffectedTask> {
    reset::settle(change, project, draft.task.number)?;
    let fields = draft.changes()?;
    draft.task.rev += 1;
    draft.task.updated_at = change.now;
    change.tx.put_task(project, draft)?;
    draft.rebase();
    let StoredTask {
        task, deleted_at, ..
    } = &**draft;
    Ok(AffectedTask {
        number: task.number,
        rev: task.rev,
        status: deleted_at.is_none().then_some(task.status),
        generation: task.generation,
        fields,
    })
}

/// Change of a task, as a request asks for it.
#[derive(Clone, Debug, Default)]
pub struct TaskEdit {
    /// Fields to change.
    pub patch: TaskPatch,
    /// Version that the task must have.
    pub if_rev: Option<u64>,
    /// Agent from which a person takes the task.
    pub take: Option<AgentId>,
    /// Read-only fields that the request sends back.
    pub unchanged: Unchanged,
}

/// Changes fields of a task.
pub fn update(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: &TaskId,
    edit: TaskEdit,
) -> Result<Task> {
    let TaskEdit {
        mut patch,
        if_rev,
        take,
        unchanged,
    } = edit;
    change.require(project)?;
    let mut draft = find(&*change.tx, project, task)?;
    refuse_other_version(change, project, &draft, if_rev)?;
    if !unchanged.is_empty() {
        unchanged.check(&answer(&*change.tx, project, draft.task.clone())?)?;
    }
    fields::check_patch(&mut patch, &draft.task, change.limits)?;
    assignee::check(change, project, &draft.task, &patch)?;
    let then = assign::prepare(change, project, &mut draft, &mut patch, take.as_ref())?;
    let dependencies = draft.task.dependencies.clone();
    let (now, limits) = (change.now, change.limits);
    fields::apply(&mut draft.task, patch, &*change.tx, project, now, limits)?;
    if draft.task.dependencies != dependencies {
        let more = draft.task.dependencies.len();
        let more = more.saturating_sub(dependencies.len());
        dependencies::refuse_too_many(&*change.tx, project, more, limits)?;
        let (number, dependencies) = (draft.task.number, &draft.task.dependencies);
        dependencies::refuse_circle(&*change.tx, project, number, dependencies)?;
    }
    let was = draft.old_status();
    dependencies::refuse_blocked(&*change.tx, project, &draft.task, was)?;
    let assigned = assign::finish(change, project, &mut draft, then)?;
    if draft.changes()?.is_empty() && !assigned {
        return answer(&*change.tx, project, draft.into_task());
    }
    save_and_emit(change, project, draft, Event::TaskUpdated)
}

/// Refuses a change that was made for a version of the task other than the stored one.
fn refuse_other_version(
    change: &Change<'_>,
    project: &ProjectId,
    draft: &Draft,
    if_rev: Option<u64>,
) -> Result<()> {
    let Some(rev) = if_rev.filter(|rev| *rev != draft.task.rev) else {
        return Ok(());
    };
    let current = Box::new(answer(&*change.tx, project, draft.task.clone())?);
    let message = format!(
        "Task #{} has changed: its version is {}, but the request is for version {rev}.",
        current.number, current.rev
    );
    Err(Error::Conflict { message, current })
}
