//! Parts of tasks: a task may name the one that it is a part of.

use tasktree_protocol::{ProjectId, TaskId};

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;

/// Returns the id of the wanted parent of a task.
///
/// # Errors
/// There is no such task, it is the task itself or a part of it, or the parts would be nested more
/// than [`Limits::parent_depth`] deep.
pub(super) fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    number: u64,
    wanted: Option<&TaskId>,
    limits: &Limits,
) -> Result<Option<TaskId>> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let refuse =
        |kind, message: String| Err(Error::invalid("parent", kind, message, wanted.as_str()));
    let first = wanted.number_in(project);
    let mut above = first;
    for _ in 0..limits.parent_depth {
        let Some(next) = above else {
            return Ok(first.map(|first| TaskId::new(first, project)));
        };
        if next == number {
            return refuse("cycle", format!("task #{number} would be a part of itself"));
        }
        let stored = rows.task(project, next)?;
        let Some(stored) = stored.filter(|stored| stored.deleted_at.is_none()) else {
            break;
        };
        above = stored
            .task
            .parent
            .and_then(|parent| parent.number_in(project));
    }
    let is_known = match first {
        Some(first) => rows
            .task(project, first)?
            .is_some_and(|stored| stored.deleted_at.is_none()),
        None => false,
    };
    if !is_known {
        return refuse(
            "unknown_task",
            format!("there is no task '{wanted}' in this project"),
        );
    }
    let most = limits.parent_depth;
    refuse(
        "too_deep",
        format!("parts may be nested at most {most} deep"),
    )
}
