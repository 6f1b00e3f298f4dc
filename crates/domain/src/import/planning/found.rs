//! Tasks of an import with the rows that they had before it.

use std::collections::HashSet;

use tasktree_protocol::{ProjectId, Status};

use super::warnings::Warnings;
use crate::dependencies;
use crate::error::{Error, Result};
use crate::import::ImportedTask;
use crate::import::merge::{checked, last_import, says_status};
use crate::limits::Limits;
use crate::store::{Read, StoredTask};

/// A task of the import, with its existing row.
pub(super) struct Found {
    pub(super) task: ImportedTask,
    pub(super) number: u64,
    pub(super) stored: Option<StoredTask>,
    pub(super) before: Option<ImportedTask>,
    /// Numbers of its dependencies, without duplicates.
    pub(super) needs: Vec<u64>,
}

impl Found {
    /// Returns true if the source's dependencies changed; otherwise those here stay.
    pub(super) fn says_dependencies(&self) -> bool {
        let same = |before: &ImportedTask| before.dependencies == self.task.dependencies;
        !self.before.as_ref().is_some_and(same)
    }

    /// Returns the status that the task has after the import, unless it is blocked.
    pub(super) fn status(&self) -> Status {
        let stored = self.stored.as_ref().map(|stored| &stored.task);
        match stored {
            Some(task) if task.holder.is_some() => task.status,
            Some(task) if !says_status(&self.task, self.before.as_ref()) => task.status,
            _ => self.task.status,
        }
    }

    /// Returns the numbers of the tasks that it depends on after the import.
    pub(super) fn depends_on(&self, project: &ProjectId) -> Vec<u64> {
        match &self.stored {
            Some(stored) if !self.says_dependencies() => {
                dependencies::numbers(project, &stored.task.dependencies)
            }
            _ => self.needs.clone(),
        }
    }
}

/// Finds the row of each task, or assigns a number.
///
/// This comes before anything else, since a task may depend on a later one.
pub(super) fn find(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: &[ImportedTask],
    first: u64,
    limits: &Limits,
    warnings: &mut Warnings,
) -> Result<Vec<Found>> {
    let mut next = first;
    let mut sources = HashSet::with_capacity(tasks.len());
    let mut found = Vec::with_capacity(tasks.len());
    for task in tasks {
        let task = checked(task, limits)?;
        if sources.contains(&task.source) {
            warnings.add(|| {
                let source = &task.source;
                format!(
                    "{source}: it is in the import more than once; only the first entry is \
                         used."
                )
            });
            continue;
        }
        let stored = rows.task_by_source(project, &task.source)?;
        if stored.as_ref().is_some_and(|one| one.deleted_at.is_some()) {
            warnings.add(|| {
                format!(
                    "{}: it was removed from the project, and stays removed.",
                    task.source
                )
            });
            continue;
        }
        sources.insert(task.source.clone());
        let number = stored.as_ref().map_or(next, |stored| stored.task.number);
        next += u64::from(stored.is_none());
        found.push(Found {
            number,
            before: stored.as_ref().and_then(last_import),
            stored,
            task,
            needs: Vec::new(),
        });
    }
    let most = limits.tasks_per_project;
    if next > first && next - 1 > most {
        return Err(Error::Refused(format!(
            "A project can have at most {most} tasks."
        )));
    }
    Ok(found)
}
