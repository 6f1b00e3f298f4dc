//! Dependencies between tasks. They never form a cycle, even through removed tasks, which may be
//! restored.
//!
//! A check reads its data in one statement, however many tasks are involved: the states of the
//! named tasks ([`States`]), or all dependencies of the project, whose number is limited.

mod circle;
mod states;

use std::collections::HashSet;

use tasktree_protocol::{ProjectId, Status, Task, TaskId};

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;
#[cfg(test)]
pub(super) use circle::find_circle;
pub(super) use circle::{arrows, in_reach, refuse_circle};
pub(super) use states::States;

/// Returns true if a change to the task begins work on it. `was` is its status until now.
fn is_claim(task: &Task, was: Status) -> bool {
    task.status == Status::InProgress && was != Status::InProgress
}

/// Returns the ids of the tasks that a request names: see [`States::resolve`].
pub(super) fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    wanted: &[TaskId],
    present: &[TaskId],
) -> Result<Vec<TaskId>> {
    States::read(rows, project, wanted)?.resolve(project, wanted, present)
}

/// Refuses `more` dependencies if the project would then have too many.
pub(super) fn refuse_too_many(
    rows: &dyn Read,
    project: &ProjectId,
    more: usize,
    limits: &Limits,
) -> Result<()> {
    let most = limits.dependencies_per_project;
    if more > 0 && rows.dependency_count(project)?.count + more as u64 > most {
        return Err(Error::Refused(format!(
            "The project has reached the maximum number of dependencies ({most})."
        )));
    }
    Ok(())
}

pub(super) fn numbers(project: &ProjectId, tasks: &[TaskId]) -> Vec<u64> {
    tasks
        .iter()
        .filter_map(|task| task.number_in(project))
        .collect()
}

/// Returns the dependencies that are not done: see [`States::blocked_by`].
pub(super) fn blocked_by(
    rows: &dyn Read,
    project: &ProjectId,
    dependencies: &[TaskId],
) -> Result<Vec<TaskId>> {
    if dependencies.is_empty() {
        return Ok(Vec::new());
    }
    Ok(States::read(rows, project, dependencies)?.blocked_by(project, dependencies))
}

/// Fills in `blocked_by` for all tasks of a project at once.
pub(super) fn fill_blocked_by(tasks: &mut [Task]) {
    let open: HashSet<TaskId> = tasks
        .iter()
        .filter(|task| !task.status.is_done())
        .map(|task| task.id.clone())
        .collect();
    for task in tasks {
        task.blocked_by = task
            .dependencies
            .iter()
            .filter(|id| open.contains(*id))
            .cloned()
            .collect();
    }
}

/// Refuses a claim of a blocked task: see [`States::refuse_blocked`].
pub(super) fn refuse_blocked(
    rows: &dyn Read,
    project: &ProjectId,
    task: &Task,
    was: Status,
) -> Result<()> {
    if task.dependencies.is_empty() || !is_claim(task, was) {
        return Ok(());
    }
    States::read(rows, project, &task.dependencies)?.refuse_blocked(project, task, was)
}
