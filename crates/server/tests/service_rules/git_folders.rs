//! New repositories, repositories of others, and what is shown of a remote.

use std::os::unix::fs::chown;
use std::path::Path;

use tasktree_protocol::Maybe;
use tasktree_protocol::error::code;
use tasktree_server::error::Error;

use crate::core_support::{Core, human};
use crate::repository::{board, core, git, merge, set_project, write};

async fn refused(core: &Core) -> String {
    let refused = core.service.init_git(human(), &core.project).await;
    match refused.unwrap_err() {
        Error::Repository(refusal) => refusal.code.to_owned(),
        Error::Refused(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_repository_is_made_once_in_a_directory_that_exists() {
    let core = Core::in_memory().await;
    let missing = core.service.git_status(&core.project, true).await;
    assert!(matches!(missing, Err(Error::NotFound(text)) if text == "Project path does not exist"));
    let directory = tempfile::tempdir().unwrap();
    let core = board(directory.path()).await;
    let is_repository = async || {
        let status = core.service.git_status(&core.project, true).await.unwrap();
        status.is_git_repo
    };
    assert_eq!(is_repository().await, Some(false));
    let made = core.service.init_git(human(), &core.project).await.unwrap();
    assert!(made.value);
    assert_eq!(core.told.kinds(), ["project_updated", "git_initialized"]);
    assert_eq!(is_repository().await, Some(true));
    assert_eq!(refused(&core).await, "Already a Git repository");
}

#[tokio::test]
async fn no_repository_is_made_inside_another_one() {
    let (_, directory) = core("other.txt").await;
    for folder in ["sub", "sub/deeper"] {
        let folder = directory.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let core = board(&folder).await;
        assert_eq!(refused(&core).await, code::INSIDE_REPOSITORY);
        assert!(is_empty_but_for_folders(&folder));
    }
}

#[tokio::test]
async fn what_is_there_of_the_name_stays() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), ".git/keep", "mine");
    let core = board(directory.path()).await;
    assert!(refused(&core).await.contains("is no repository"));
    assert!(!directory.path().join(".gitignore").exists());
    assert!(!directory.path().join(".git/HEAD").exists());
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), ".gitignore", "mine");
    let core = board(directory.path()).await;
    assert!(
        !core
            .service
            .init_git(human(), &core.project)
            .await
            .unwrap()
            .value
    );
    let kept = std::fs::read_to_string(directory.path().join(".gitignore")).unwrap();
    assert_eq!(kept, "mine");
}

#[tokio::test]
async fn a_repository_of_somebody_else_is_said_to_be_that_in_gits_own_words() {
    let (core, directory) = core("other.txt").await;
    let (root, sub) = (directory.path(), directory.path().join("sub"));
    std::fs::create_dir(&sub).unwrap();
    if !belongs_to_another_user(root) {
        return;
    }
    let words = "detected dubious ownership";
    let status = core.service.git_status(&core.project, true).await.unwrap();
    assert_eq!(status.is_git_repo, Some(true));
    assert!(status.error.unwrap().contains(words));
    let Err(Error::Repository(refusal)) = merge(&core).await else {
        panic!()
    };
    assert_eq!(refusal.code, code::DUBIOUS_OWNERSHIP);
    assert!(refusal.message.contains(words), "{}", refusal.message);
    assert_eq!(self::refused(&core).await, code::DUBIOUS_OWNERSHIP);
    let inside = board(&sub).await;
    assert_eq!(self::refused(&inside).await, code::DUBIOUS_OWNERSHIP);
    assert!(!root.join(".gitignore").exists() && is_empty_but_for_folders(&sub));
    // A folder of somebody else's without a repository gets none either.
    let empty = tempfile::tempdir().unwrap();
    belongs_to_another_user(empty.path());
    let core = board(empty.path()).await;
    assert_eq!(self::refused(&core).await, code::DUBIOUS_OWNERSHIP);
    assert!(is_empty_but_for_folders(empty.path()));
}

#[tokio::test]
async fn a_remote_is_shown_without_its_secret() {
    let (core, directory) = core("other.txt").await;
    let secret = "https://user:SECRET@host.example/a.git";
    git(directory.path(), &["remote", "add", "origin", secret]);
    let status = core.service.git_status(&core.project, true).await.unwrap();
    let shown = "https://host.example/a.git";
    assert_eq!(status.remote_url, Some(Some(shown.to_owned())));
    set_project(&core, |patch| {
        patch.git_remote = Maybe::Value(secret.to_owned());
    })
    .await;
    let row = core.service.project(&core.project).await.unwrap().value;
    assert_eq!(row.git_remote.as_deref(), Some(shown));
    let told = core.told.take();
    assert!(!format!("{told:?}").contains("SECRET"));
    let stored = core.service.git_status(&core.project, false).await.unwrap();
    assert_eq!(stored.remote_url, Some(Some(shown.to_owned())));
    assert_eq!(stored.current_branch, None);
}

/// Gives a folder and its repository to another user; only root can.
fn belongs_to_another_user(folder: &Path) -> bool {
    let all = [folder.to_owned(), folder.join(".git")];
    all.iter()
        .filter(|path| path.exists())
        .all(|path| chown(path, Some(65_534), None).is_ok())
}

fn is_empty_but_for_folders(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.into_iter().all(|entry| {
        let entry = entry.unwrap();
        entry.file_type().unwrap().is_dir() && entry.file_name() != ".git"
    })
}
