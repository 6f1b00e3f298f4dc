//! Tasks: made, changed, removed, brought back.

use tasktree_protocol::event::TasksReset;
use tasktree_protocol::{NewTask, ProjectId, Task, TaskId, TaskPatch};

use super::Work;
use crate::error::Result;

pub(crate) fn create(_work: &mut Work<'_>, _project: &ProjectId, _new: NewTask) -> Result<Task> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn update(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _task: &TaskId,
    _patch: TaskPatch,
    _if_rev: Option<u64>,
) -> Result<Task> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn delete(_work: &mut Work<'_>, _project: &ProjectId, _task: &TaskId) -> Result<()> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn restore(_work: &mut Work<'_>, _project: &ProjectId, _task: &TaskId) -> Result<Task> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn reset_all(_work: &mut Work<'_>, _project: &ProjectId) -> Result<TasksReset> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
