//! Import of tasks from other programs, by the identifiers that they have there.
//!
//! An import is planned first ([`plan`]), which finds all its faults. A small one is then written
//! in one transaction ([`apply`]). A large one is stored in parts where nothing shows it, and then
//! published (`staged`).

mod circles;
mod file;
mod formats;
mod home;
mod known;
mod merge;
mod order;
mod origin;
mod pending;
mod planning;
mod staged;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{Event, ProjectId, Status, TaskId, imported_task_fields};

use super::{Change, task};
use crate::error::Result;
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS};
pub use file::{FileReport, PortionReport, Upload};
pub use file::{Incoming, Portion, apply_portions, begin_portion, plan_portions, publish_portions};
pub use formats::{Note, StatusCount, Subtasks, Tally};
pub use merge::Known;
use merge::{Planned, Row};
pub use pending::{WrittenPart, write_part};
pub use planning::{ImportParts, plan};
pub use staged::{Room, Staged, StagedChanges};
pub use staged::{begin, changed_meanwhile, discard, stage, stage_changes};

macro_rules! define {
    ($($name:ident: $type:ty,)*) => {
        /// Task of another system, mapped to this board's terms. Its fields are as in a new task.
        ///
        /// If the source's status has not changed since the last import, the task keeps its status
        /// here. It is on hold if the source deferred or cancelled it, or has it in a status that
        /// is unknown here.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default)]
        pub struct ImportedTask {
            /// Identifier at the source, unique in the import: `master/7.2`.
            pub source: String,
            /// Identifiers at the source of its dependencies, in this import or an earlier one.
            pub dependencies: Vec<String>,
            $(
                #[expect(missing_docs, reason = "as in a new task")]
                #[serde(skip_serializing_if = "is_empty")]
                pub $name: $type,
            )*
        }
    };
}
imported_task_fields!(define);

fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Result of an import or of its dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Tasks that were created.
    pub created: Vec<TaskId>,
    /// Tasks that were changed.
    pub updated: Vec<TaskId>,
    /// Tasks that already matched the source.
    pub unchanged: Vec<TaskId>,
    /// Sentences about everything that could not be imported.
    pub warnings: Vec<String>,
}

impl ImportedTask {
    /// Returns the approximate number of bytes written for the task.
    fn weight(&self) -> usize {
        /// Bytes of a dependency in the row and in its index.
        const DEPENDENCY: usize = 16;
        let texts =
            [&self.description, &self.prompt].map(|text| text.as_ref().map_or(0, String::len));
        self.title.len() + texts.iter().sum::<usize>() + self.dependencies.len() * DEPENDENCY
    }
}

/// Returns true if an import is too large for one transaction.
pub fn is_large<'a>(tasks: impl Iterator<Item = &'a ImportedTask>) -> bool {
    let (mut count, mut bytes) = (0, 0);
    for task in tasks {
        count += 1;
        bytes += task.weight();
    }
    count > IMPORT_CHUNK_TASKS || bytes > IMPORT_CHUNK_BYTES
}

/// Plans an import and writes it, in one transaction.
pub fn apply(
    change: &mut Change<'_>,
    project: &ProjectId,
    tasks: &[ImportedTask],
) -> Result<ImportReport> {
    let plan = plan(&*change.tx, project, tasks, None, change.now, change.limits)?;
    for row in plan.rows {
        let row = match row {
            Planned::New(fresh) => {
                let number = change.tx.take_number(project)?;
                debug_assert_eq!(number, fresh.number, "the plan took the numbers in order");
                fresh.into_row(project, change.now)?
            }
            Planned::Known(row) => *row,
        };
        write(change, project, row)?;
    }
    Ok(plan.report)
}

/// Writes a row and emits its event.
fn write(change: &mut Change<'_>, project: &ProjectId, row: Row) -> Result<()> {
    if row.is_quiet {
        return Ok(());
    }
    if !row.is_new && row.changed.is_empty() {
        // The source changed to what is already here.
        task::settle(change, project, row.draft.task.number)?;
        return change.tx.put_task(project, &row.draft);
    }
    let event = if row.is_new {
        Event::TaskCreated
    } else {
        Event::TaskUpdated
    };
    task::save_and_emit(change, project, row.draft, event)?;
    Ok(())
}
