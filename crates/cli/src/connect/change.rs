//! Change of one file of a harness, with a way back.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use similar::TextDiff;

use super::edit::{Edit, backup_path};
use super::hooks;
use crate::failure::{Exit, Failure, Result};
use crate::files::{self, Readers};
use crate::harness::Contents;
use crate::program::Program;
use crate::surroundings::Surroundings;

/// Lines around a difference that a preview shows.
const DIFF_CONTEXT: usize = 3;

/// Change of a file.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The file.
    pub(super) path: PathBuf,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) backup: Backup,
}

/// Fate of the copy of a file as it was before TaskTree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backup {
    /// The file has no trace of TaskTree: it is copied before it changes.
    Make,
    /// The copy stays.
    Keep,
    /// The copy is of no use any more.
    Drop,
}

/// Kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Created,
    Changed,
    Removed,
    Unchanged,
}

impl Outcome {
    /// Returns the name for programs.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Change {
    /// Creates a file that is TaskTree's alone, such as a `.tasktree.toml`.
    pub(super) fn new_file(path: PathBuf, text: &str) -> Self {
        Self {
            path,
            before: None,
            after: Some(text.to_owned()),
            backup: Backup::Keep,
        }
    }

    /// Writes or removes a file that is TaskTree's alone.
    ///
    /// # Errors
    /// Returns a failure if the file is somebody else's.
    pub(super) fn of_file(path: PathBuf, text: &str, remove: bool) -> Result<Self> {
        let before = files::read(&path)?;
        if before
            .as_deref()
            .is_some_and(|before| !is_own_file(before, text))
        {
            let message = format!("{} is not TaskTree's: rename or remove it", path.display());
            return Err(Failure::new(Exit::Conflict, "foreign_file", message));
        }
        Ok(Self {
            path,
            before,
            after: (!remove).then(|| text.to_owned()),
            backup: Backup::Keep,
        })
    }

    /// Adds hooks to a file, or removes them. The first of the variants is wanted.
    ///
    /// # Errors
    /// Returns a failure, with what to add, if the file cannot be edited without harm.
    pub(super) fn of_hooks(
        around: &Surroundings,
        path: PathBuf,
        variants: &[Map<String, Value>; 2],
        remove: bool,
    ) -> Result<Self> {
        let edit = Edit {
            add: &|text, variant| hooks::add(text, &variants[variant]),
            remove: &hooks::remove,
            has_own: &hooks::has_own,
        };
        let wanted = serde_json::to_string_pretty(&variants[0]).unwrap_or_default();
        edit.change(around, path, remove, &wanted)
    }

    /// Makes the change.
    ///
    /// # Errors
    /// Returns a failure if a file cannot be written.
    pub(super) fn apply(&self, around: &Surroundings) -> Result<()> {
        let copy = backup_path(around, &self.path);
        if let (Backup::Make, Some(before), Some(copy)) = (self.backup, &self.before, &copy) {
            files::write(copy, before, Readers::Owner)?;
        }
        match (&self.before, &self.after) {
            (before, after) if before == after => {}
            (_, Some(after)) => files::write(&self.path, after, Readers::Usual)?,
            (_, None) => {
                files::remove(&self.path)?;
                let folders = self.path.ancestors().skip(1).take(2).map(Path::to_owned);
                files::remove_empty_folders(&folders.collect::<Vec<_>>());
            }
        }
        match (self.backup, copy) {
            (Backup::Drop, Some(copy)) => files::remove(&copy),
            _ => Ok(()),
        }
    }

    /// Returns the kind of the change.
    pub(super) fn outcome(&self) -> Outcome {
        match (&self.before, &self.after) {
            (before, after) if before == after => Outcome::Unchanged,
            (None, _) => Outcome::Created,
            (Some(_), None) => Outcome::Removed,
            (Some(_), Some(_)) => Outcome::Changed,
        }
    }

    /// Returns the change in one line, with the path as seen from a folder.
    pub(super) fn said(&self, root: &Path) -> String {
        let path = self.path.strip_prefix(root).unwrap_or(&self.path);
        let path = path.display();
        match self.outcome() {
            Outcome::Created => format!("Created {path}"),
            Outcome::Changed => format!("Changed {path}"),
            Outcome::Removed => format!("Removed {path}"),
            Outcome::Unchanged => format!("Unchanged: {path}"),
        }
    }

    /// Returns the change as a unified diff.
    pub(super) fn diff(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (before, after) = (text(&self.before), text(&self.after));
        let path = self.path.display().to_string();
        let diff = TextDiff::from_lines(&before, &after);
        let mut unified = diff.unified_diff();
        unified.context_radius(DIFF_CONTEXT).header(&path, &path);
        unified.to_string()
    }
}

/// Returns true for a file of this or another version: its first line says so.
fn is_own_file(found: &str, own: &str) -> bool {
    found.lines().next() == own.lines().next()
}

/// Returns true if a file of a harness has TaskTree in it.
pub(crate) fn is_connected(path: &Path, contents: Contents) -> bool {
    let text = files::read(path).ok().flatten();
    text.is_some_and(|text| match contents {
        Contents::Hooks(_) => hooks::has_own(&text),
        Contents::File(own) => is_own_file(&text, own),
    })
}

/// Returns the program that TaskTree's hooks in a file of a harness run; none if it has none.
pub(crate) fn program_in(path: &Path, contents: Contents) -> Option<Program> {
    let text = files::read(path).ok().flatten()?;
    match contents {
        Contents::Hooks(_) => hooks::program(&text),
        Contents::File(own) if is_own_file(&text, own) => Program::of_script(&text),
        Contents::File(_) => None,
    }
}

#[cfg(test)]
mod tests;
