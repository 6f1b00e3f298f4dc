//! Import of tasks from elsewhere, by the identifier that they have there.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{ProjectId, Status, Task, TaskId};

use super::Work;
use crate::error::Result;
use crate::store::Read;

/// A task as its source has it, mapped to this board's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportedTask {
    /// Its identifier at the source, unique in the import: `master/7.2`.
    pub source: String,
    /// As in a task.
    pub title: String,
    /// As in a task.
    pub description: Option<String>,
    /// As in a task.
    pub prompt: Option<String>,
    /// As in a task. A task whose status the source leaves unchanged keeps what it has here.
    pub status: Status,
    /// As in a task.
    pub priority: u32,
    /// Identifiers at the source, in this import or an earlier one.
    pub dependencies: Vec<String>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Tasks that were made.
    pub created: Vec<TaskId>,
    /// Tasks that were changed.
    pub updated: Vec<TaskId>,
    /// Tasks that were as the source has them.
    pub unchanged: Vec<TaskId>,
    /// What could not be taken over, each in a sentence.
    pub warnings: Vec<String>,
}

/// An import thought through.
#[derive(Debug)]
pub(crate) struct ImportPlan {
    /// What it does.
    pub(crate) report: ImportReport,
    _rows: Vec<Task>,
}

pub(crate) fn plan(
    _rows: &dyn Read,
    _project: &ProjectId,
    _tasks: Vec<ImportedTask>,
) -> Result<ImportPlan> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
pub(crate) fn apply(
    _work: &mut Work<'_>,
    _project: &ProjectId,
    _tasks: Vec<ImportedTask>,
) -> Result<ImportReport> {
    Err(crate::error::Error::Internal("Not written yet.".to_owned()))
}
