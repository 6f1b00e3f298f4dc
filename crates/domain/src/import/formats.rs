//! File formats of other programs, and their conversion to tasks.
//!
//! A [`Format`] parses the bytes of a file into lists of [`ImportedTask`]s. Nothing in a file is
//! lost silently: each value is imported, kept at the end of its task's prompt, or reported in a
//! [`Note`].

mod encoding;
mod json;
mod taskmaster;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ImportedTask;
use crate::error::{Error, Result};
use crate::limits::Limits;
pub(in crate::import) use words::line;

/// A program whose files can be imported.
pub(crate) trait Format: Send + Sync {
    /// Returns the name of the format in requests.
    fn name(&self) -> &'static str;

    /// Returns the display name of the program.
    fn title(&self) -> &'static str;

    /// Returns the folders in which the program keeps its files below a project's folder, innermost
    /// first.
    fn folders(&self) -> &'static [&'static str];

    /// Parses a file.
    ///
    /// # Errors
    /// If the file does not belong to that program at all. A fault in one entry only drops that
    /// entry.
    fn read(&self, bytes: &[u8], subtasks: Subtasks, limits: &Limits) -> Result<Reading>;
}

/// All formats.
static FORMATS: [&dyn Format; 1] = [&taskmaster::TaskMaster];

/// Returns the format with that name.
pub(crate) fn named(name: &str) -> Result<&'static dyn Format> {
    let known = FORMATS.into_iter().find(|format| format.name() == name);
    known.ok_or_else(|| {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        let message = format!(
            "is not a supported format; supported formats: {}",
            names.join(", ")
        );
        Error::invalid("format", "unknown_format", message, name)
    })
}

/// Representation of subtasks here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subtasks {
    /// Checklist in the prompt of the parent task.
    #[default]
    Checklist,
    /// Separate tasks, which the parent task depends on.
    Tasks,
}

/// Difference between the file and the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportNote)]
pub struct Note {
    /// Identifier at the source of the affected task; empty if there is none.
    pub task: String,
    /// The difference, in words.
    pub note: String,
}

/// Number of tasks with one status at the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportStatus)]
pub struct StatusCount {
    /// Status as written at the source.
    pub from: String,
    /// Status here, or `on hold`.
    pub to: String,
    /// Number of tasks, including subtasks that became tasks.
    pub count: usize,
}

/// Counts of a file's list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tally {
    /// Number of entries of the list.
    pub entries: usize,
    /// Number of entries below those, on all levels.
    pub subtasks: usize,
    /// Number of subtasks that became checklist lines.
    pub subtasks_listed: usize,
    /// Number of subtasks that became tasks.
    pub subtasks_made: usize,
    /// Number of entries and subtasks that are not imported; each has a note with the reason.
    pub left_out: usize,
}

/// Tasks of one list of a file.
#[derive(Debug)]
pub(crate) struct List {
    /// Name of the list in the file.
    pub(crate) name: String,
    /// True for the only list of a file without several.
    pub(crate) is_default: bool,
    /// Tasks of the list, in the order of the file.
    pub(crate) tasks: Arc<[ImportedTask]>,
    /// Counts of its entries.
    pub(crate) tally: Tally,
    /// Statuses of the file with their counterparts here.
    pub(crate) statuses: Vec<StatusCount>,
    /// Differences between the file and the board.
    pub(crate) notes: Vec<Note>,
}

/// A parsed file.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Lists with their tasks.
    pub(crate) lists: Vec<List>,
    /// Notes on other contents of the file.
    pub(crate) notes: Vec<Note>,
}
