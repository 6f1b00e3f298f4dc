//! Changes of a pending import: published, and now written in parts.
//!
//! Each part removes the changes that it has written, in the same transaction, so the work can stop
//! and continue between any two parts.

use tasktree_protocol::{Event, ProjectId};

use super::known;
use super::merge::Known;
use super::staged::announce;
use crate::Change;
use crate::error::Result;
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS};

/// Part of an import's changes that was written.
#[derive(Debug, Default)]
pub struct WrittenPart {
    /// True if there are more.
    pub has_more: bool,
    /// Warnings about changes that the project has outdated since the plan.
    pub warnings: Vec<String>,
}

/// Writes the next changes of a pending import in a project.
///
/// They have no events. With the last ones, clients are told to fetch the project's state.
pub fn write_part(change: &mut Change<'_>, project: &ProjectId) -> Result<WrittenPart> {
    let Some(share) = change.tx.import_share(project)? else {
        // The project was removed or reset meanwhile.
        return Ok(WrittenPart::default());
    };
    let (tasks, bytes) = (IMPORT_CHUNK_TASKS, IMPORT_CHUNK_BYTES);
    let rows = change.tx.import_rows(project, share.first, tasks, bytes)?;
    let mut changed = Vec::with_capacity(rows.len());
    for (_, data) in &rows {
        changed.push(serde_json::from_str::<Known>(data)?);
    }
    let numbers: Vec<u64> = changed.iter().map(|known| known.number).collect();
    let warnings = known::write(change, project, changed, true)?;
    if let Some((last, _)) = rows.last() {
        change.tx.drop_import_rows(project, share.first, *last)?;
    }
    let has_more = !change
        .tx
        .import_rows(project, share.first, 1, 0)?
        .is_empty();
    if !has_more {
        change.tx.end_import_share(project)?;
        announce(
            change,
            project,
            numbers.into_iter().rev(),
            Event::TaskUpdated,
        )?;
    }
    Ok(WrittenPart { has_more, warnings })
}
