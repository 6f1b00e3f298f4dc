//! New repositories, repositories of other users, and the parts of a remote that are shown.

use std::os::unix::fs::{chown, symlink};
use std::path::Path;

use tasktree_protocol::Maybe;
use tasktree_protocol::error::code;
use tasktree_server::error::Error;

use crate::core_support::{Core, human};
use crate::repository::{board, core, git, merge, repository, set_project, write};

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
    // The first one belongs to the answer that there was no repository.
    let told = ["project_updated", "project_updated", "git_initialized"];
    assert_eq!(core.told.kinds(), told);
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
    assert!(refused(&core).await.contains("is not a repository"));
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
    // Another user's folder without a repository gets none either.
    let empty = tempfile::tempdir().unwrap();
    belongs_to_another_user(empty.path());
    let core = board(empty.path()).await;
    assert_eq!(self::refused(&core).await, code::DUBIOUS_OWNERSHIP);
    assert!(is_empty_but_for_folders(empty.path()));
}

#[tokio::test]
async fn what_git_says_is_stored_and_holds_for_that_folder_only() {
    let (core, directory) = core("other.txt").await;
    let stored = async || {
        let row = core.service.project(&core.project).await.unwrap();
        row.value.is_git_repo
    };
    let ask = async || {
        let status = core.service.git_status(&core.project, true).await;
        status.unwrap().is_git_repo
    };
    assert_eq!((ask().await, stored().await), (Some(true), Some(true)));
    assert_eq!(core.told.kinds(), ["project_updated"]);
    core.told.take();
    ask().await;
    assert!(core.told.take().is_empty(), "nothing has changed");
    std::fs::rename(directory.path().join(".git"), directory.path().join("kept")).unwrap();
    assert_eq!((ask().await, stored().await), (Some(false), Some(false)));
    std::fs::rename(directory.path().join("kept"), directory.path().join(".git")).unwrap();
    assert_eq!(ask().await, Some(true));
    let other = tempfile::tempdir().unwrap();
    let path = Maybe::Value(other.path().to_str().unwrap().to_owned());
    set_project(&core, |patch| patch.path = path.clone()).await;
    assert_eq!(stored().await, None);
    set_project(&core, |patch| {
        patch.is_git_repo = Maybe::Value(true);
        patch.path = Maybe::Value("/elsewhere".to_owned());
    })
    .await;
    assert_eq!(stored().await, Some(true), "who gives it knows");
    set_project(&core, |patch| patch.path = path).await;
    assert_eq!((ask().await, stored().await), (Some(false), Some(false)));
}

#[tokio::test]
async fn what_is_no_repository_is_said_to_be_none() {
    for text in ["gitdir: /nowhere\n", "odd\n"] {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), ".git", text);
        let core = board(directory.path()).await;
        let status = core.service.git_status(&core.project, true).await.unwrap();
        assert_eq!(status.is_git_repo, Some(false), "{status:?}");
        assert!(status.error.is_some(), "{text}");
    }
    // A repository whose state git cannot determine is one.
    let (core, directory) = core("other.txt").await;
    write(directory.path(), ".git/index", "odd");
    let status = core.service.git_status(&core.project, true).await.unwrap();
    assert_eq!(status.is_git_repo, Some(true));
    assert!(status.error.unwrap().contains("index"));
}

#[tokio::test]
async fn a_repository_may_be_kept_elsewhere() {
    for is_link in [true, false] {
        let (core, directory) = core("other.txt").await;
        let (root, beside) = (directory.path(), tempfile::tempdir().unwrap());
        let kept = beside.path().join("kept");
        std::fs::rename(root.join(".git"), &kept).unwrap();
        if is_link {
            symlink(&kept, root.join(".git")).unwrap();
        } else {
            write(root, ".git", &format!("gitdir: {}\n", kept.display()));
        }
        // From another work tree git does not know the checkout of the main branch.
        let linked = beside.path().join("linked");
        let add = ["worktree", "add", "-q", linked.to_str().unwrap(), "task-1"];
        git(root, &add);
        let from_linked = board(&linked).await;
        let busy = crate::repository::refused(&from_linked, root).await;
        assert_eq!(busy.code, code::REPOSITORY_BUSY, "{}", busy.message);
        merge(&core).await.unwrap();
        assert!(root.join("other.txt").exists());
        assert_eq!(git(root, &["status", "--porcelain"]), "");
    }
}

#[tokio::test]
async fn a_submodule_is_a_repository_of_its_own() {
    let (whole, part) = (repository("other.txt"), repository("other.txt"));
    let (root, from) = (whole.path(), part.path().to_str().unwrap());
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "-q",
        "add",
        from,
        "lib",
    ];
    git(root, &add);
    let lib = root.join("lib");
    git(&lib, &["branch", "-q", "task-1", "origin/task-1"]);
    git(&lib, &["config", "user.name", "Test"]);
    git(&lib, &["config", "user.email", "test@example.org"]);
    merge(&board(&lib).await).await.unwrap();
    assert!(lib.join("other.txt").exists());
    assert_eq!(git(&lib, &["status", "--porcelain"]), "");
}

#[tokio::test]
async fn a_path_may_have_line_breaks_in_it() {
    let (parent, source) = (tempfile::tempdir().unwrap(), repository("other.txt"));
    let (folder, linked) = (parent.path().join("a\nb\n"), parent.path().join("l\nw"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(source.path(), folder.join("c\n")).unwrap();
    let root = folder.join("c\n");
    git(&root, &["checkout", "-q", "--detach"]);
    let add = ["worktree", "add", "-q", linked.to_str().unwrap(), "main"];
    git(&root, &add);
    for folder in [&root, &linked] {
        let core = board(folder).await;
        let status = core.service.git_status(&core.project, true).await.unwrap();
        assert_eq!((status.is_git_repo, status.error), (Some(true), None));
    }
    merge(&board(&root).await).await.unwrap();
    assert!(linked.join("other.txt").exists());
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

/// Creates something that is no file, and that blocks its reader.
fn special(kind: &str, path: &Path) {
    let _ = std::fs::remove_file(path);
    match kind {
        "fifo" => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        device => symlink(device, path).unwrap(),
    }
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_opened() {
    let patience = std::time::Duration::from_secs(20);
    for kind in ["fifo", "socket", "/dev/zero", "/dev/tty"] {
        for place in [".git", "HEAD", "config", "packed-refs", "../.gitignore"] {
            let directory = tempfile::tempdir().unwrap();
            if place != ".git" {
                git(directory.path(), &["init", "--quiet"]);
            }
            let path = match place {
                ".git" => directory.path().join(".git"),
                other => directory.path().join(".git").join(other),
            };
            special(kind, &path);
            let core = board(directory.path()).await;
            let asked = core.service.git_status(&core.project, true);
            let status = tokio::time::timeout(patience, asked).await;
            let status = status.unwrap_or_else(|_| panic!("{kind} {place}")).unwrap();
            assert_eq!(status.is_git_repo, Some(false), "{kind} {place}");
            let made = core.service.init_git(human(), &core.project);
            let made = tokio::time::timeout(patience, made).await;
            assert!(made.unwrap().is_err(), "{kind} {place}");
        }
    }
}
