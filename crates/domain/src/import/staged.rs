//! Large imports: what they store is hidden until one transaction publishes it.
//!
//! New tasks are stored in parts, under numbers that are not shown. Changes of existing tasks, if
//! they are many, are stored beside them. The transaction that publishes the import shows the new
//! tasks. It also writes the changes if they are few; otherwise they are written in parts after it
//! (`pending`).

use tasktree_protocol::{Event, ProjectId, StreamId, TaskCard, TaskId};

use super::merge::{Fresh, Known};
use super::{ImportReport, known};
use crate::error::{Error, Result};
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS};
use crate::store::ImportShare;
use crate::{Change, task};

/// A large import of one project that is stored but not published.
#[derive(Debug)]
pub struct Staged {
    /// Report of the import.
    pub report: ImportReport,
    /// Number from which its new tasks have theirs.
    pub first: u64,
    /// Changes of existing tasks.
    pub changed: StagedChanges,
}

/// Changes of existing tasks by a large import.
#[derive(Debug)]
pub enum StagedChanges {
    /// Few changes, which are written by the transaction that publishes the import.
    Few(Vec<Known>),
    /// Changes that are stored, and written in parts after that transaction.
    Stored,
}

/// Room for changes of existing tasks in the transaction that publishes an import.
#[derive(Debug)]
pub struct Room {
    tasks: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            tasks: IMPORT_CHUNK_TASKS,
            bytes: IMPORT_CHUNK_BYTES,
        }
    }
}

impl Room {
    /// Takes the room for changes; returns false if there is too little.
    pub fn take(&mut self, changed: &[Known]) -> bool {
        let bytes = changed.iter().map(|known| known.task.weight()).sum();
        let left = self.tasks.checked_sub(changed.len());
        match (left, self.bytes.checked_sub(bytes)) {
            (Some(tasks), Some(bytes)) => {
                *self = Self { tasks, bytes };
                true
            }
            _ => false,
        }
    }
}

/// Begins to stage an import, and takes the numbers for its new tasks; returns the first.
pub fn begin(change: &mut Change<'_>, project: &ProjectId, count: u64) -> Result<u64> {
    change.require(project)?;
    let most = change.limits.tasks_per_project;
    if count > 0 && change.tx.last_number(project)?.saturating_add(count) > most {
        return Err(Error::Refused(format!(
            "A project can have at most {most} tasks."
        )));
    }
    change.tx.stage_tasks(project, count)
}

/// Stores new tasks that are not shown yet.
pub fn stage(
    change: &mut Change<'_>,
    project: &ProjectId,
    first: u64,
    tasks: Vec<Fresh>,
) -> Result<()> {
    require(change, project, first)?;
    let position = change.tx.stream(&StreamId::project(project))?;
    let seq = position.map_or(0, |position| position.seq);
    for task in tasks {
        let mut row = task.into_row(project, change.now)?;
        let affected = task::save(change, project, &mut row.draft)?;
        change.note_staged(project, seq, affected);
    }
    Ok(())
}

/// Removes a part of the staged tasks that are not to be shown; returns true if there are more.
pub fn discard(change: &mut Change<'_>, project: &ProjectId, first: u64) -> Result<bool> {
    change.tx.drop_staged(project, first, IMPORT_CHUNK_TASKS)
}

/// Stores changes of existing tasks, to be written once the import is published.
pub fn stage_changes(
    change: &mut Change<'_>,
    project: &ProjectId,
    first: u64,
    position: u64,
    changes: &[String],
) -> Result<()> {
    require(change, project, first)?;
    change.tx.add_import_rows(project, first, position, changes)
}

impl Staged {
    /// Returns true if the import has changes that are written after it is published.
    pub const fn is_stored(&self) -> bool {
        matches!(self.changed, StagedChanges::Stored)
    }

    /// Shows the new tasks. Writes the changes of existing ones, or leaves them to write under the
    /// name of the import.
    ///
    /// Unless only a few tasks change, they have no events: clients fetch the project's state again
    /// once everything is written.
    pub fn publish(
        self,
        change: &mut Change<'_>,
        project: &ProjectId,
        import: &str,
    ) -> Result<ImportReport> {
        let Self {
            mut report,
            first,
            changed,
        } = self;
        require(change, project, first)?;
        change.tx.publish_staged(project, first)?;
        match changed {
            StagedChanges::Stored => {
                let share = ImportShare {
                    import: import.to_owned(),
                    first,
                    actor: change.actor().to_string(),
                };
                change.tx.begin_import_share(project, &share)?;
            }
            StagedChanges::Few(changed) => {
                let is_quiet = !report.created.is_empty();
                let warnings = known::write(change, project, changed, is_quiet)?;
                report.warnings.extend(warnings);
                let last = report.created.last();
                if let Some(last) = last.and_then(|id| id.number_in(project)) {
                    announce(change, project, [last], Event::TaskCreated)?;
                }
            }
        }
        Ok(report)
    }
}

/// Makes clients fetch the project's state again.
///
/// Older dashboards, which cannot be told to, do so at the event of a task: the first of `tasks`
/// that exists.
pub(super) fn announce(
    change: &mut Change<'_>,
    project: &ProjectId,
    tasks: impl IntoIterator<Item = u64>,
    event: fn(TaskCard) -> Event,
) -> Result<()> {
    let stream = StreamId::project(project);
    change.tx.renew_stream(&stream)?;
    change.stream_goes_on(&stream)?;
    for number in tasks {
        let id = TaskId::new(number, project);
        if let Ok(found) = task::find(&*change.tx, project, &id) {
            return task::emit_unchanged(change, project, found.into_task(), event);
        }
    }
    Ok(())
}

fn require(change: &Change<'_>, project: &ProjectId, first: u64) -> Result<()> {
    if change.tx.has_staged(project, first)? {
        return Ok(());
    }
    Err(changed_meanwhile())
}

/// Returns the refusal of an import whose project others removed or reset meanwhile.
pub fn changed_meanwhile() -> Error {
    Error::Refused(
        "The project was removed or reset during the import; nothing was imported.".to_owned(),
    )
}
