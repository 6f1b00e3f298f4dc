//! Reading of files whose names somebody else chose: only regular files are opened.
//!
//! A named pipe, a device or a socket instead of a file blocks its reader, and git with it. So the
//! files that git opens first are checked before git runs; the rest has git's deadline.

use std::fs::Metadata;
use std::path::Path;

use tasktree_protocol::error::code;
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncReadExt as _;

use super::turns::{canonical, git_folder, pointer};
use crate::error::{Error, Result};

/// Files of a repository that git opens for every command.
const OPENED: [&str; 11] = [
    "HEAD",
    "config",
    "config.worktree",
    "commondir",
    "index",
    "packed-refs",
    "shallow",
    "info/exclude",
    "info/attributes",
    "info/sparse-checkout",
    "objects/info/alternates",
];

/// Files at the root of a work tree that git opens to look at the others.
const OPENED_BESIDE: [&str; 3] = [".gitignore", ".gitattributes", ".gitmodules"];

/// Returns the beginning of a regular file; `None` for anything else.
pub(super) async fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    // Checked first, since some devices do something when they are opened.
    if !fs::metadata(path).await.ok()?.is_file() {
        return None;
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe that took the name meanwhile is opened at once, and recognized.
    #[cfg(unix)]
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path).await.ok()?;
    if !file.metadata().await.ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).await.ok()?;
    Some(bytes)
}

/// Refuses a folder whose repository has anything but a file in the place where git opens one.
///
/// # Errors
/// An error that names it.
pub(super) async fn check(folder: &Path) -> Result<()> {
    let folder = canonical(folder).await;
    for root in folder.ancestors() {
        let Some(own) = git_folder(root).await else {
            continue;
        };
        check_files(&own, &OPENED).await?;
        if let Some(common) = pointer(&own.join("commondir"), "").await {
            check_files(&own.join(common), &OPENED).await?;
        }
        return check_files(root, &OPENED_BESIDE).await;
    }
    Ok(())
}

async fn check_files(folder: &Path, names: &[&str]) -> Result<()> {
    let is_special = |found: &Metadata| !found.is_file() && !found.is_dir();
    for name in names {
        let path = folder.join(name);
        if fs::metadata(&path).await.as_ref().is_ok_and(is_special) {
            return Err(Error::repository(
                code::NOT_A_REPOSITORY,
                format!(
                    "'{}' is not a regular file, so the repository cannot be used. Remove it \
                     first.",
                    path.display()
                ),
            ));
        }
    }
    Ok(())
}
