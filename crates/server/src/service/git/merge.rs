//! A merge of a task's branch into the main branch: what is refused, and how it is done.
//!
//! The merge is computed without a work tree (`git merge-tree`), so a conflict leaves no trace. Then
//! the main branch moves to the new commit: where it is checked out, together with the files there.

use tasktree_protocol::Task;
use tasktree_protocol::error::code;

use super::changes::{Change, Changes};
use super::command::Git;
use super::repository::{Checkout, HEADS, Repository};
use crate::domain::branch;
use crate::error::{Error, RepositoryRefusal, Result};
use crate::limits::Limits;

/// Files that a sentence names; the answer lists more.
const FILES_NAMED: usize = 10;

/// What is to be merged into what.
#[derive(Debug)]
pub(super) struct Merge {
    pub(super) repository: Repository,
    /// The main branch, and the full name of where it is kept.
    pub(super) main: String,
    reference: String,
    pub(super) main_tip: String,
    pub(super) branch: String,
    pub(super) tip: String,
}

/// A merge that nothing stands against.
#[derive(Debug)]
pub(super) struct Ready {
    tree: String,
    checkout: Option<Checkout>,
}

impl Merge {
    /// Finds both branches.
    ///
    /// # Errors
    /// `Repository` where one is missing.
    pub(super) async fn new(
        repository: Repository,
        main: Option<&str>,
        branch: &str,
    ) -> Result<Self> {
        if let Some(fault) = branch::fault(branch) {
            let message = format!(
                "'{branch}' is not the name of a branch: it {fault}. Correct the task's branch."
            );
            return Err(Error::repository(code::BRANCH_MISSING, message));
        }
        let main = repository.main_branch(main).await?;
        let Some(tip) = repository.tip(branch).await? else {
            let message = format!(
                "The repository has no branch '{branch}'. Correct the task's branch, or mark the \
                 task as merged by hand."
            );
            return Err(Error::repository(code::BRANCH_MISSING, message));
        };
        if branch == main {
            let message = format!(
                "Nothing to merge: '{branch}' is the main branch itself. Correct the task's branch, \
                 or mark the task as merged by hand."
            );
            return Err(Error::repository(code::NOTHING_TO_MERGE, message));
        }
        let main_tip = repository.tip(&main).await?.unwrap_or_default();
        Ok(Self {
            reference: repository.real_name(&main).await?,
            repository,
            main,
            main_tip,
            branch: branch.to_owned(),
            tip,
        })
    }

    fn git(&self) -> &Git {
        &self.repository.git
    }

    /// Looks for what stands against the merge.
    ///
    /// # Errors
    /// `Repository` with what stands against it.
    pub(super) async fn check(&self, limits: &Limits) -> Result<Ready> {
        self.refuse_contained().await?;
        let checkout = self.repository.checkout(&self.reference).await?;
        if let Some(checkout) = &checkout {
            refuse_dirty(checkout, &self.main, limits).await?;
        }
        let tree = self.merged_tree(limits).await?;
        if let Some(checkout) = &checkout {
            let changes = Changes::between(self.git(), &self.main_tip, &tree).await?;
            refuse_in_the_way(checkout, &changes, limits).await?;
            self.refuse_filters(checkout, &changes, &tree, limits)
                .await?;
        }
        Ok(Ready { tree, checkout })
    }

    /// Returns the commit of the main branch that has all of the branch already.
    pub(super) async fn container(&self) -> Result<Option<String>> {
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
        let after: std::collections::HashSet<&str> = after.lines().collect();
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

    async fn refuse_contained(&self) -> Result<()> {
        let Some(commit) = self.container().await? else {
            return Ok(());
        };
        let (branch, main) = (&self.branch, &self.main);
        let (code, message) = if commit == self.tip && !self.had_commits().await? {
            let message = format!(
                "Nothing to merge: the branch '{branch}' has no commits of its own; '{main}' contains \
                 all of it in {commit}. If the work is elsewhere, correct the task's branch or mark \
                 the task as merged by hand."
            );
            (code::NOTHING_TO_MERGE, message)
        } else {
            let message = format!(
                "Already merged: '{main}' contains the branch '{branch}' in {commit}. The task can \
                 be marked as merged (contained in {commit}) with contained=true."
            );
            (code::ALREADY_MERGED, message)
        };
        Err(Error::Repository(Box::new(RepositoryRefusal {
            code,
            message,
            commit: Some(commit),
            ..RepositoryRefusal::default()
        })))
    }

    /// Returns whether commits were made on the branch that it still has, as far as the logs of both
    /// branches say: after a fast-forward the commits alone do not tell it from a branch that was
    /// only made.
    async fn had_commits(&self) -> Result<bool> {
        for (commit, what) in self.log_of(&self.branch).await? {
            let made = ["commit", "cherry-pick", "revert", "am"];
            let rebased = what.starts_with("rebase (finish)") && !what.ends_with(&commit);
            if (rebased || made.iter().any(|kind| what.starts_with(kind)))
                // One that was thrown away may be gone from the repository.
                && self.repository.contains(&self.tip, &commit).await.unwrap_or(false)
            {
                return Ok(true);
            }
        }
        let merged = format!("merge {}: Fast-forward", self.branch);
        let main = self.log_of(&self.main).await?;
        Ok(main.contains(&(self.tip.clone(), merged)))
    }

    /// Returns where a branch pointed to of late, and why; nothing where no log is kept.
    async fn log_of(&self, branch: &str) -> Result<Vec<(String, String)>> {
        let name = format!("{HEADS}{branch}");
        let ask = [
            "log",
            "--walk-reflogs",
            "--max-count=100",
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

    /// Merges in memory, and returns the tree.
    async fn merged_tree(&self, limits: &Limits) -> Result<String> {
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
        let output = self.git().output(&ask).await?;
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
                    "Merge failed: '{}' and '{}' conflict in {}. Resolve it on the branch, and merge \
                     again.\n{}",
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

    /// Refuses where files would be written that pass through a program first: without it they
    /// would be wrong, and it is not run.
    async fn refuse_filters(
        &self,
        checkout: &Checkout,
        changes: &Changes,
        tree: &str,
        limits: &Limits,
    ) -> Result<()> {
        let overrides = checkout.git.overrides();
        if !overrides.has_filters() {
            return Ok(());
        }
        let written = changes.all.iter().filter(|change| change.kind != 'D');
        let paths: Vec<&str> = written.map(|change| change.path.as_str()).collect();
        let ask = ["check-attr", "-z", "--stdin", "filter"];
        let output = checkout
            .git
            .output_of(&ask, paths.join("\0").as_bytes())
            .await?;
        if !output.status.success() {
            return Err(output.error(&ask));
        }
        let text = String::from_utf8_lossy(&output.text);
        let fields: Vec<&str> = text.split('\0').collect();
        let mut files: Vec<String> = fields
            .chunks_exact(3)
            .filter(|entry| overrides.has_filter(entry[2]))
            .map(|entry| entry[0].to_owned())
            .collect();
        for path in paths.iter().filter(|path| path.ends_with(".gitattributes")) {
            let rules = self
                .git()
                .whole(&["cat-file", "blob", &format!("{tree}:{path}")])
                .await?;
            if overrides.are_named_in(&String::from_utf8_lossy(&rules)) {
                files.push((*path).to_owned());
            }
        }
        if files.is_empty() && !output.is_cut {
            return Ok(());
        }
        let message = format!(
            "Merge failed: git would run a program of its configuration (a filter) to write {}, and \
             TaskTree runs none. Merge on the command line, then mark the task as merged.",
            named(&files)
        );
        Err(refusal(code::RUNS_PROGRAMS, message, files, limits))
    }

    /// Makes the merge's commit; nothing points to it yet.
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
    pub(super) async fn advance(&self, ready: &Ready, commit: &str) -> Result<()> {
        let moved = match &ready.checkout {
            Some(checkout) => {
                let how = [
                    "merge",
                    "--ff-only",
                    "--no-overwrite-ignore",
                    "--no-autostash",
                    "--no-squash",
                    "--no-verify-signatures",
                    "--no-stat",
                    "--quiet",
                    commit,
                ];
                checkout.git.output(&how).await?
            }
            None => {
                let how = ["update-ref", "-m", "merge: by TaskTree"];
                let what = [&*self.reference, commit, &*self.main_tip];
                let ask: Vec<&str> = how.into_iter().chain(what).collect();
                self.git().output(&ask).await?
            }
        };
        if !moved.status.success() {
            if self.repository.tip(&self.main).await?.as_ref() != Some(&self.main_tip) {
                let message = format!(
                    "Merge failed: '{}' has moved meanwhile; try again.",
                    self.main
                );
                return Err(Error::repository(code::REPOSITORY_BUSY, message));
            }
            return Err(Error::Command(format!("Merge failed: {}", moved.words())));
        }
        // What is stored is what the repository says now, not what a command's status promised.
        let now = self.repository.tip(&self.main).await?.unwrap_or_default();
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
}

/// Returns git with a name to commit under, where the configuration has none.
async fn with_identity(git: Git) -> Result<Git> {
    let known = git.output(&["var", "GIT_COMMITTER_IDENT"]).await?;
    if known.status.success() {
        return Ok(git);
    }
    let git = git.with("user.name", "TaskTree");
    Ok(git.with("user.email", "tasktree@localhost"))
}

async fn refuse_dirty(checkout: &Checkout, main: &str, limits: &Limits) -> Result<()> {
    let files = changed_files(&checkout.git, "--untracked-files=no").await?;
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: '{main}' is checked out in '{}', where changes are not committed: {}. Commit \
         or stash them first.",
        checkout.root().display(),
        named(&files)
    );
    Err(refusal(code::DIRTY, message, files, limits))
}

/// Returns the files that differ from the last commit.
pub(super) async fn changed_files(git: &Git, untracked: &str) -> Result<Vec<String>> {
    let ask = [
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--ignore-submodules=all",
        untracked,
    ];
    let output = git.output(&ask).await?;
    if !output.status.success() {
        return Err(output.error(&ask));
    }
    let text = String::from_utf8_lossy(&output.text);
    let entries = text.split('\0').filter_map(|entry| entry.get(3..));
    Ok(entries.map(str::to_owned).collect())
}

/// Refuses where the merge makes files that are there already without being git's.
async fn refuse_in_the_way(checkout: &Checkout, changes: &Changes, limits: &Limits) -> Result<()> {
    let made = |change: &&Change| change.kind == 'A';
    let mut files = Vec::new();
    for change in changes.all.iter().filter(made) {
        let path = checkout.root().join(&change.path);
        if tokio::fs::symlink_metadata(path)
            .await
            .is_ok_and(|found| !found.is_dir())
        {
            files.push(change.path.clone());
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Merge failed: files in '{}' that git does not know would be overwritten: {}. Move or commit \
         them first.",
        checkout.root().display(),
        named(&files)
    );
    Err(refusal(code::DIRTY, message, files, limits))
}

fn refusal(code: &'static str, message: String, mut files: Vec<String>, limits: &Limits) -> Error {
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

/// Returns the first of the files, and how many there are besides.
fn named(files: &[String]) -> String {
    let shown: Vec<&str> = files.iter().take(FILES_NAMED).map(String::as_str).collect();
    match files.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
