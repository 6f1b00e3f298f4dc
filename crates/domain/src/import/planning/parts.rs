//! Division of an import into parts that each fit a transaction.

use tasktree_protocol::ProjectId;

use super::ImportPlan;
use crate::error::Result;
use crate::import::ImportReport;
use crate::import::merge::{Fresh, Known, Planned, Row};
use crate::import::order::dependencies_first;
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS};
use crate::store::Read;

/// Plan of a large import, whose new tasks are in parts that each fit a transaction.
#[derive(Debug)]
pub struct ImportParts {
    /// Report of the import.
    pub report: ImportReport,
    /// Number of the first new task, if any.
    pub first: u64,
    /// New tasks, by part.
    pub new: Vec<Vec<Fresh>>,
    /// Changes of existing tasks, in an order in which they can be written one after the other.
    pub changed: Vec<Known>,
}

impl ImportPlan {
    /// Divides the rows to write.
    pub fn into_parts(self, rows: &dyn Read, project: &ProjectId) -> Result<ImportParts> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for row in self.rows {
            match row {
                Planned::New(fresh) => new.push(*fresh),
                Planned::Known(row) if row.is_quiet => {}
                Planned::Known(row) => changed.push(*row),
            }
        }
        let changed = dependencies_first(rows, project, &new, changed)?;
        Ok(ImportParts {
            report: self.report,
            first: self.first,
            new: in_parts(new, |fresh| fresh.task.weight()),
            changed: changed.into_iter().map(Row::into_known).collect(),
        })
    }
}

impl Known {
    /// Divides changes into parts that each fit a transaction.
    pub fn in_parts(changed: Vec<Self>) -> Vec<Vec<Self>> {
        in_parts(changed, |known| known.task.weight())
    }
}

fn in_parts<T>(rows: Vec<T>, weight: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let own = weight(&row);
        bytes += own;
        match parts.last_mut() {
            Some(part) if part.len() < IMPORT_CHUNK_TASKS && bytes <= IMPORT_CHUNK_BYTES => {
                part.push(row);
            }
            _ => {
                bytes = own;
                parts.push(vec![row]);
            }
        }
    }
    parts
}
