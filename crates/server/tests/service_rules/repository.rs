//! A project in a real repository, with a completed task that has a branch.

use std::path::Path;

use tasktree_protocol::project::ProjectPatch;
use tasktree_protocol::{Maybe, Status, Task, TaskPatch};
use tasktree_server::error::{Error, RepositoryRefusal};
use tasktree_server::service::{MergeBy, WriteContext};
use tempfile::TempDir;

use crate::core_support::{Core, human};
pub(crate) use crate::git_support::*;

/// Creates a board with a completed task, whose project is in that folder.
pub(crate) async fn board(path: &Path) -> Core {
    let core = Core::in_memory().await;
    set_project(&core, |patch| {
        patch.path = Maybe::Value(path.to_str().unwrap().to_owned());
    })
    .await;
    core.task("First").await;
    set_task(&core, |patch| {
        patch.status = Maybe::Value(Status::Completed);
    })
    .await;
    core.told.take();
    core
}

/// Creates a project in a repository with a completed task, whose branch changed `file`.
pub(crate) async fn core(file: &str) -> (Core, TempDir) {
    let directory = repository(file);
    (board(directory.path()).await, directory)
}

pub(crate) async fn set_project(core: &Core, change: impl FnOnce(&mut ProjectPatch)) {
    let mut patch = ProjectPatch::default();
    change(&mut patch);
    core.service
        .update_project(human(), &core.project, patch)
        .await
        .unwrap();
}

pub(crate) async fn set_task(core: &Core, change: impl FnOnce(&mut TaskPatch)) -> Task {
    let mut patch = TaskPatch::default();
    change(&mut patch);
    core.service
        .update_task(human(), &core.project, &"1".into(), patch, None)
        .await
        .unwrap()
        .value
}

pub(crate) async fn merge_as(
    core: &Core,
    context: WriteContext,
    by: MergeBy,
) -> Result<Task, Error> {
    let merged = core
        .service
        .merge_task(context, &core.project, &"1".into(), by)
        .await;
    merged.map(|receipt| receipt.value)
}

pub(crate) async fn merge(core: &Core) -> Result<Task, Error> {
    merge_as(core, human(), MergeBy::Git).await
}

/// Requests the merge of the task, and returns the refusal. Nothing may have changed.
pub(crate) async fn refused(core: &Core, directory: &Path) -> RepositoryRefusal {
    refused_as(core, directory, MergeBy::Git).await
}

pub(crate) async fn refused_as(core: &Core, directory: &Path, by: MergeBy) -> RepositoryRefusal {
    let state = || {
        (
            git(directory, &["for-each-ref"]),
            git(directory, &["status", "--porcelain"]),
        )
    };
    let before = state();
    let error = merge_as(core, human(), by).await.unwrap_err();
    assert_eq!(state(), before);
    let task = core.service.task(&core.project, &"1".into()).await.unwrap();
    assert_eq!(task.value.status, Status::Completed);
    assert_eq!(task.value.merge_commit, None);
    assert!(core.told.take().is_empty());
    match error {
        Error::Repository(refusal) => *refusal,
        other => panic!("{other:?}"),
    }
}
