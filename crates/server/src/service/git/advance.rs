//! The end of a merge: its commit, and the main branch that moves to it, all or nothing.

use tasktree_protocol::Task;
use tasktree_protocol::error::code;

use super::command::{Git, Output};
use super::merge::{Merge, Ready, named, refusal};
use super::obstacles::{Changed, changed_files};
use super::repository::Checkout;
use crate::error::{Error, Result};
use crate::limits::Limits;

impl Merge {
    /// Creates the merge's commit; nothing points to it yet.
    pub(super) async fn commit(&self, ready: &Ready, task: &Task) -> Result<String> {
        let title = task.title.replace(char::is_control, " ");
        let message = format!(
            "Merge task #{}: {title}\n\nBranch: {}\n",
            task.number, self.branch
        );
        let git = with_identity(self.git().clone()).await?;
        let (main, tip) = (&*self.main_tip, &*self.tip);
        let ask = ["commit-tree", "-p", main, "-p", tip, "-F", "-", &ready.tree];
        let output = git.output_of(&ask, message.as_bytes()).await?;
        if output.status.success() {
            Ok(output.line())
        } else {
            Err(output.error(&ask))
        }
    }

    /// Moves the main branch to the merge's commit, if it is still where it was.
    ///
    /// # Errors
    /// `Repository` or `Command` if it did not move. Then its files are as they were, or the error
    /// names those that are not.
    pub(super) async fn advance(&self, ready: &Ready, commit: &str, limits: &Limits) -> Result<()> {
        let moved = match &ready.checkout {
            Some(checkout) => self.fast_forward(checkout, commit).await?,
            None => {
                let how = ["update-ref", "-m", "merge: by TaskTree"];
                let what = [&*self.reference, commit, &*self.main_tip];
                let ask: Vec<&str> = how.into_iter().chain(what).collect();
                self.git().output(&ask).await?
            }
        };
        // The state of the repository now is what counts, not the exit status of a command.
        let now = self.repository.tip(&self.main).await?.unwrap_or_default();
        if !moved.status.success() && now != commit {
            if now != self.main_tip {
                let message = format!(
                    "Merge failed: '{}' changed during the merge; try again.",
                    self.main
                );
                return Err(Error::repository(code::REPOSITORY_BUSY, message));
            }
            let left = match &ready.checkout {
                Some(checkout) => self.put_back(checkout, commit).await?,
                None => Vec::new(),
            };
            return Err(not_moved(&moved, &left, limits));
        }
        if self.repository.contains(&now, commit).await?
            && self.repository.contains(&now, &self.tip).await?
        {
            return Ok(());
        }
        Err(Error::Command(format!(
            "Merge failed: git reported success, but '{}' does not contain '{}'.",
            self.main, self.branch
        )))
    }

    /// Moves the main branch together with the files of its work tree.
    async fn fast_forward(&self, checkout: &Checkout, commit: &str) -> Result<Output> {
        // Git writes the files first. The trial finds beforehand that the branch cannot move after
        // that, because a lock was left behind.
        let trial = format!(
            "start\nupdate {} {commit} {}\nprepare\nabort\n",
            self.reference, self.main_tip
        );
        let git = &checkout.git;
        let mut tried = git
            .output_of(&["update-ref", "--stdin"], trial.as_bytes())
            .await?;
        if !tried.status.success() {
            // Output of the steps that succeeded.
            tried.text.clear();
            return Ok(tried);
        }
        git.output(&[
            "merge",
            "--ff-only",
            "--no-overwrite-ignore",
            "--no-autostash",
            "--no-squash",
            "--no-verify-signatures",
            "--no-stat",
            "--quiet",
            commit,
        ])
        .await
    }

    /// Restores the files of a merge whose branch did not move, and returns those that are left.
    async fn put_back(&self, checkout: &Checkout, commit: &str) -> Result<Vec<String>> {
        let git = &checkout.git;
        let unchanged = ["diff-index", "--cached", "--quiet", &self.main_tip, "--"];
        if git.maybe(&unchanged).await?.is_some() {
            return Ok(Vec::new());
        }
        // Keeps changes that somebody else has made since: git refuses to overwrite them.
        let back = ["read-tree", "-m", "-u", commit, &self.main_tip];
        let back = git.output(&back).await?;
        if back.status.success() {
            return Ok(Vec::new());
        }
        tracing::warn!(
            words = back.words(),
            "cannot undo the files of a failed merge"
        );
        let changed = changed_files(git, "--untracked-files=no").await?;
        let left = changed.into_iter().filter(Changed::is_edit);
        Ok(left.map(|file| file.path).collect())
    }
}

/// Returns the error of a main branch that did not move, with the files that were left changed.
fn not_moved(moved: &Output, left: &[String], limits: &Limits) -> Error {
    let words = moved.words();
    let mut message = format!("Merge failed: {words}");
    if !left.is_empty() {
        message.push_str(&format!(
            "\nThe merge left changed files: {}. Undo them with git reset --merge.",
            named(left)
        ));
        return Error::Command(message);
    }
    let is_in_the_way = |line: &str| {
        line.starts_with("error: ")
            && ["would be overwritten", "would be removed", "would lose"]
                .iter()
                .any(|what| line.contains(what))
    };
    if words.lines().any(is_in_the_way) {
        let files = words.lines().filter_map(|line| line.strip_prefix('\t'));
        let files = files.map(str::to_owned).collect();
        return refusal(code::DIRTY, message, files, limits);
    }
    if words.contains(".lock': File exists") || words.contains("cannot lock ref") {
        return Error::repository(code::REPOSITORY_BUSY, message);
    }
    Error::Command(message)
}

/// Returns git with a name to commit under, if the configuration has none.
async fn with_identity(git: Git) -> Result<Git> {
    let known = git.output(&["var", "GIT_COMMITTER_IDENT"]).await?;
    if known.status.success() {
        return Ok(git);
    }
    let git = git.with("user.name", "TaskTree");
    Ok(git.with("user.email", "tasktree@localhost"))
}
