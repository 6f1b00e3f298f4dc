//! Files in the way of a merge in the main branch's checkout: nothing is lost or mixed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use tasktree_protocol::error::code;
use tasktree_server::error::Error;

use crate::core_support::Core;
use crate::repository::{board, commit, core, git, merge, refused, repository, write};

/// Expects a refusal that names the files, also before the merge is asked for.
async fn names(core: &Core, root: &Path, files: &[&str]) {
    let refusal = refused(core, root).await;
    assert_eq!(
        (refusal.code, &*refusal.files),
        (code::DIRTY, &*owned(files))
    );
    let preview = core.service.preview_merge(&core.project, &"1".into()).await;
    assert_eq!(preview.unwrap().refusal, Some(refusal.into()));
}

fn owned(files: &[&str]) -> Vec<String> {
    files.iter().map(|file| (*file).to_owned()).collect()
}

#[tokio::test]
async fn files_that_git_does_not_know_are_named_where_a_file_or_a_folder_comes() {
    // The existing file, the place of the new `at`, and the file that is named.
    for (there, at, named) in [
        ("new/mine", "new", "new/mine"),
        ("new/deep/mine", "new", "new/deep/mine"),
        ("new", "new/file", "new"),
        ("new/deep", "new/deep/er/file", "new/deep"),
        ("new", "new", "new"),
    ] {
        let (core, directory) = core(at).await;
        let root = directory.path();
        write(root, there, "mine");
        names(&core, root, &[named]).await;
        assert_eq!(fs::read_to_string(root.join(there)).unwrap(), "mine");
        fs::remove_file(root.join(there)).unwrap();
        // Empty folders are in nobody's way.
        merge(&core).await.unwrap();
        assert_eq!(fs::read_to_string(root.join(at)).unwrap(), "the task's\n");
    }
}

#[tokio::test]
async fn a_file_whose_name_is_no_text_is_named_too() {
    let directory = repository("other.txt");
    let (root, name) = (directory.path(), OsStr::from_bytes(b"n\xff"));
    git(root, &["checkout", "-q", "task-1"]);
    fs::write(root.join(name), "the task's").unwrap();
    commit(root, "more.txt", "more\n");
    git(root, &["checkout", "-q", "main"]);
    fs::write(root.join(name), "mine").unwrap();
    let core = board(root).await;
    names(&core, root, &["n\u{fffd}"]).await;
    assert_eq!(fs::read_to_string(root.join(name)).unwrap(), "mine");
}

#[tokio::test]
async fn a_file_that_becomes_a_folder_and_a_folder_that_becomes_a_file_are_merged() {
    let directory = repository("other.txt");
    let root = directory.path();
    commit(root, "file", "1\n");
    commit(root, "folder/file", "1\n");
    git(root, &["checkout", "-q", "task-1"]);
    git(root, &["rebase", "-q", "main"]);
    git(root, &["rm", "-q", "-r", "file", "folder"]);
    write(root, "file/inside", "2\n");
    commit(root, "folder", "2\n");
    git(root, &["checkout", "-q", "main"]);
    write(root, "folder/mine", "mine");
    let core = board(root).await;
    names(&core, root, &["folder/mine"]).await;
    fs::remove_file(root.join("folder/mine")).unwrap();
    merge(&core).await.unwrap();
    assert_eq!(fs::read_to_string(root.join("folder")).unwrap(), "2\n");
    assert_eq!(git(root, &["status", "--porcelain"]), "");
}

#[tokio::test]
async fn edits_that_git_was_told_not_to_look_at_are_named() {
    for option in ["assume-unchanged", "skip-worktree"] {
        let directory = repository("other.txt");
        let root = directory.path();
        commit(root, "local.txt", "1\n");
        git(root, &["checkout", "-q", "task-1"]);
        git(root, &["rebase", "-q", "main"]);
        commit(root, "local.txt", "2\n");
        git(root, &["checkout", "-q", "main"]);
        git(root, &["update-index", &format!("--{option}"), "local.txt"]);
        let core = board(root).await;
        let preview = core.service.preview_merge(&core.project, &"1".into()).await;
        assert_eq!(preview.unwrap().refusal, None, "{option}");
        write(root, "local.txt", "mine\n");
        names(&core, root, &["local.txt"]).await;
        let kept = fs::read_to_string(root.join("local.txt")).unwrap();
        assert_eq!(kept, "mine\n");
        git(
            root,
            &["update-index", &format!("--no-{option}"), "local.txt"],
        );
        git(root, &["checkout", "-q", "local.txt"]);
        merge(&core).await.unwrap();
    }
}

#[tokio::test]
async fn a_submodule_whose_commit_is_staged_is_not_committed() {
    let (core, directory) = core("other.txt").await;
    let (root, lib) = (directory.path(), directory.path().join("lib"));
    fs::create_dir(&lib).unwrap();
    git(&lib, &["init", "-q", "-b", "main"]);
    git(&lib, &["config", "user.name", "Test"]);
    git(&lib, &["config", "user.email", "test@example.org"]);
    commit(&lib, "file", "1");
    git(root, &["add", "lib"]);
    git(root, &["config", "submodule.lib.ignore", "all"]);
    names(&core, root, &["lib"]).await;
    git(root, &["commit", "-qm", "lib"]);
    commit(&lib, "file", "2");
    git(root, &["add", "lib"]);
    names(&core, root, &["lib"]).await;
    git(root, &["reset", "-q"]);
    // Another commit in the submodule's own folder is not touched.
    merge(&core).await.unwrap();
    assert!(git(root, &["status", "--porcelain"]).contains("M lib"));
}

#[tokio::test]
async fn a_lock_that_was_left_behind_leaves_no_half_merge() {
    for lock in ["HEAD.lock", "refs/heads/main.lock", "index.lock"] {
        let (core, directory) = core("other.txt").await;
        let root = directory.path();
        write(root, &format!(".git/{lock}"), "");
        let busy = refused(&core, root).await;
        assert_eq!(busy.code, code::REPOSITORY_BUSY, "{lock}");
        assert!(busy.message.contains(lock), "{}", busy.message);
        assert!(!busy.message.contains("start: ok"), "{}", busy.message);
        assert!(!root.join("other.txt").exists(), "{lock}");
        fs::remove_file(root.join(".git").join(lock)).unwrap();
        merge(&core).await.unwrap();
    }
}

#[tokio::test]
async fn files_are_put_back_where_the_branch_cannot_move_in_the_end() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    // The log cannot be written, which git notices last.
    let log = root.join(".git/logs/HEAD");
    fs::remove_file(&log).unwrap();
    write(root, ".git/logs/HEAD/in-the-way", "");
    let before = git(root, &["rev-parse", "main"]);
    let failed = merge(&core).await.unwrap_err();
    assert!(
        matches!(failed, Error::Command(_) | Error::Repository(_)),
        "{failed:?}"
    );
    assert_eq!(git(root, &["rev-parse", "main"]), before);
    assert_eq!(git(root, &["status", "--porcelain"]), "");
    fs::remove_dir_all(&log).unwrap();
    merge(&core).await.unwrap();
}

#[tokio::test]
async fn a_series_of_commits_that_somebody_began_is_left_alone() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    write(root, ".git/sequencer/todo", "pick 1234567 more\n");
    let busy = refused(&core, root).await;
    assert_eq!(busy.code, code::REPOSITORY_BUSY);
    assert!(
        busy.message.contains("cherry-pick or revert"),
        "{}",
        busy.message
    );
}

#[tokio::test]
async fn a_main_branch_that_is_checked_out_twice_is_not_merged_in_one_of_them() {
    let (core, directory) = core("other.txt").await;
    let (root, beside) = (directory.path(), tempfile::tempdir().unwrap());
    let second = beside.path().join("second");
    let add = [
        "worktree",
        "add",
        "-q",
        "-f",
        second.to_str().unwrap(),
        "main",
    ];
    git(root, &add);
    let busy = refused(&core, root).await;
    assert_eq!(busy.code, code::REPOSITORY_BUSY);
    for folder in [root, &second] {
        let folder = folder.canonicalize().unwrap();
        assert!(
            busy.message.contains(folder.to_str().unwrap()),
            "{}",
            busy.message
        );
    }
    git(&second, &["checkout", "-q", "--detach"]);
    merge(&core).await.unwrap();
    assert_eq!(git(&second, &["status", "--porcelain"]), "");
}
