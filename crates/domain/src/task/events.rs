//! Events about tasks.

use tasktree_protocol::event::TaskChange;
use tasktree_protocol::{Event, ProjectId, Task, TaskCard};

use super::draft::Draft;
use super::{answer, save};
use crate::Change;
use crate::change::{AffectedTask, EventContext};
use crate::error::Result;

/// Saves a draft, and emits the event that its task was created, restored, or changed; returns the
/// task as in a response.
pub(crate) fn save_and_emit(
    change: &mut Change<'_>,
    project: &ProjectId,
    mut draft: Draft,
    event: fn(TaskCard) -> Event,
) -> Result<Task> {
    let affected = save(change, project, &mut draft)?;
    let task = answer(&*change.tx, project, draft.into_task())?;
    emit_with_blockers(change, project, task, affected, event)
}

/// Emits the event that a task, whose `blocked_by` is already filled in, was created, restored, or
/// changed.
pub(super) fn emit_with_blockers(
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
pub(crate) fn emit_unchanged(
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
pub(crate) fn emit_task_change(
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
