//! The repository that has a project's folder: its place, its branches, and their checkouts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tasktree_protocol::error::code;
use tokio::fs;

use super::command::{Git, path_of};
use super::plain;
use super::turns::{canonical, pointer};
use crate::domain::branch;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Prefix of the names under which git keeps branches.
pub(super) const HEADS: &str = "refs/heads/";

/// Maximum bytes that are read of a file with the name of a branch.
const NAME_BYTES: u64 = 4096;

/// A repository on this machine.
#[derive(Debug)]
pub(super) struct Repository {
    /// Git in the project's folder.
    pub(super) git: Git,
    /// Root of the work tree that has the folder; `None` in a bare repository or a `.git` folder.
    pub(super) work_tree: Option<PathBuf>,
    /// Folder that all work trees share.
    common: PathBuf,
    /// True for the work tree that the repository was created with.
    is_main: bool,
}

/// A work tree with the main branch checked out.
#[derive(Debug)]
pub(super) struct Checkout {
    /// Git at its root.
    pub(super) git: Git,
}

impl Checkout {
    pub(super) fn root(&self) -> &Path {
        self.git.directory()
    }
}

/// Returns the folder of a project, if it is on this machine.
///
/// # Errors
/// `NotFound` if it is not.
pub(super) async fn folder(path: &str) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    // A relative path would depend on the folder in which the server was started.
    if path.is_absolute()
        && let Ok(found) = fs::canonicalize(&path).await
        && fs::metadata(&found).await.is_ok_and(|it| it.is_dir())
    {
        return Ok(found);
    }
    Err(Error::NotFound("Project path does not exist".to_owned()))
}

impl Repository {
    /// Finds the repository of a folder; returns `None` if it is in no repository.
    ///
    /// # Errors
    /// In git's own words if there is one that git does not use; `Repository` if it has anything
    /// but a file in the place where git opens one.
    pub(super) async fn find(folder: &Path, limits: &Limits) -> Result<Option<Self>> {
        plain::check(folder).await?;
        let git = Git::new(folder, limits);
        let ask = [
            "rev-parse",
            "--path-format=absolute",
            "--is-inside-work-tree",
            "--git-dir",
            "--git-common-dir",
        ];
        let found = git.output(&ask).await?;
        if !found.status.success() {
            if found.says("not a git repository (or any") {
                return Ok(None);
            }
            return Err(found.error(&ask));
        }
        let mut lines: Vec<&[u8]> = found.text.split(|byte| *byte == b'\n').collect();
        // The end of the last line.
        lines.pop();
        let (own, common) = match lines[..] {
            [_, own, common] => (path_of(own), path_of(common)),
            // A path has a line break in it, so it is asked for alone.
            _ => (
                git.path("--absolute-git-dir").await?,
                git.path("--git-common-dir").await?,
            ),
        };
        let work_tree = match lines.first() {
            Some(&b"true") => Some(root_of(&git, &own).await?),
            _ => None,
        };
        let (own, common) = (canonical(&own).await, canonical(&common).await);
        Ok(Some(Self {
            git: git.inside(folder).await?,
            work_tree,
            is_main: own == common,
            common,
        }))
    }

    /// Returns the commit of a branch; `None` if there is no such branch.
    pub(super) async fn tip(&self, branch: &str) -> Result<Option<String>> {
        if branch::fault(branch).is_some() {
            return Ok(None);
        }
        let name = format!("{HEADS}{branch}");
        let format = "--format=%(objectname) %(refname)";
        let listed = self.git.run(&["for-each-ref", format, &name]).await?;
        let mut lines = listed.lines().filter_map(|line| line.split_once(' '));
        let found = lines.find(|(_, listed)| *listed == name);
        Ok(found.map(|(commit, _)| commit.to_owned()))
    }

    /// Returns the branch that is checked out in the project's folder.
    pub(super) async fn current_branch(&self) -> Result<Option<String>> {
        let head = self.git.maybe(&["symbolic-ref", "-q", "HEAD"]).await?;
        Ok(head.and_then(|name| Some(name.strip_prefix(HEADS)?.to_owned())))
    }

    /// Returns the full name of the real reference behind a branch, which may be an alias of
    /// another.
    pub(super) async fn real_name(&self, branch: &str) -> Result<String> {
        let name = format!("{HEADS}{branch}");
        let real = self.git.maybe(&["symbolic-ref", "-q", &name]).await?;
        Ok(real.unwrap_or(name))
    }

    /// Returns true if one commit is in the history of another.
    pub(super) async fn contains(&self, whole: &str, part: &str) -> Result<bool> {
        let ask = ["merge-base", "--is-ancestor", part, whole];
        Ok(self.git.maybe(&ask).await?.is_some())
    }

    /// Finds the work tree in which a branch is checked out.
    ///
    /// # Errors
    /// `Repository` if a work tree is missing that may come back, one is in the middle of a rebase,
    /// or two have the branch: the files of one would stay behind.
    pub(super) async fn checkout(&self, reference: &str) -> Result<Option<Checkout>> {
        self.refuse_rebase(reference).await?;
        let listed = self
            .git
            .whole(&["worktree", "list", "--porcelain", "-z"])
            .await?;
        let has_it = |entry: &Listed| entry.branch == reference && !entry.is_prunable;
        let linked = Listed::all(&listed).into_iter().filter(has_it);
        // A submodule's own work tree is not in the list.
        let own = self.work_tree.iter().cloned();
        let mut seen = HashSet::new();
        let mut found: Option<Checkout> = None;
        for root in own.chain(linked.map(|entry| entry.path)) {
            let Ok(root) = fs::canonicalize(&root).await else {
                return Err(busy(format!(
                    "The work tree '{}' of the repository is not accessible, so the branch checked \
                     out there is unknown. Make it accessible, or remove it with git worktree \
                     remove.",
                    root.display()
                )));
            };
            // Git lists the repository's own folder if that is not `.git` in the work tree.
            let is_hidden = root == self.common;
            if !seen.insert(root.clone()) || is_hidden && self.is_main {
                continue;
            }
            if is_hidden {
                return Err(busy(format!(
                    "The main branch is checked out in the first work tree of the repository '{}', \
                     but git does not report its path. Set that path as the project's path, or \
                     check out another branch there.",
                    root.display()
                )));
            }
            let Some(checkout) = self.checkout_in(&root, reference).await? else {
                continue;
            };
            if let Some(first) = &found {
                return Err(busy(format!(
                    "The main branch is checked out in two work trees, '{}' and '{}', but a merge \
                     updates the files of only one. Check out another branch in one of them.",
                    first.root().display(),
                    root.display()
                )));
            }
            found = Some(checkout);
        }
        Ok(found)
    }

    /// Returns the work tree if the branch is checked out in it.
    async fn checkout_in(&self, root: &Path, reference: &str) -> Result<Option<Checkout>> {
        let git = self.git.inside(root).await?;
        let head = git.maybe(&["symbolic-ref", "-q", "HEAD"]).await?;
        if head.as_deref() != Some(reference) {
            return Ok(None);
        }
        let own = git.path("--absolute-git-dir").await?;
        if root_of(&git, &own).await? != root {
            return Err(busy(elsewhere(root)));
        }
        refuse_unfinished(&own).await?;
        Ok(Some(Checkout { git }))
    }

    /// Refuses a branch that is being rebased: its name moves when that ends.
    async fn refuse_rebase(&self, reference: &str) -> Result<()> {
        let mut folders = vec![self.common.clone()];
        if let Ok(mut linked) = fs::read_dir(self.common.join("worktrees")).await {
            while let Ok(Some(entry)) = linked.next_entry().await {
                folders.push(entry.path());
            }
        }
        for folder in folders {
            for kind in ["rebase-merge", "rebase-apply"] {
                let name = plain::read(&folder.join(kind).join("head-name"), NAME_BYTES).await;
                if name.is_some_and(|name| name.trim_ascii() == reference.as_bytes()) {
                    return Err(under_way("rebase of the main branch"));
                }
            }
        }
        Ok(())
    }
}

/// Returns the root of the work tree that git uses in a folder, if it really belongs to the
/// repository.
///
/// `core.worktree` may name any folder of the machine.
async fn root_of(git: &Git, own: &Path) -> Result<PathBuf> {
    let root = git.path("--show-toplevel").await?;
    let root = fs::canonicalize(&root).await.unwrap_or(root);
    let dot_git = root.join(".git");
    let leads_here = match fs::metadata(&dot_git).await {
        Ok(found) if found.is_dir() => fs::canonicalize(&dot_git).await.ok(),
        Ok(_) => match pointer(&dot_git, "gitdir: ").await {
            Some(path) => fs::canonicalize(root.join(path)).await.ok(),
            None => None,
        },
        Err(_) => None,
    };
    if leads_here.is_some() && leads_here == fs::canonicalize(own).await.ok() {
        Ok(root)
    } else {
        Err(busy(elsewhere(&root)))
    }
}

fn elsewhere(root: &Path) -> String {
    format!(
        "The repository's configuration (core.worktree) sets a work tree that does not belong to \
         it: '{}'. Correct that setting first.",
        root.display()
    )
}

/// Refuses a work tree with an unfinished operation, such as a merge.
async fn refuse_unfinished(own: &Path) -> Result<()> {
    for (file, what) in [
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        // Between two commits of a series it is the only sign.
        ("sequencer", "cherry-pick or revert"),
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
    ] {
        if fs::try_exists(own.join(file)).await.unwrap_or(true) {
            return Err(under_way(what));
        }
    }
    Ok(())
}

fn under_way(what: &str) -> Error {
    busy(format!(
        "Merge failed: another {what} is in progress in the repository; finish it first."
    ))
}

fn busy(message: String) -> Error {
    Error::repository(code::REPOSITORY_BUSY, message)
}

/// An entry of `git worktree list`.
struct Listed {
    path: PathBuf,
    branch: String,
    is_prunable: bool,
}

impl Listed {
    /// Reads the entries: attributes end with a NUL each, entries with an empty one.
    fn all(text: &[u8]) -> Vec<Self> {
        let mut entries: Vec<Self> = Vec::new();
        for attribute in text.split(|byte| *byte == 0) {
            if let Some(path) = attribute.strip_prefix(b"worktree ") {
                entries.push(Self {
                    path: path_of(path),
                    branch: String::new(),
                    is_prunable: false,
                });
                continue;
            }
            let attribute = String::from_utf8_lossy(attribute);
            if let Some(entry) = entries.last_mut() {
                if let Some(branch) = attribute.strip_prefix("branch ") {
                    branch.clone_into(&mut entry.branch);
                }
                entry.is_prunable |= attribute == "prunable" || attribute.starts_with("prunable ");
            }
        }
        entries
    }
}
