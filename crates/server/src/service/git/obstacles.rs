//! Files in the main branch's checkout that a merge would destroy: it is refused because of them.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use tasktree_protocol::error::code;

use super::changes::{Changes, FileChange};
use super::command::{Git, path_of};
use super::merge::{named, refusal};
use super::repository::Checkout;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Maximum number of files that are hashed by one command.
const HASHED_AT_ONCE: usize = 100;

/// A file that differs from the last commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) path: String,
    is_staged: bool,
    is_submodule: bool,
}

/// Refuses the merge if there are uncommitted changes.
pub(super) async fn refuse_dirty(checkout: &Checkout, main: &str, limits: &Limits) -> Result<()> {
    let changed = changed_files(&checkout.git, "--untracked-files=no").await?;
    let edited = changed.into_iter().filter(Changed::is_edit);
    let files: Vec<String> = edited.map(|file| file.path).collect();
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: '{main}' is checked out in '{}', which has uncommitted changes: {}. Commit \
         or stash them first.",
        checkout.root().display(),
        named(&files)
    );
    Err(refusal(code::DIRTY, message, files, limits))
}

/// Returns the files that differ from the last commit.
pub(super) async fn changed_files(git: &Git, untracked: &str) -> Result<Vec<Changed>> {
    let ask = [
        "status",
        "--porcelain=v2",
        "-z",
        "--no-renames",
        // The checked-out commit of a submodule is read; git does not run in it.
        "--ignore-submodules=dirty",
        untracked,
    ];
    let output = git.output(&ask).await?;
    if !output.status.success() {
        return Err(output.error(&ask));
    }
    let text = String::from_utf8_lossy(&output.text);
    Ok(text.split('\0').filter_map(Changed::read).collect())
}

impl Changed {
    /// Returns true if a merge may not touch it.
    ///
    /// A merge does not touch a submodule with another commit checked out, unless that commit is
    /// staged.
    pub(super) fn is_edit(&self) -> bool {
        self.is_staged || !self.is_submodule
    }

    /// Reads an entry: `1 XY SUB` and five fields, `u XY SUB` and seven, or `?`; then the path.
    fn read(entry: &str) -> Option<Self> {
        let count = match entry.chars().next()? {
            '1' => 9,
            'u' => 11,
            '?' => 2,
            _ => return None,
        };
        let fields: Vec<&str> = entry.splitn(count, ' ').collect();
        let is = |at: usize, what: char| fields.get(at).is_some_and(|it| it.starts_with(what));
        Some(Self {
            path: (*fields.get(count - 1)?).to_owned(),
            is_staged: count > 2 && !is(1, '.'),
            is_submodule: is(2, 'S'),
        })
    }
}

/// Refuses a merge that would overwrite files that git does not track, or does not look at.
pub(super) async fn refuse_in_the_way(
    checkout: &Checkout,
    changes: &Changes,
    limits: &Limits,
) -> Result<()> {
    let (root, all) = (checkout.root().to_owned(), changes.all.clone());
    let found = tokio::task::spawn_blocking(move || unknown_files(&root, &all)).await;
    let mut files = found.map_err(|_| {
        Error::Internal(
            "Internal error: the search for files in the way of a merge panicked.".to_owned(),
        )
    })?;
    files.extend(hidden_edits(checkout, changes).await?);
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: files in '{}' that git does not track, or is configured to ignore, would be \
         overwritten: {}. Move or commit them first.",
        checkout.root().display(),
        named(&files)
    );
    Err(refusal(code::DIRTY, message, files, limits))
}

/// Returns the untracked files in places where the merge creates files or folders.
fn unknown_files(root: &Path, changes: &[FileChange]) -> Vec<String> {
    let removed = changes.iter().filter(|change| change.kind == 'D');
    let removed: HashSet<&[u8]> = removed.map(|change| &*change.name).collect();
    let mut folders: HashSet<&[u8]> = HashSet::new();
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| change.kind == 'A') {
        let name = &*change.name;
        let ends = name.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        for parent in ends.map(|(end, _)| &name[..end]) {
            let is_new = folders.insert(parent);
            if is_new && !removed.contains(parent) && is_there(root, parent, false) {
                found.push(String::from_utf8_lossy(parent).into_owned());
            }
        }
        if is_there(root, name, false) {
            found.push(change.path.clone());
        } else if is_there(root, name, true) {
            add_unknown(root, &path_of(name), &removed, &mut found);
        }
    }
    found
}

/// Returns true if there is a folder (or, without `folder`, anything else) of that name.
fn is_there(root: &Path, name: &[u8], folder: bool) -> bool {
    fs::symlink_metadata(root.join(path_of(name))).is_ok_and(|it| it.is_dir() == folder)
}

/// Adds the files of a folder that the merge does not remove. A repository in it counts as one.
fn add_unknown(root: &Path, folder: &Path, removed: &HashSet<&[u8]>, found: &mut Vec<String>) {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if fs::symlink_metadata(root.join(&folder).join(".git")).is_ok() {
            found.push(format!("{}/", folder.display()));
            continue;
        }
        // A folder that cannot be read is left to git, which does not remove it either.
        let Ok(entries) = fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if !removed.contains(path.as_os_str().as_encoded_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
}

/// Returns the edited files that the merge changes and that git was told to regard as unchanged.
///
/// The marks are `--assume-unchanged` and `--skip-worktree`.
async fn hidden_edits(checkout: &Checkout, changes: &Changes) -> Result<Vec<String>> {
    let git = &checkout.git;
    let listed = git.output(&["ls-files", "-v", "-z"]).await?;
    // If there are more files than are read, git itself refuses to overwrite the others.
    let hidden = listed.text.split(|byte| *byte == 0).filter_map(|entry| {
        let (tag, name) = (entry.first()?, entry.get(2..)?);
        (tag.is_ascii_lowercase() || *tag == b'S').then_some(name)
    });
    let hidden: HashSet<&[u8]> = hidden.collect();
    if hidden.is_empty() {
        return Ok(Vec::new());
    }
    let changed = changes.all.iter().filter(|change| change.kind != 'A');
    let changed = changed.filter(|change| hidden.contains(&*change.name));
    let (mut regular, mut edited) = (Vec::new(), Vec::new());
    for change in changed {
        let path = checkout.root().join(path_of(&change.name));
        match tokio::fs::symlink_metadata(path).await {
            Ok(found) if found.is_file() && change.path.as_bytes() == change.name => {
                regular.push(change);
            }
            // A file that cannot be compared counts as edited.
            Ok(_) => edited.push(change.path.clone()),
            Err(_) => {}
        }
    }
    for some in regular.chunks(HASHED_AT_ONCE) {
        let mut ask = vec!["hash-object", "--"];
        ask.extend(some.iter().map(|change| &*change.path));
        let hashes = git.run(&ask).await?;
        let differs = |(change, hash): &(&&FileChange, &str)| change.contents[0] != *hash;
        let differing = some.iter().zip(hashes.lines()).filter(differs);
        edited.extend(differing.map(|(change, _)| change.path.clone()));
    }
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_status_are_read() {
        let changed = |path: &str, is_staged, is_submodule| Changed {
            path: path.to_owned(),
            is_staged,
            is_submodule,
        };
        for (entry, file) in [
            (
                "1 .M N... 1 1 1 a b a b.txt",
                Some(changed("a b.txt", false, false)),
            ),
            ("1 M. SC.. 1 1 1 a b lib", Some(changed("lib", true, true))),
            ("1 .M SC.. 1 1 1 a b lib", Some(changed("lib", false, true))),
            ("u UU N... 1 1 1 1 a b c f", Some(changed("f", true, false))),
            ("? n w", Some(changed("n w", false, false))),
            ("# branch.oid x", None),
            ("", None),
        ] {
            assert_eq!(Changed::read(entry), file, "{entry}");
        }
    }
}
