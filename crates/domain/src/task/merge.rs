//! Merges: the main branch contains a task's work.

use tasktree_protocol::{Event, ProjectId, Status, Task, TaskId};

use super::{Draft, answer, assign, emit_task_change, find, save, set_status};
use crate::Change;
use crate::change::Caller;
use crate::error::{Error, Result};
use crate::store::Read;

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

/// Marks a task as merged and emits the event.
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
