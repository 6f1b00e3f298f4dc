//! Branches that the main branch contains already, with the commit that brought them in.

use std::collections::HashSet;

use tasktree_protocol::error::code;

use super::merge::Merge;
use super::repository::HEADS;
use crate::error::{Error, RepositoryRefusal, Result};

/// Maximum number of entries that are read of a branch's log.
const LOG_ENTRIES: &str = "--max-count=100";

impl Merge {
    /// Returns the commit of the main branch that brought in the branch's work.
    ///
    /// # Errors
    /// `Repository` if the main branch lacks some of it, or the branch never had a commit.
    pub(super) async fn contained(&self) -> Result<String> {
        let Some(commit) = self.container().await? else {
            let (branch, main) = (&self.branch, &self.main);
            let text = format!("'{main}' does not contain the branch '{branch}'. Merge it first.");
            return Err(Error::repository(code::BRANCH_MISSING, text));
        };
        if self.is_work(&commit).await? {
            Ok(commit)
        } else {
            Err(self.nothing(commit))
        }
    }

    /// Refuses a merge if there is nothing to merge any more, or never was.
    pub(super) async fn refuse_contained(&self) -> Result<()> {
        let Some(commit) = self.container().await? else {
            return Ok(());
        };
        if !self.is_work(&commit).await? {
            return Err(self.nothing(commit));
        }
        let (branch, main) = (&self.branch, &self.main);
        let message = format!(
            "Already merged: '{main}' contains the branch '{branch}' in {commit}. To mark the task \
             as merged (contained in {commit}), send contained=true."
        );
        Err(about(code::ALREADY_MERGED, message, commit))
    }

    fn nothing(&self, commit: String) -> Error {
        let (branch, main) = (&self.branch, &self.main);
        let message = format!(
            "Nothing to merge: the branch '{branch}' has no commits of its own; '{main}' contains \
             all of it in {commit}. If the work is elsewhere, correct the task's branch or mark \
             the task as merged by hand."
        );
        about(code::NOTHING_TO_MERGE, message, commit)
    }

    /// Returns true if the main branch got commits of the branch with that commit.
    async fn is_work(&self, commit: &str) -> Result<bool> {
        Ok(commit != self.tip || self.had_commits().await?)
    }

    /// Returns the commit of the main branch since which it contains all of the branch.
    async fn container(&self) -> Result<Option<String>> {
        if !self.repository.contains(&self.main_tip, &self.tip).await? {
            return Ok(None);
        }
        if self.tip == self.main_tip {
            return Ok(Some(self.tip.clone()));
        }
        let (without, with) = (format!("^{}", self.tip), self.main_tip.as_str());
        let first_parents = ["rev-list", "--first-parent", "--parents", &without, with];
        let line = self.git().output(&first_parents).await?;
        let descendants = ["rev-list", "--ancestry-path", &without, with];
        let after = self.git().output(&descendants).await?;
        if line.is_cut || after.is_cut {
            return Ok(Some(self.main_tip.clone()));
        }
        let (line, after) = (line.line(), after.line());
        let after: HashSet<&str> = after.lines().collect();
        let mut line = line.lines().rev().map(str::split_whitespace);
        let Some(mut oldest) = line.next() else {
            return Ok(Some(self.main_tip.clone()));
        };
        let first = oldest.next().unwrap_or_default();
        if oldest.next() == Some(self.tip.as_str()) {
            return Ok(Some(self.tip.clone()));
        }
        let mut commits = std::iter::once(first).chain(line.filter_map(|mut commit| commit.next()));
        let found = commits.find(|commit| after.contains(commit));
        Ok(Some(found.unwrap_or(&self.main_tip).to_owned()))
    }

    /// Returns true if the logs of both branches show commits that were made on the branch and are
    /// still on it.
    ///
    /// After a fast-forward the commits alone do not distinguish it from a branch that was only
    /// created.
    async fn had_commits(&self) -> Result<bool> {
        let main = self.log_of(&self.main).await?;
        for entry in self.log_of(&self.branch).await? {
            // A branch that is a copy of the main branch has its log too.
            if main.contains(&entry) {
                continue;
            }
            let (commit, what) = entry;
            let made = ["commit", "cherry-pick", "revert", "am"];
            let rebased = what.starts_with("rebase (finish)") && !what.ends_with(&commit);
            if (rebased || made.iter().any(|kind| what.starts_with(kind)))
                // A commit that was thrown away may be gone from the repository.
                && self.repository.contains(&self.tip, &commit).await.unwrap_or(false)
            {
                return Ok(true);
            }
        }
        let merged = format!("merge {}: Fast-forward", self.branch);
        Ok(main.contains(&(self.tip.clone(), merged)))
    }

    /// Returns the latest commits that a branch pointed to, with the reasons; nothing if no log is
    /// kept.
    pub(super) async fn log_of(&self, branch: &str) -> Result<Vec<(String, String)>> {
        let name = format!("{HEADS}{branch}");
        let ask = [
            "log",
            "--walk-reflogs",
            LOG_ENTRIES,
            "--no-patch",
            "--no-notes",
            "--no-show-signature",
            "--format=%H %gs",
            &name,
            "--",
        ];
        let log = self.git().output(&ask).await?;
        if !log.status.success() {
            return Ok(Vec::new());
        }
        let log = log.line();
        let entries = log.lines().filter_map(|line| line.split_once(' '));
        let entries = entries.map(|(commit, what)| (commit.to_owned(), what.to_owned()));
        Ok(entries.collect())
    }
}

fn about(code: &'static str, message: String, commit: String) -> Error {
    Error::Repository(Box::new(RepositoryRefusal {
        code,
        message,
        commit: Some(commit),
        ..RepositoryRefusal::default()
    }))
}
