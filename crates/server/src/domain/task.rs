//! Tasks: made, changed, removed, brought back.

mod fields;
mod reset;
mod status;
mod undo;

use tasktree_protocol::event::{TaskChange, TaskDeleted};
use tasktree_protocol::{Event, NewTask, ProjectId, Status, Task, TaskCard, TaskId, TaskPatch};

use super::dependencies::States;
use super::work::{About, Touched};
use super::{Work, dependencies, number_of};
use crate::error::{Error, Result};
use crate::store::{Read, StoredTask};
pub(super) use fields::blank;
pub(crate) use reset::reset_all;
pub(super) use status::set_status;
pub use undo::{Undoable, Undone};
pub(crate) use undo::{list_undos, undo};

/// The stored task that a request names, unless it was removed.
pub(super) fn find(rows: &dyn Read, project: &ProjectId, task: &TaskId) -> Result<StoredTask> {
    let stored = match number_of(project, task) {
        Some(number) => rows.task(project, number)?,
        None => None,
    };
    stored
        .filter(|stored| stored.deleted_at.is_none())
        .ok_or_else(|| Error::no_task(task))
}

/// The task as an answer gives it.
pub(super) fn answer(rows: &dyn Read, project: &ProjectId, mut task: Task) -> Result<Task> {
    task.blocked_by = dependencies::blocked_by(rows, project, &task.dependencies)?;
    Ok(task)
}

/// Stores a task that changed, as its next version.
pub(super) fn save(
    work: &mut Work<'_>,
    project: &ProjectId,
    stored: &mut StoredTask,
) -> Result<()> {
    stored.task.rev += 1;
    stored.task.updated_at = work.now;
    work.tx.put_task(project, stored)
}

/// Emits the event that a task was made, brought back, or changed in `changed`; gives the task as an answer.
pub(super) fn tell(
    work: &mut Work<'_>,
    project: &ProjectId,
    task: Task,
    event: fn(TaskCard) -> Event,
    changed: Vec<String>,
) -> Result<Task> {
    let task = answer(&*work.tx, project, task)?;
    tell_answer(work, project, task, event, changed)
}

/// The same where `blocked_by` is filled in already.
fn tell_answer(
    work: &mut Work<'_>,
    project: &ProjectId,
    task: Task,
    event: fn(TaskCard) -> Event,
    changed: Vec<String>,
) -> Result<Task> {
    let about = About {
        tasks: vec![Touched::new(task.number, task.rev, task.status)],
        changed,
        legacy: Some(&task),
        ..About::default()
    };
    work.emit(Some(project), event(TaskCard::from(&task)), about)?;
    Ok(task)
}

/// Emits an event about a task as it is, which changes nothing and does not become part of its history.
pub(super) fn tell_again(
    work: &mut Work<'_>,
    project: &ProjectId,
    task: Task,
    event: fn(TaskCard) -> Event,
) -> Result<()> {
    let task = answer(&*work.tx, project, task)?;
    let about = About {
        legacy: Some(&task),
        ..About::default()
    };
    work.emit(Some(project), event(TaskCard::from(&task)), about)
}

/// Emits an event that carries a task's row with the fields that older clients read.
pub(super) fn tell_change(
    work: &mut Work<'_>,
    project: &ProjectId,
    task: &Task,
    event: fn(TaskChange) -> Event,
    agent: Option<tasktree_protocol::Agent>,
) -> Result<()> {
    let change = TaskChange {
        task_id: task.id.clone(),
        status: Some(task.status),
        branch: Some(task.branch.clone()),
        title: None,
        session: task.session.clone(),
        agent,
        task: Some(TaskCard::from(task)),
    };
    let changed = vec!["status".to_owned(), "session".to_owned()];
    let about = About {
        tasks: vec![Touched::new(task.number, task.rev, task.status)],
        changed,
        ..About::default()
    };
    work.emit(Some(project), event(change), about)
}

pub(crate) fn create(work: &mut Work<'_>, project: &ProjectId, new: NewTask) -> Result<Task> {
    let mut states = States::read(&*work.tx, project, &new.dependencies)?;
    create_after(work, project, new, &mut states)
}

/// Makes a task whose dependencies are among those of which the states are known; then its own is, too.
pub(super) fn create_after(
    work: &mut Work<'_>,
    project: &ProjectId,
    new: NewTask,
    states: &mut States,
) -> Result<Task> {
    work.require(project)?;
    let new = fields::check_new(new, work.limits)?;
    let dependencies = states.resolve(project, &new.dependencies, &[])?;
    dependencies::refuse_too_many(&*work.tx, project, dependencies.len(), work.limits)?;
    let most = work.limits.tasks_per_project;
    if work.tx.last_number(project)? >= most {
        return Err(Error::Refused(format!(
            "The project already has its {most} tasks."
        )));
    }
    let number = work.tx.take_number(project)?;
    let mut task = fields::blank(project, number, work.now);
    task.title = new.title;
    task.description = new.description;
    task.prompt = new.prompt;
    task.branch = new.branch.unwrap_or(task.branch);
    task.dependencies = dependencies;
    task.priority = new.priority;
    task.owned_files = new.owned_files;
    task.shared_files = new.shared_files;
    task.creates_files = new.creates_files;
    task.merge_order = new.merge_order;
    task.exclusive_files = new.exclusive_files;
    task.initialization_deps = new.initialization_deps;
    set_status(&mut task, new.status, work.now);
    states.refuse_blocked(project, &task, Status::Unclaimed)?;
    states.add(&task);
    let mut stored = StoredTask {
        task,
        deleted_at: None,
        source: None,
    };
    save(work, project, &mut stored)?;
    let mut task = stored.task;
    task.blocked_by = states.blocked_by(project, &task.dependencies);
    tell_answer(work, project, task, Event::TaskCreated, Vec::new())
}

pub(crate) fn update(
    work: &mut Work<'_>,
    project: &ProjectId,
    task: &TaskId,
    patch: TaskPatch,
    if_rev: Option<u64>,
) -> Result<Task> {
    work.require(project)?;
    let mut stored = find(&*work.tx, project, task)?;
    if let Some(rev) = if_rev.filter(|rev| *rev != stored.task.rev) {
        let current = Box::new(answer(&*work.tx, project, stored.task)?);
        let message = format!(
            "Task #{} has changed: it is at version {}, and the request is for version {rev}.",
            current.number, current.rev
        );
        return Err(Error::Conflict { message, current });
    }
    fields::check_patch(&patch, work.limits)?;
    let was = stored.task.status;
    let had = stored.task.dependencies.len();
    let changed = fields::apply(&mut stored.task, patch, &*work.tx, project, work.now)?;
    if changed.iter().any(|field| field == "dependencies") {
        let (number, dependencies) = (stored.task.number, &stored.task.dependencies);
        let more = dependencies.len().saturating_sub(had);
        dependencies::refuse_too_many(&*work.tx, project, more, work.limits)?;
        dependencies::refuse_circle(&*work.tx, project, number, dependencies)?;
    }
    dependencies::refuse_blocked(&*work.tx, project, &stored.task, was)?;
    if changed.is_empty() {
        return answer(&*work.tx, project, stored.task);
    }
    save(work, project, &mut stored)?;
    tell(work, project, stored.task, Event::TaskUpdated, changed)
}

pub(crate) fn delete(work: &mut Work<'_>, project: &ProjectId, task: &TaskId) -> Result<()> {
    work.require(project)?;
    let mut stored = find(&*work.tx, project, task)?;
    stored.deleted_at = Some(work.now);
    save(work, project, &mut stored)?;
    let about = About {
        tasks: vec![Touched {
            number: stored.task.number,
            rev: stored.task.rev,
            status: None,
        }],
        ..About::default()
    };
    work.emit(
        Some(project),
        Event::TaskDeleted(TaskDeleted {
            task_id: stored.task.id,
        }),
        about,
    )
}

pub(crate) fn restore(work: &mut Work<'_>, project: &ProjectId, task: &TaskId) -> Result<Task> {
    work.require(project)?;
    let number = number_of(project, task).ok_or_else(|| Error::no_task(task))?;
    let mut stored = work
        .tx
        .task(project, number)?
        .ok_or_else(|| Error::no_task(task))?;
    if stored.deleted_at.is_none() {
        // It is there: whoever asked twice has what was asked for.
        return answer(&*work.tx, project, stored.task);
    }
    stored.deleted_at = None;
    save(work, project, &mut stored)?;
    tell(work, project, stored.task, Event::TaskCreated, Vec::new())
}

/// The task, if it may be merged.
pub(crate) fn mergeable(rows: &dyn Read, project: &ProjectId, task: &TaskId) -> Result<Task> {
    let task = find(rows, project, task)?.task;
    if task.status != Status::Completed {
        return Err(Error::Refused("Task must be completed to merge".to_owned()));
    }
    Ok(task)
}

/// Notes that a task's work was merged.
pub(crate) fn merged(work: &mut Work<'_>, project: &ProjectId, task: &TaskId) -> Result<Task> {
    work.require(project)?;
    mergeable(&*work.tx, project, task)?;
    let mut stored = find(&*work.tx, project, task)?;
    set_status(&mut stored.task, Status::Merged, work.now);
    save(work, project, &mut stored)?;
    tell_change(work, project, &stored.task, Event::TaskMerged, None)?;
    answer(&*work.tx, project, stored.task)
}
