//! Repositories for tests, made with the real git.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(
    clippy::unwrap_used,
    reason = "a test says what went wrong best by failing where it did"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub(crate) fn try_git(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(arguments);
    command.output().unwrap()
}

pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = try_git(directory, arguments);
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn write(directory: &Path, file: &str, text: &str) {
    let path = directory.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn commit(directory: &Path, file: &str, text: &str) -> String {
    write(directory, file, text);
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-qm", text]);
    git(directory, &["rev-parse", "HEAD"])
}

/// Creates a repository whose branch `task-1` changed `file` while `main` went on.
pub(crate) fn repository(file: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["config", "user.name", "Test"]);
    git(path, &["config", "user.email", "test@example.org"]);
    commit(path, "shared.txt", "first\n");
    git(path, &["checkout", "-qb", "task-1"]);
    commit(path, file, "the task's\n");
    git(path, &["checkout", "-q", "main"]);
    commit(path, "shared.txt", "main's\n");
    directory
}

/// Expects two parents, main's first, and the branch in it.
pub(crate) fn assert_is_merge(directory: &Path, commit: &str, main: &str, tip: &str) {
    let parents = git(directory, &["log", "-1", "--format=%P", commit]);
    assert_eq!(parents, format!("{main} {tip}"));
}

pub(crate) fn path(directory: &TempDir) -> PathBuf {
    directory.path().to_owned()
}
