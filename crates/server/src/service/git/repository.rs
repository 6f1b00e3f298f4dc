//! The repository that has a project's folder: where it is, its branches, and where they are checked out.

use std::path::{Path, PathBuf};

use tasktree_protocol::error::code;
use tokio::fs;

use super::command::Git;
use crate::domain::branch;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// The name under which git keeps a branch.
pub(super) const HEADS: &str = "refs/heads/";

/// A repository of this machine.
#[derive(Debug)]
pub(super) struct Repository {
    /// Git in the project's folder.
    pub(super) git: Git,
    /// The root of the work tree that has the folder; none in a bare repository or a `.git` folder.
    pub(super) work_tree: Option<PathBuf>,
    /// The folder that all work trees share.
    common: PathBuf,
}

/// A work tree with the main branch in it.
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

/// Returns the folder of a project, where it is on this machine.
///
/// # Errors
/// `NotFound` where it is not.
pub(super) async fn folder(path: &str) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    // A relative path would depend on where the server was started.
    if path.is_absolute()
        && let Ok(found) = fs::canonicalize(&path).await
        && fs::metadata(&found).await.is_ok_and(|it| it.is_dir())
    {
        return Ok(found);
    }
    Err(Error::NotFound("Project path does not exist".to_owned()))
}

impl Repository {
    /// Finds the repository of a folder; none where it is in no repository.
    ///
    /// # Errors
    /// In git's own words where there is one that git does not use.
    pub(super) async fn find(folder: &Path, limits: &Limits) -> Result<Option<Self>> {
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
        let lines = found.line();
        let mut lines = lines.lines();
        let (Some(inside), Some(own), Some(common), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            let text = "The path of the repository has a line break in it, which is not supported.";
            return Err(Error::Command(text.to_owned()));
        };
        let work_tree = match inside {
            "true" => Some(root_of(&git, Path::new(own)).await?),
            _ => None,
        };
        Ok(Some(Self {
            git: git.inside(folder).await?,
            work_tree,
            common: common.into(),
        }))
    }

    /// Returns the commit of a branch; none where there is no such branch.
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

    /// Returns the main branch: the project's, or else the repository's default branch.
    pub(super) async fn main_branch(&self, wanted: Option<&str>) -> Result<String> {
        if let Some(wanted) = wanted {
            return match self.tip(wanted).await? {
                Some(_) => Ok(wanted.to_owned()),
                None => Err(Error::repository(
                    code::MAIN_MISSING,
                    format!(
                        "The repository has no branch '{wanted}', which the project's settings name \
                         as its main branch. Make it, or choose another one in the settings."
                    ),
                )),
            };
        }
        let origin = "refs/remotes/origin/HEAD";
        let remote = self.git.maybe(&["symbolic-ref", "-q", origin]).await?;
        let remote =
            remote.and_then(|it| Some(it.strip_prefix("refs/remotes/origin/")?.to_owned()));
        let configured = ["config", "--get", "init.defaultBranch"];
        let candidates = [
            remote,
            self.git.maybe(&configured).await?,
            Some("main".to_owned()),
            Some("master".to_owned()),
            self.current_branch().await?,
        ];
        for candidate in candidates.into_iter().flatten() {
            if self.tip(&candidate).await?.is_some() {
                return Ok(candidate);
            }
        }
        Err(Error::repository(
            code::MAIN_MISSING,
            "The repository has no main branch yet. Make a first commit, or name the main branch \
             in the project's settings.",
        ))
    }

    /// Returns the branch that is checked out in the project's folder.
    pub(super) async fn current_branch(&self) -> Result<Option<String>> {
        let head = self.git.maybe(&["symbolic-ref", "-q", "HEAD"]).await?;
        Ok(head.and_then(|name| Some(name.strip_prefix(HEADS)?.to_owned())))
    }

    /// Returns the full name behind a branch, which may be another name for a second one.
    pub(super) async fn real_name(&self, branch: &str) -> Result<String> {
        let name = format!("{HEADS}{branch}");
        let real = self.git.maybe(&["symbolic-ref", "-q", &name]).await?;
        Ok(real.unwrap_or(name))
    }

    /// Returns whether one commit is in the history of another.
    pub(super) async fn contains(&self, whole: &str, part: &str) -> Result<bool> {
        let ask = ["merge-base", "--is-ancestor", part, whole];
        Ok(self.git.maybe(&ask).await?.is_some())
    }

    /// Finds the work tree in which a branch is checked out.
    ///
    /// # Errors
    /// `Repository` where a work tree is gone that may come back, or one is in the middle of a rebase.
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
        for root in own.chain(linked.map(|entry| entry.path)) {
            let Ok(canonical) = fs::canonicalize(&root).await else {
                return Err(Error::repository(
                    code::REPOSITORY_BUSY,
                    format!(
                        "The work tree '{}' of the repository cannot be reached, so it is not known \
                         what is checked out there. Bring it back, or remove it with git worktree remove.",
                        root.display()
                    ),
                ));
            };
            let git = self.git.inside(&canonical).await?;
            let head = git.maybe(&["symbolic-ref", "-q", "HEAD"]).await?;
            if head.as_deref() != Some(reference) {
                continue;
            }
            let own = git.run(&["rev-parse", "--absolute-git-dir"]).await?;
            if root_of(&git, Path::new(&own)).await? != canonical {
                return Err(Error::repository(
                    code::REPOSITORY_BUSY,
                    elsewhere(&canonical),
                ));
            }
            refuse_unfinished(Path::new(&own)).await?;
            return Ok(Some(Checkout { git }));
        }
        Ok(None)
    }

    /// Refuses where a branch is being rebased: its name moves when that ends.
    async fn refuse_rebase(&self, reference: &str) -> Result<()> {
        let mut folders = vec![self.common.clone()];
        if let Ok(mut linked) = fs::read_dir(self.common.join("worktrees")).await {
            while let Ok(Some(entry)) = linked.next_entry().await {
                folders.push(entry.path());
            }
        }
        for folder in folders {
            for kind in ["rebase-merge", "rebase-apply"] {
                let name = fs::read_to_string(folder.join(kind).join("head-name")).await;
                if name.is_ok_and(|name| name.trim() == reference) {
                    return Err(under_way("rebase of the main branch"));
                }
            }
        }
        Ok(())
    }
}

/// Returns the root of the work tree that git uses in a folder, where that is really the
/// repository's: `core.worktree` may name any folder of the machine.
async fn root_of(git: &Git, own: &Path) -> Result<PathBuf> {
    let ask = ["rev-parse", "--path-format=absolute", "--show-toplevel"];
    let root = PathBuf::from(git.run(&ask).await?);
    let root = fs::canonicalize(&root).await.unwrap_or(root);
    let dot_git = root.join(".git");
    let leads_here = match fs::metadata(&dot_git).await {
        Ok(found) if found.is_dir() => fs::canonicalize(&dot_git).await.ok(),
        Ok(_) => match fs::read_to_string(&dot_git).await {
            Ok(text) => {
                let path = text
                    .trim()
                    .strip_prefix("gitdir: ")
                    .map(|path| root.join(path));
                fs::canonicalize(path.unwrap_or_default()).await.ok()
            }
            Err(_) => None,
        },
        Err(_) => None,
    };
    if leads_here.is_some() && leads_here == fs::canonicalize(own).await.ok() {
        Ok(root)
    } else {
        Err(Error::repository(code::REPOSITORY_BUSY, elsewhere(&root)))
    }
}

fn elsewhere(root: &Path) -> String {
    format!(
        "The repository's configuration names a work tree that is not its own ('{}', see \
         core.worktree). Correct that setting first.",
        root.display()
    )
}

/// Refuses where somebody has begun something that git is to finish.
async fn refuse_unfinished(own: &Path) -> Result<()> {
    for (file, what) in [
        ("MERGE_HEAD", "merge"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
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
    Error::repository(
        code::REPOSITORY_BUSY,
        format!("Merge failed: another {what} is under way in the repository; finish it first."),
    )
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
            let attribute = String::from_utf8_lossy(attribute);
            if let Some(path) = attribute.strip_prefix("worktree ") {
                entries.push(Self {
                    path: path.into(),
                    branch: String::new(),
                    is_prunable: false,
                });
            } else if let Some(entry) = entries.last_mut() {
                if let Some(branch) = attribute.strip_prefix("branch ") {
                    branch.clone_into(&mut entry.branch);
                }
                entry.is_prunable |= attribute == "prunable" || attribute.starts_with("prunable ");
            }
        }
        entries
    }
}
