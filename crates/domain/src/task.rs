//! Tasks: creation, changes, removal, restoration.

mod assign;
mod assignee;
mod bounds;
mod draft;
mod evidence;
mod fields;
mod parent;
mod reset;
mod status;
mod undo;

use tasktree_protocol::event::{TaskChange, TaskDeleted};
use tasktree_protocol::task::OnHold;
use tasktree_protocol::{
    AgentId, Event, NewTask, ProjectId, Status, Task, TaskCard, TaskId, TaskPatch,
};

use super::agent::claim::{self, Ending};
use super::change::Caller;
use super::change::{AffectedTask, EventContext};
use super::dependencies::States;
use super::{Change, Unchanged, dependencies};
use crate::error::{Error, Result};
use crate::store::{Read, StoredTask};
pub(crate) use bounds::Bounded;
pub use bounds::{Bound, TaskBounds, TextBound};
pub(super) use draft::Draft;
pub(super) use evidence::judge;
pub use evidence::{Observed, Statement};
pub(super) use fields::blank;
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

/// Emits the event that a task was created, restored, or changed; returns the task as in a
/// response.
pub(super) fn emit_card(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: Task,
    affected: AffectedTask,
    event: fn(TaskCard) -> Event,
) -> Result<Task> {
    let task = answer(&*change.tx, project, task)?;
    emit_with_blockers(change, project, task, affected, event)
}

/// Emits such an event for a task whose `blocked_by` is already filled in.
fn emit_with_blockers(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: Task,
    affected: AffectedTask,
    event: fn(TaskCard) -> Event,
) -> Result<Task> {
    let event = event(TaskCard::from(&task));
    let is_new = matches!(event, Event::TaskCreated(_));
    let context = EventContext {
        changed: if is_new { Vec::new() } else { affected.names() },
        tasks: vec![affected],
        legacy: Some(&task),
        ..EventContext::default()
    };
    change.emit(Some(project), event, context)?;
    Ok(task)
}

/// Emits an event about an unchanged task, which does not become part of its history.
pub(super) fn emit_unchanged(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: Task,
    event: fn(TaskCard) -> Event,
) -> Result<()> {
    let task = answer(&*change.tx, project, task)?;
    let context = EventContext {
        legacy: Some(&task),
        ..EventContext::default()
    };
    change.emit(Some(project), event(TaskCard::from(&task)), context)
}

/// Emits an event that carries a task's row with the fields that older clients read.
pub(super) fn emit_task_change(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: &Task,
    affected: AffectedTask,
    event: fn(TaskChange) -> Event,
    agent: Option<tasktree_protocol::Agent>,
) -> Result<()> {
    let data = TaskChange {
        task_id: task.id.clone(),
        status: Some(task.status),
        branch: Some(task.branch.clone()),
        title: None,
        session: task.session.clone(),
        merge_commit: task.merge_commit.clone(),
        agent,
        task: Some(TaskCard::from(task)),
    };
    let context = EventContext {
        changed: affected.names(),
        tasks: vec![affected],
        ..EventContext::default()
    };
    change.emit(Some(project), event(data), context)
}

/// Creates a task.
pub fn create(change: &mut Change<'_>, project: &ProjectId, new: NewTask) -> Result<Task> {
    let mut states = States::read(&*change.tx, project, &new.dependencies)?;
    create_after(change, project, new, &mut states)
}

/// Creates a task whose dependencies are among the known states; then adds its own state.
pub(super) fn create_after(
    change: &mut Change<'_>,
    project: &ProjectId,
    new: NewTask,
    states: &mut States,
) -> Result<Task> {
    change.require(project)?;
    let mut new = fields::check_new(new, change.limits)?;
    let dependencies = states.resolve(project, &new.dependencies, &[])?;
    dependencies::refuse_too_many(&*change.tx, project, dependencies.len(), change.limits)?;
    let most = change.limits.tasks_per_project;
    if change.tx.last_number(project)? >= most {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of tasks ({most})."
        )));
    }
    let number = change.tx.take_number(project)?;
    let mut task = fields::blank(project, number, change.now);
    fields::fill(&mut task, &mut new);
    task.dependencies = dependencies;
    task.parent = parent::resolve(
        &*change.tx,
        project,
        number,
        new.parent.as_ref(),
        change.limits,
    )?;
    task.on_hold = new.on_hold.map(|reason| OnHold {
        reason,
        since: change.now,
    });
    assign::check_caller(change, new.status, task.on_hold.is_some())?;
    set_status(&mut task, new.status, change.now);
    states.refuse_blocked(project, &task, Status::Unclaimed)?;
    states.add(&task);
    let mut draft = Draft::new(StoredTask {
        task,
        deleted_at: None,
        source: None,
    });
    let affected = save(change, project, &mut draft)?;
    let mut task = draft.into_task();
    task.blocked_by = states.blocked_by(project, &task.dependencies);
    emit_with_blockers(change, project, task, affected, Event::TaskCreated)
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
    let affected = save(change, project, &mut draft)?;
    emit_card(
        change,
        project,
        draft.into_task(),
        affected,
        Event::TaskUpdated,
    )
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
    let affected = save(change, project, &mut draft)?;
    emit_card(
        change,
        project,
        draft.into_task(),
        affected,
        Event::TaskCreated,
    )
}

/// Returns the task if it may be merged.
pub fn mergeable(rows: &dyn Read, project: &ProjectId, task: &TaskId) -> Result<Task> {
    let task = find(rows, project, task)?.into_task();
    if task.status != Status::Completed {
        return Err(Error::Refused("Task must be completed to merge".to_owned()));
    }
    Ok(task)
}

/// Marks a task as merged by hand: no commit is known to contain its work.
pub fn merged_by_hand(change: &mut Change<'_>, project: &ProjectId, task: &TaskId) -> Result<Task> {
    change.require(project)?;
    mergeable(&*change.tx, project, task)?;
    if let Caller::Agent(agent) = change.caller() {
        return Err(assign::merged_by_agent(&agent));
    }
    let draft = find(&*change.tx, project, task)?;
    mark_merged(change, project, draft, None)
}

/// Records that the main branch contains a task's work since `commit`.
///
/// `rev` is the version of the task that git acted for; a task that changed meanwhile stays as it
/// is.
pub fn merged(
    change: &mut Change<'_>,
    project: &ProjectId,
    task: &TaskId,
    rev: u64,
    commit: String,
) -> Result<Task> {
    change.require(project)?;
    let draft = find(&*change.tx, project, task)?;
    if draft.task.status != Status::Completed || draft.task.rev != rev {
        let current = Box::new(answer(&*change.tx, project, draft.into_task())?);
        let message = format!(
            "Task #{} changed during the merge, so its status was not updated. The main branch has \
             its work in {commit}.",
            current.number
        );
        return Err(Error::Conflict { message, current });
    }
    mark_merged(change, project, draft, Some(commit))
}

fn mark_merged(
    change: &mut Change<'_>,
    project: &ProjectId,
    mut draft: Draft,
    commit: Option<String>,
) -> Result<Task> {
    set_status(&mut draft.task, Status::Merged, change.now);
    draft.task.merge_commit = commit;
    let affected = save(change, project, &mut draft)?;
    emit_task_change(
        change,
        project,
        &draft.task,
        affected,
        Event::TaskMerged,
        None,
    )?;
    answer(&*change.tx, project, draft.into_task())
}
