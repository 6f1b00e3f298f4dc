//! Creation of a repository in a project's folder that is in no repository yet.

use std::path::Path;

use tasktree_protocol::error::code;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::repository::Repository;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// `.gitignore` of a new repository.
const GITIGNORE: &str = "# Dependencies, build output and secrets.\n\
                         node_modules/\ntarget/\ndist/\n__pycache__/\n.venv/\n*.log\n.env\n.DS_Store\n";

/// Creates a repository; returns true if a `.gitignore` was created with it.
///
/// # Errors
/// `Refused` if the folder is a repository already, `Repository` if it is in one or git does not
/// use the one that it creates. Then the folder is as it was.
pub(super) async fn make(folder: &Path, limits: &Limits) -> Result<bool> {
    if let Some(found) = Repository::find(folder, limits).await? {
        return Err(match found.work_tree {
            Some(root) if root != folder => Error::repository(
                code::INSIDE_REPOSITORY,
                format!(
                    "The folder is inside the repository '{}'. A nested repository is not created.",
                    root.display()
                ),
            ),
            _ => Error::Refused("Already a Git repository".to_owned()),
        });
    }
    let dot_git = folder.join(".git");
    if fs::symlink_metadata(&dot_git).await.is_ok() {
        let text = format!("'{}' exists, but is not a repository.", dot_git.display());
        return Err(Error::Refused(text));
    }
    let git = super::command::Git::new(folder, limits);
    git.run(&["init"]).await?;
    // In a folder that belongs to another user git creates a repository, and then does not use it.
    let checked = match Repository::find(folder, limits).await {
        Ok(Some(made)) if made.work_tree.as_deref() == Some(folder) => Ok(()),
        Ok(_) => Err(Error::Command(
            "git init: it reported success, but created no repository".to_owned(),
        )),
        Err(error) => Err(error),
    };
    if let Err(error) = checked {
        if let Err(left) = fs::remove_dir_all(&dot_git).await {
            let folder = folder.display();
            tracing::warn!(%left, %folder, "cannot remove an unusable repository");
        }
        return Err(error);
    }
    Ok(write_gitignore(&folder.join(".gitignore")).await)
}

/// Creates a `.gitignore` unless there is one; returns true if it did.
async fn write_gitignore(path: &Path) -> bool {
    let made = async {
        let mut file = fs::File::create_new(path).await?;
        file.write_all(GITIGNORE.as_bytes()).await?;
        file.flush().await
    };
    match made.await {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => false,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "cannot write .gitignore");
            false
        }
    }
}
