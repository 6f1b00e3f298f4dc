//! A merge of a task's branch into the main branch: its checks, and the merge itself.
//!
//! The merge is computed without a work tree (`git merge-tree`), so a conflict leaves no trace.
//! Then the main branch moves to the new commit: if it is checked out, together with the files
//! there.

use tasktree_protocol::error::code;

use super::changes::Changes;
use super::command::Git;
use super::obstacles::{refuse_dirty, refuse_in_the_way};
use super::programs::{refuse_drivers, refuse_filters};
use super::repository::{Checkout, Repository};
use crate::domain::branch;
use crate::error::{Error, RepositoryRefusal, Result};
use crate::limits::Limits;

/// Maximum number of files that a sentence names; the answer lists more.
const FILES_NAMED: usize = 10;

/// The two branches of a merge, in their repository.
#[derive(Debug)]
pub(super) struct Merge {
    pub(super) repository: Repository,
    /// Main branch.
    pub(super) main: String,
    /// Full name of the reference that stores it.
    pub(super) reference: String,
    pub(super) main_tip: String,
    pub(super) branch: String,
    pub(super) tip: String,
}

/// A merge without obstacles.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) tree: String,
    pub(super) checkout: Option<Checkout>,
}

impl Merge {
    /// Finds both branches.
    ///
    /// # Errors
    /// `Repository` if one is missing.
    pub(super) async fn new(
        repository: Repository,
        main: Option<&str>,
        branch: &str,
    ) -> Result<Self> {
        if let Some(fault) = branch::fault(branch) {
            let message = format!(
                "'{branch}' is not a valid branch name: it {fault}. Correct the task's branch."
            );
            return Err(Error::repository(code::BRANCH_MISSING, message));
        }
        let main = repository.main_branch(main, branch).await?;
        let Some(tip) = repository.tip(branch).await? else {
            let message = format!(
                "The repository has no branch '{branch}'. Correct the task's branch, or mark the \
                 task as merged by hand."
            );
            return Err(Error::repository(code::BRANCH_MISSING, message));
        };
        let reference = repository.real_name(&main).await?;
        // Also under another name (a symbolic ref).
        if repository.real_name(branch).await? == reference {
            let message = format!(
                "Nothing to merge: '{branch}' is the main branch itself. Correct the task's branch, \
                 or mark the task as merged by hand."
            );
            return Err(Error::repository(code::NOTHING_TO_MERGE, message));
        }
        let main_tip = repository.tip(&main).await?.unwrap_or_default();
        Ok(Self {
            reference,
            repository,
            main,
            main_tip,
            branch: branch.to_owned(),
            tip,
        })
    }

    pub(super) fn git(&self) -> &Git {
        &self.repository.git
    }

    /// Checks the merge for obstacles.
    ///
    /// # Errors
    /// `Repository` with the obstacle.
    pub(super) async fn check(&self, limits: &Limits) -> Result<Ready> {
        self.refuse_contained().await?;
        let checkout = self.repository.checkout(&self.reference).await?;
        if let Some(checkout) = &checkout {
            refuse_dirty(checkout, &self.main, limits).await?;
        }
        refuse_drivers(self, checkout.as_ref(), limits).await?;
        let tree = self.merged_tree(checkout.as_ref(), limits).await?;
        if let Some(checkout) = &checkout {
            let changes = Changes::between(self.git(), &self.main_tip, &tree).await?;
            refuse_in_the_way(checkout, &changes, limits).await?;
            refuse_filters(checkout, &changes, &tree, limits).await?;
        }
        Ok(Ready { tree, checkout })
    }

    /// Merges in memory, and returns the tree.
    ///
    /// The attributes are those of the main branch's files, where they are checked out.
    async fn merged_tree(&self, checkout: Option<&Checkout>, limits: &Limits) -> Result<String> {
        let how = [
            "merge-tree",
            "--write-tree",
            "--name-only",
            "--messages",
            "-z",
        ];
        let ask: Vec<&str> = how
            .into_iter()
            .chain([&*self.main_tip, &*self.tip])
            .collect();
        let git = checkout.map_or(self.git(), |checkout| &checkout.git);
        let output = git.output(&ask).await?;
        if output.says("refusing to merge unrelated histories") {
            let message = format!(
                "Merge failed: '{}' and '{}' have no commit in common (unrelated histories).",
                self.branch, self.main
            );
            return Err(Error::repository(code::UNRELATED_HISTORIES, message));
        }
        let text = String::from_utf8_lossy(&output.text).into_owned();
        let mut parts = text.split('\0');
        let tree = parts.next().unwrap_or_default().to_owned();
        match output.status.code() {
            Some(0) => Ok(tree),
            Some(1) => {
                let files: Vec<String> = parts
                    .by_ref()
                    .take_while(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect();
                let words: Vec<&str> = parts
                    .filter(|part| part.starts_with("CONFLICT (") && part.contains(": "))
                    .map(str::trim_end)
                    .take(FILES_NAMED)
                    .collect();
                let message = format!(
                    "Merge failed: '{}' and '{}' conflict in {}. Resolve the conflict on the \
                     branch, then merge again.\n{}",
                    self.branch,
                    self.main,
                    named(&files),
                    words.join("\n")
                );
                Err(refusal(code::MERGE_CONFLICTS, message, files, limits))
            }
            _ => Err(output.error(&ask)),
        }
    }
}

/// Returns a refusal that names files.
pub(super) fn refusal(
    code: &'static str,
    message: String,
    mut files: Vec<String>,
    limits: &Limits,
) -> Error {
    let files_total = files.len();
    files.truncate(limits.merge_files);
    Error::Repository(Box::new(RepositoryRefusal {
        code,
        message,
        files,
        files_total,
        commit: None,
    }))
}

/// Returns the first of the files, and the number of the others.
pub(super) fn named(files: &[String]) -> String {
    let shown: Vec<&str> = files.iter().take(FILES_NAMED).map(String::as_str).collect();
    match files.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
