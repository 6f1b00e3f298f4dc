//! Files of other programs, and the tasks that they become here.
//!
//! A [`Format`] reads the bytes of a file into lists of [`ImportedTask`]s. Nothing in a file is
//! lost silently: each value is imported, kept at the end of its task's prompt, or in a [`Note`].

mod encoding;
mod json;
mod taskmaster;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ImportedTask;
use crate::error::{Error, Result};
use crate::limits::Limits;
pub(in crate::domain::import) use words::line;

/// A program whose files can be imported.
pub(crate) trait Format: Send + Sync {
    /// Returns its name in requests.
    fn name(&self) -> &'static str;

    /// Returns its name for people.
    fn title(&self) -> &'static str;

    /// Returns the folders in which it keeps its files below a project's folder, the innermost
    /// first.
    fn folders(&self) -> &'static [&'static str];

    /// Reads a file.
    ///
    /// # Errors
    /// If it is no file of that program at all. A fault of one entry costs that entry only.
    fn read(&self, bytes: &[u8], subtasks: Subtasks, limits: &Limits) -> Result<Reading>;
}

/// All formats.
static FORMATS: [&dyn Format; 1] = [&taskmaster::TaskMaster];

/// Returns the format of that name.
pub(crate) fn named(name: &str) -> Result<&'static dyn Format> {
    let known = FORMATS.into_iter().find(|format| format.name() == name);
    known.ok_or_else(|| {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        let message = format!("is not known; this server reads: {}", names.join(", "));
        Error::invalid("format", "unknown_format", message, name)
    })
}

/// Form that subtasks get here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Subtasks {
    /// A checklist in the prompt of their task.
    #[default]
    Checklist,
    /// Tasks of their own, which their task waits for.
    Tasks,
}

/// Something that a file has and that is not here as it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The task that it is about, by its identifier at the source; empty where it is about none.
    pub task: String,
    /// The difference, in words.
    pub note: String,
}

/// Tasks with one status at the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// The status as it is written there.
    pub from: String,
    /// The status here, or `on hold`.
    pub to: String,
    /// Number of tasks, and of subtasks that became tasks.
    pub count: usize,
}

/// Counts of a list of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Entries of the list.
    pub entries: usize,
    /// Entries below these, on all levels.
    pub subtasks: usize,
    /// Subtasks that became lines of checklists.
    pub subtasks_listed: usize,
    /// Subtasks that became tasks.
    pub subtasks_made: usize,
    /// Entries and subtasks that are not imported; a note says why for each.
    pub left_out: usize,
}

/// The tasks of one list of a file.
#[derive(Debug)]
pub(crate) struct List {
    /// Its name in the file.
    pub(crate) name: String,
    /// True for the list that a file has which has only one.
    pub(crate) is_default: bool,
    /// Its tasks, in the order of the file.
    pub(crate) tasks: Arc<[ImportedTask]>,
    /// Its entries, counted.
    pub(crate) tally: Tally,
    /// Each status of the file, and the one that it became.
    pub(crate) statuses: Vec<StatusCount>,
    /// Differences between the file and the board.
    pub(crate) notes: Vec<Note>,
}

/// A file that was read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Its lists with tasks.
    pub(crate) lists: Vec<List>,
    /// Contents beside them.
    pub(crate) notes: Vec<Note>,
}
