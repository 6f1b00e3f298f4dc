//! Edits of a file that TaskTree shares with others, and the copy that leads back.

use std::path::{Path, PathBuf};

use super::change::{Backup, Change};
use crate::claim::digest;
use crate::failure::{Exit, Failure, Result};
use crate::files;
use crate::surroundings::Surroundings;

/// Way to edit a file that TaskTree shares with others.
pub(super) struct Edit<'a> {
    /// Adds TaskTree to a text, in a variant: the first one is wanted.
    pub(super) add: &'a dyn Fn(&str, usize) -> Result<String, String>,
    /// Removes TaskTree from a text.
    pub(super) remove: &'a dyn Fn(&str) -> Result<String, String>,
    /// Returns true if a text has something of TaskTree.
    pub(super) has_own: &'a dyn Fn(&str) -> bool,
}

impl Edit<'_> {
    /// Finds the change of a file.
    ///
    /// # Errors
    /// Returns a failure, with what to add, if the file cannot be edited without harm.
    pub(super) fn change(
        &self,
        around: &Surroundings,
        path: PathBuf,
        remove: bool,
        wanted: &str,
    ) -> Result<Change> {
        let before = files::read(&path)?;
        let refused = |reason: String| {
            let path = path.display();
            let todo = if remove {
                "remove from it"
            } else {
                "add to it"
            };
            let message = format!(
                "{path} was not changed, because {reason}. Edit it by hand, and {todo}:\n{wanted}"
            );
            Failure::new(Exit::Failed, "not_editable", message)
        };
        let has_own = before
            .as_deref()
            .is_some_and(|before| (self.has_own)(before));
        let copy = match backup_path(around, &path) {
            Some(copy) => files::read(&copy)?,
            None => None,
        };
        // Nothing else has changed since the copy: every byte can be as it was.
        let is_ours_alone = before
            .as_deref()
            .is_some_and(|before| has_own && self.comes_from(copy.as_deref(), before));
        if !remove {
            let base = if is_ours_alone { &copy } else { &before };
            let after = (self.add)(base.as_deref().unwrap_or_default(), 0).map_err(refused)?;
            let backup = if has_own { Backup::Keep } else { Backup::Make };
            return Ok(Change {
                path,
                before,
                after: Some(after),
                backup,
            });
        }
        let after = match &before {
            Some(_) if is_ours_alone => copy,
            Some(before) if has_own => Some((self.remove)(before).map_err(refused)?),
            before => before.clone(),
        };
        Ok(Change {
            path,
            before,
            after,
            backup: Backup::Drop,
        })
    }

    /// Returns true if a text is the original with TaskTree added, in any variant.
    fn comes_from(&self, original: Option<&str>, text: &str) -> bool {
        let original = original.unwrap_or_default();
        (0..2).any(|variant| {
            let added = (self.add)(original, variant);
            added.is_ok_and(|added| added == text)
        })
    }
}

/// Returns the file with the copy. It is not beside the file, where it would be committed.
pub(super) fn backup_path(around: &Surroundings, path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    let digest = digest(&path.to_string_lossy());
    let folder = around.state_folder()?.join("backups");
    Some(folder.join(format!("{digest:016x}-{name}")))
}
