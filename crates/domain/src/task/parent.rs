//! Parts of tasks: a task may name a parent.

use tasktree_protocol::{ProjectId, TaskId};

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::Read;

/// Returns the id of the requested parent of a task.
///
/// # Errors
/// If the task does not exist, is the task itself or a part of it, or the parts would be nested
/// more than [`Limits::parent_depth`] deep.
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
    let most = limits.parent_depth;
    let above = match first {
        Some(first) => rows.task_and_above(project, first, most)?,
        None => Vec::new(),
    };
    if above.contains(&number) {
        return refuse(
            "cycle",
            format!("task #{number} cannot be a part of itself"),
        );
    }
    let states = rows.task_states(project, first.as_slice())?;
    let Some(parent) = states.first().filter(|state| !state.removed) else {
        return refuse(
            "unknown_task",
            format!("task '{wanted}' does not exist in this project"),
        );
    };
    if above.len() >= most {
        return refuse(
            "too_deep",
            format!("parts can be nested at most {most} levels deep"),
        );
    }
    Ok(Some(TaskId::new(parent.number, project)))
}
