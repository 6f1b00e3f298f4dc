//! The git repository of a folder, read without starting git: a hook has no time for a process.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file of git that is read here, in bytes. All of them are one line.
const GIT_FILE_BYTES: u64 = 8 * 1024;

/// Repository that a folder belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    /// Folder with the work tree.
    pub(crate) root: PathBuf,
    /// Folder with the repository's data, which its work trees share: that of
    /// `git rev-parse --git-common-dir`.
    pub(crate) git_dir: PathBuf,
    /// Current branch; none if a commit is checked out.
    pub(crate) branch: Option<String>,
}

impl Repository {
    /// Finds the repository of a folder: the nearest one at or above it.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        folder.ancestors().find_map(|root| {
            let own = git_dir(root)?;
            let git_dir = match first_line(&own.join("commondir")) {
                Some(common) => resolved(&own, &common),
                None => own.clone(),
            };
            Some(Self {
                root: root.to_owned(),
                git_dir,
                branch: branch(&own),
            })
        })
    }

    /// Returns the main work tree, which the server knows as the folder of the project.
    pub(crate) fn main_root(&self) -> &Path {
        match self.git_dir.parent() {
            Some(parent) if self.git_dir.ends_with(".git") => parent,
            _ => &self.root,
        }
    }
}

/// Returns the id of the commit that is checked out in the repository of a folder.
pub(crate) fn head_commit(folder: &Path) -> Option<String> {
    let own = folder.ancestors().find_map(git_dir)?;
    let repository = Repository::of(folder)?;
    let head = first_line(&own.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(head);
    };
    let loose = || first_line(&repository.git_dir.join(name));
    loose().or_else(|| packed(&repository.git_dir, name))
}

/// Returns the commit of a branch that is no file of its own.
fn packed(git_dir: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(git_dir.join("packed-refs")).ok()?;
    let mut refs = text.lines().filter_map(|line| line.split_once(' '));
    let (commit, _) = refs.find(|(_, packed)| *packed == name)?;
    Some(commit.to_owned())
}

/// Returns the folder with the data of a work tree, `.git`. In a linked work tree or a submodule,
/// a file of that name leads to it.
fn git_dir(root: &Path) -> Option<PathBuf> {
    let path = root.join(".git");
    if path.is_dir() {
        return path.join("HEAD").exists().then_some(path);
    }
    let line = first_line(&path)?;
    let target = line.strip_prefix("gitdir:")?.trim();
    Some(resolved(root, target)).filter(|folder| folder.is_dir())
}

/// Returns a path that is relative to a folder, without `..`.
fn resolved(folder: &Path, path: &str) -> PathBuf {
    let joined = folder.join(path);
    fs::canonicalize(&joined).unwrap_or(joined)
}

fn branch(git_dir: &Path) -> Option<String> {
    let head = first_line(&git_dir.join("HEAD"))?;
    let branch = head.strip_prefix("ref: refs/heads/")?;
    // The format "reftable" keeps this name there and the branch elsewhere.
    (branch != ".invalid").then(|| branch.to_owned())
}

fn first_line(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > GIT_FILE_BYTES {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_folder_in_a_repository_has_its_root_and_branch() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root.join(".git/HEAD"), "ref: refs/heads/feature/ü\n");
        let inner = root.join("src/deep");
        fs::create_dir_all(&inner).unwrap();
        let found = Repository::of(&inner).unwrap();
        assert_eq!(
            found,
            Repository {
                root: root.clone(),
                git_dir: root.join(".git"),
                branch: Some("feature/ü".to_owned()),
            }
        );
        assert_eq!(found.main_root(), root);
        assert_eq!(head_commit(&inner), None);
        let packed = "# pack-refs\nabc1234 refs/heads/main\nabc5678 refs/heads/feature/ü\n";
        write(&root.join(".git/packed-refs"), packed);
        assert_eq!(head_commit(&inner).as_deref(), Some("abc5678"));
        write(&root.join(".git/refs/heads/feature/ü"), "abc9999\n");
        assert_eq!(head_commit(&inner).as_deref(), Some("abc9999"));
        write(&root.join(".git/HEAD"), "0123456789abcdef\n");
        assert_eq!(Repository::of(&inner).unwrap().branch, None);
        assert_eq!(head_commit(&inner).as_deref(), Some("0123456789abcdef"));
    }

    #[test]
    fn a_linked_work_tree_has_the_data_of_the_main_one_and_a_branch_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        write(&top.join("main/.git/HEAD"), "ref: refs/heads/main\n");
        let own = top.join("main/.git/worktrees/tree");
        write(&own.join("HEAD"), "ref: refs/heads/task-3\n");
        write(&own.join("commondir"), "../..\n");
        let tree = top.join("tree");
        write(&tree.join(".git"), &format!("gitdir: {}\n", own.display()));
        let found = Repository::of(&tree).unwrap();
        assert_eq!(found.root, tree);
        assert_eq!(found.git_dir, top.join("main/.git"));
        assert_eq!(found.branch.as_deref(), Some("task-3"));
        assert_eq!(found.main_root(), top.join("main"));
    }

    #[test]
    fn a_folder_without_a_repository_has_none() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join(".git"), "no gitdir\n");
        assert_eq!(Repository::of(&folder.path().join("missing")), None);
    }
}
