//! The branch into which a merge goes.

use std::path::Path;

use tasktree_protocol::Maybe;
use tasktree_protocol::error::code;
use tasktree_server::error::Error;

use crate::core_support::Core;
use crate::repository::{board, core, git, merge, refused, repository, set_project};

async fn found(core: &Core) -> String {
    let preview = core.service.preview_merge(&core.project, &"1".into()).await;
    preview.unwrap().main_branch
}

/// Expects that no branch is taken for the main branch, and that the answer says how to set one.
async fn refused_for_lack(core: &Core, root: &Path) -> String {
    let missing = refused(core, root).await;
    assert_eq!(missing.code, code::MAIN_MISSING);
    let text = missing.message;
    assert!(text.contains("main_branch"), "{text}");
    let preview = core.service.preview_merge(&core.project, &"1".into()).await;
    assert!(matches!(preview, Err(Error::Repository(it)) if it.message == text));
    text
}

fn set_origin(root: &Path, branch: &str) {
    let head = format!("refs/remotes/origin/{branch}");
    git(root, &["symbolic-ref", "refs/remotes/origin/HEAD", &head]);
}

#[tokio::test]
async fn the_main_branch_is_the_projects_or_else_the_repositorys_default() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    git(root, &["checkout", "-qb", "trunk"]);
    git(root, &["branch", "develop"]);
    git(root, &["branch", "release"]);
    assert_eq!(found(&core).await, "main");
    git(root, &["config", "init.defaultBranch", "trunk"]);
    assert_eq!(found(&core).await, "trunk");
    git(
        root,
        &["update-ref", "refs/remotes/origin/develop", "develop"],
    );
    set_origin(root, "develop");
    assert_eq!(found(&core).await, "develop");
    set_project(&core, |patch| {
        patch.main_branch = Maybe::Value("release".to_owned());
    })
    .await;
    assert_eq!(found(&core).await, "release");
}

#[tokio::test]
async fn a_branch_is_not_the_main_branch_because_it_is_checked_out() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    git(root, &["branch", "-q", "-m", "main", "trunk"]);
    // Besides the task's branch there is only one.
    assert_eq!(found(&core).await, "trunk");
    git(root, &["checkout", "-q", "task-1"]);
    assert_eq!(found(&core).await, "trunk");
    git(root, &["checkout", "-qb", "wip", "trunk"]);
    // A default branch that does not exist says nothing.
    set_origin(root, "nowhere");
    git(root, &["config", "init.defaultBranch", "nowhere"]);
    refused_for_lack(&core, root).await;
    set_project(&core, |patch| {
        patch.main_branch = Maybe::Value("trunk".to_owned());
    })
    .await;
    let trunk = merge(&core).await.unwrap().merge_commit;
    assert_eq!(trunk, Some(git(root, &["rev-parse", "trunk"])));
}

#[tokio::test]
async fn the_default_branch_of_origin_is_not_replaced_by_another_one() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    git(root, &["update-ref", "refs/remotes/origin/develop", "main"]);
    set_origin(root, "develop");
    let text = refused_for_lack(&core, root).await;
    assert!(text.contains("'develop'"), "{text}");
    git(root, &["branch", "-q", "develop", "origin/develop"]);
    assert_eq!(found(&core).await, "develop");
}

#[tokio::test]
async fn a_bare_repository_says_its_default_branch_in_its_work_trees_too() {
    let (source, beside) = (repository("other.txt"), tempfile::tempdir().unwrap());
    let (bare, linked) = (beside.path().join("bare"), beside.path().join("linked"));
    let paths = [source.path(), &bare].map(|path| path.to_str().unwrap().to_owned());
    git(
        source.path(),
        &["clone", "-q", "--bare", &paths[0], &paths[1]],
    );
    git(&bare, &["branch", "-q", "trunk", "main"]);
    git(&bare, &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let to = linked.to_str().unwrap();
    git(&bare, &["worktree", "add", "-q", to, "task-1"]);
    for folder in [&bare, &linked] {
        assert_eq!(found(&board(folder).await).await, "trunk", "{folder:?}");
    }
}
