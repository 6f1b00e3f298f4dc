//! Import of tasks from elsewhere, by the identifier that they have there.
//!
//! An import is planned first ([`plan`]): that finds everything that is wrong with it. A small one is then written in one transaction
//! ([`apply`]), a large one in parts (`staged`).

mod circles;
mod file;
mod formats;
mod home;
mod merge;
mod origin;
mod planning;
mod staged;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Event, ProjectId, Status, TaskId};

use super::{Work, task};
use crate::error::Result;
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS};
pub use file::{FileReport, PortionReport, Upload};
pub(crate) use file::{
    Incoming, Portion, apply_portions, begin_portion, finish_portion, plan_portions,
};
pub use formats::{Note, StatusCount, Subtasks, Tally};
use merge::Planned;
pub(crate) use merge::Row;
pub(crate) use planning::{ImportParts, plan};
pub(crate) use staged::{begin, discard, loosen, publish, stage, update};

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
    /// Reason for which nobody is to work on it: the source deferred or cancelled it, or has it in
    /// a status that is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold: Option<String>,
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

impl ImportedTask {
    /// Returns about how many bytes are written for it.
    fn weight(&self) -> usize {
        /// A dependency in the row and in its index.
        const DEPENDENCY: usize = 16;
        let texts =
            [&self.description, &self.prompt].map(|text| text.as_ref().map_or(0, String::len));
        self.title.len() + texts.iter().sum::<usize>() + self.dependencies.len() * DEPENDENCY
    }
}

/// Says whether an import is too large for one transaction.
pub(crate) fn is_large<'a>(tasks: impl Iterator<Item = &'a ImportedTask>) -> bool {
    let (mut count, mut bytes) = (0, 0);
    for task in tasks {
        count += 1;
        bytes += task.weight();
    }
    count > IMPORT_CHUNK_TASKS || bytes > IMPORT_CHUNK_BYTES
}

/// Plans an import and writes it, in one transaction.
pub(crate) fn apply(
    work: &mut Work<'_>,
    project: &ProjectId,
    tasks: &[ImportedTask],
) -> Result<ImportReport> {
    let plan = plan(&*work.tx, project, tasks, None, work.now, work.limits)?;
    for row in plan.rows {
        let row = match row {
            Planned::New(fresh) => {
                let number = work.tx.take_number(project)?;
                debug_assert_eq!(number, fresh.number, "the plan took the numbers in order");
                fresh.into_row(project, work.now)?
            }
            Planned::Known(row) => *row,
        };
        write(work, project, row)?;
    }
    Ok(plan.report)
}

/// Writes a row and tells of it.
fn write(work: &mut Work<'_>, project: &ProjectId, mut row: Row) -> Result<()> {
    if row.is_quiet {
        return Ok(());
    }
    if !row.is_new && row.changed.is_empty() {
        // The source changed to what is here already.
        task::settle(work, project, row.draft.task.number)?;
        return work.tx.put_task(project, &row.draft);
    }
    let event = if row.is_new {
        Event::TaskCreated
    } else {
        Event::TaskUpdated
    };
    let touched = task::save(work, project, &mut row.draft)?;
    task::tell(work, project, row.draft.into_task(), touched, event)?;
    Ok(())
}
