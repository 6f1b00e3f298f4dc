//! Merges, with the real git.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tasktree_protocol::project::ProjectPatch;
use tasktree_protocol::{Maybe, Status, Task, TaskPatch};
use tasktree_server::error::Error;
use tasktree_server::service::{IdempotencyKey, WriteContext};
use tempfile::TempDir;

use crate::core_support::{Core, event, human};

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(directory: &Path, file: &str, text: &str) {
    std::fs::write(directory.join(file), text).unwrap();
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-qm", text]);
}

/// A project in a repository with a completed task, whose branch changed `file`.
async fn core(file: &str) -> (Core, TempDir) {
    let core = Core::in_memory().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["config", "user.name", "Test"]);
    git(path, &["config", "user.email", "test@example.org"]);
    commit(path, "shared.txt", "first");
    git(path, &["checkout", "-qb", "task-1"]);
    commit(path, file, "the task's");
    git(path, &["checkout", "-q", "main"]);
    commit(path, "shared.txt", "main's");
    let patch = ProjectPatch {
        path: Maybe::Value(path.to_str().unwrap().to_owned()),
        ..ProjectPatch::default()
    };
    core.service
        .update_project(human(), &core.project, patch)
        .await
        .unwrap();
    core.task("First").await;
    let done = TaskPatch {
        status: Maybe::Value(Status::Completed),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), done, None)
        .await
        .unwrap();
    core.told.take();
    (core, directory)
}

async fn merge(core: &Core, context: WriteContext, force: bool) -> Result<Task, Error> {
    let merged = core
        .service
        .merge_task(context, &core.project, &"1".into(), force)
        .await;
    merged.map(|receipt| receipt.value)
}

#[tokio::test]
async fn a_completed_task_is_merged_with_git_and_a_repetition_gets_the_same_answer() {
    let (core, directory) = core("other.txt").await;
    let status = core.service.git_status(&core.project).await.unwrap();
    assert_eq!(status.current_branch.as_deref(), Some("main"));
    assert_eq!(
        (status.has_changes, status.remote_url),
        (Some(false), Some(None))
    );
    let context = WriteContext {
        idempotency: Some(IdempotencyKey::request("m", &[b"merge"])),
        ..human()
    };
    let task = merge(&core, context.clone(), false).await.unwrap();
    assert_eq!(task.status, Status::Merged);
    assert!(directory.path().join("other.txt").exists());
    assert_eq!(
        git(directory.path(), &["log", "-1", "--format=%s"]),
        "Merge task #1: First"
    );
    assert_eq!(merge(&core, context, false).await.unwrap(), task);
    let told = core.told.events();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind.as_str(), event(&told[0]).rows()[0].status),
        ("task_merged", Status::Merged)
    );
    let again = merge(&core, human(), false).await.unwrap_err();
    assert_eq!(again.to_string(), "Task must be completed to merge");
}

#[tokio::test]
async fn a_merge_is_not_broken_off_with_the_request_for_it() {
    let (core, directory) = core("other.txt").await;
    let path = directory.path();
    let hook = path.join(".git/hooks/pre-merge-commit");
    let (begun, go_on) = (path.join(".git/begun"), path.join(".git/go-on"));
    let script = format!(
        "#!/bin/sh\ntouch {}\nwhile [ ! -e {} ]; do sleep 0.02; done\n",
        begun.display(),
        go_on.display()
    );
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    {
        let mut asked = Box::pin(merge(&core, human(), false));
        while !begun.exists() {
            tokio::select! {
                answer = &mut asked => panic!("{answer:?}"),
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
    }
    std::fs::write(&go_on, "").unwrap();
    core.service.finish_git().await;
    assert_eq!(
        git(path, &["log", "-1", "--format=%s"]),
        "Merge task #1: First"
    );
    let task = core.service.task(&core.project, &"1".into()).await.unwrap();
    assert_eq!(task.value.status, Status::Merged);
}

#[tokio::test]
async fn a_conflict_is_aborted_and_gits_message_is_given() {
    let (core, directory) = core("shared.txt").await;
    let head = git(directory.path(), &["rev-parse", "HEAD"]);
    let refused = merge(&core, human(), false).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Command(text)
        if text.starts_with("Merge failed: ") && text.contains("CONFLICT")),
        "{refused}"
    );
    assert_eq!(git(directory.path(), &["rev-parse", "HEAD"]), head);
    assert_eq!(git(directory.path(), &["status", "--porcelain"]), "");
    let task = core
        .service
        .task(&core.project, &"1".into())
        .await
        .unwrap()
        .value;
    assert_eq!(task.status, Status::Completed);
    assert!(core.told.take().is_empty());
}

#[tokio::test]
async fn a_merge_that_somebody_else_began_is_left_alone() {
    let (core, directory) = core("shared.txt").await;
    let output = Command::new("git")
        .arg("-C")
        .arg(directory.path())
        .args(["merge", "task-1"])
        .output();
    assert!(!output.unwrap().status.success());
    let refused = merge(&core, human(), false).await.unwrap_err();
    assert!(
        refused.to_string().contains("another merge is under way"),
        "{refused}"
    );
    git(directory.path(), &["rev-parse", "--verify", "MERGE_HEAD"]);
}

#[tokio::test]
async fn without_a_repository_only_force_marks_the_task() {
    let core = Core::in_memory().await;
    core.task("First").await;
    let done = TaskPatch {
        status: Maybe::Value(Status::Completed),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), done, None)
        .await
        .unwrap();
    assert!(matches!(
        merge(&core, human(), false).await,
        Err(Error::Refused(_))
    ));
    assert_eq!(
        merge(&core, human(), true).await.unwrap().status,
        Status::Merged
    );
}

#[tokio::test]
async fn a_branch_that_looks_like_an_option_is_none() {
    let (core, directory) = core("other.txt").await;
    let patch = TaskPatch {
        branch: Maybe::Value("--strategy=ours".to_owned()),
        ..TaskPatch::default()
    };
    core.service
        .update_task(human(), &core.project, &"1".into(), patch, None)
        .await
        .unwrap();
    let refused = merge(&core, human(), false).await.unwrap_err();
    assert!(
        refused.to_string().contains("not something we can merge"),
        "{refused}"
    );
    assert!(!directory.path().join("other.txt").exists());
}

#[tokio::test]
async fn a_repository_is_made_once_in_a_directory_that_exists() {
    let core = Core::in_memory().await;
    let missing = core.service.git_status(&core.project).await;
    assert!(matches!(missing, Err(Error::NotFound(text)) if text == "Project path does not exist"));
    let directory = tempfile::tempdir().unwrap();
    let path = Maybe::Value(directory.path().to_str().unwrap().to_owned());
    let patch = ProjectPatch {
        path,
        ..ProjectPatch::default()
    };
    core.service
        .update_project(human(), &core.project, patch)
        .await
        .unwrap();
    assert!(
        !core
            .service
            .git_status(&core.project)
            .await
            .unwrap()
            .is_git_repo
    );
    core.told.take();
    assert!(
        core.service
            .init_git(human(), &core.project)
            .await
            .unwrap()
            .value
    );
    assert_eq!(core.told.kinds(), ["project_updated", "git_initialized"]);
    assert!(
        core.service
            .git_status(&core.project)
            .await
            .unwrap()
            .is_git_repo
    );
    let again = core
        .service
        .init_git(human(), &core.project)
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), "Already a Git repository");
}
