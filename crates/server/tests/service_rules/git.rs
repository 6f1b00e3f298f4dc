//! Merges, with the real git.

use std::future::poll_fn;
use std::pin::pin;
use std::process::Command;
use std::task::Poll;
use std::time::Duration;

use tasktree_protocol::error::code;
use tasktree_protocol::{Event, Maybe, Status, TaskPatch};
use tasktree_server::error::Error;
use tasktree_server::service::{IdempotencyKey, MergeBy, WriteContext};

use crate::core_support::{Core, event, human, message};
use crate::repository::{
    assert_is_merge, board, commit, core, git, merge, merge_as, path, refused, refused_as,
    set_project, set_task, write,
};

#[tokio::test]
async fn a_completed_task_is_merged_where_main_is_checked_out_and_a_repetition_gets_the_same_answer()
 {
    let (core, directory) = core("other.txt").await;
    let (main, tip) = (
        git(&path(&directory), &["rev-parse", "main"]),
        git(&path(&directory), &["rev-parse", "task-1"]),
    );
    let context = WriteContext {
        idempotency: Some(IdempotencyKey::request("m", &[b"merge"])),
        ..human()
    };
    let task = merge_as(&core, context.clone(), MergeBy::Git)
        .await
        .unwrap();
    assert_eq!(task.status, Status::Merged);
    assert!(directory.path().join("other.txt").exists());
    assert_eq!(git(directory.path(), &["status", "--porcelain"]), "");
    let merged = git(directory.path(), &["rev-parse", "main"]);
    assert_eq!(task.merge_commit, Some(merged.clone()));
    assert_is_merge(directory.path(), &merged, &main, &tip);
    assert_eq!(
        git(directory.path(), &["log", "-1", "--format=%s"]),
        "Merge task #1: First"
    );
    let again = merge_as(&core, context, MergeBy::Git).await.unwrap();
    assert_eq!(again, task);
    let told = core.told.events();
    assert_eq!(told.len(), 1);
    let Event::TaskMerged(change) = event(&told[0]) else {
        panic!("{told:?}")
    };
    assert_eq!(change.branch.as_deref(), Some("task-1"));
    assert_eq!(change.merge_commit, Some(merged.clone()));
    assert_eq!(change.task.unwrap().merge_commit, Some(merged));
    assert!(
        message(&told[0])
            .changed
            .contains(&"merge_commit".to_owned())
    );
    let again = merge(&core).await.unwrap_err();
    assert_eq!(again.to_string(), "Task must be completed to merge");
}

#[tokio::test]
async fn a_main_branch_that_is_checked_out_nowhere_moves_without_touching_files() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    git(root, &["checkout", "-qb", "somewhere", "main~1"]);
    write(root, "shared.txt", "not committed\n");
    let task = merge(&core).await.unwrap();
    assert_eq!(task.merge_commit, Some(git(root, &["rev-parse", "main"])));
    assert_eq!(git(root, &["show", "main:other.txt"]), "the task's");
    assert_eq!(git(root, &["show", "main:shared.txt"]), "main's");
    assert_eq!(git(root, &["branch", "--show-current"]), "somewhere");
    assert_eq!(git(root, &["status", "--porcelain"]), "M shared.txt");
    assert!(!root.join("other.txt").exists());
}

#[tokio::test]
async fn a_main_branch_that_is_checked_out_in_another_work_tree_is_merged_there() {
    let (core, directory) = core("other.txt").await;
    let (root, other) = (directory.path(), tempfile::tempdir().unwrap());
    git(root, &["checkout", "-q", "task-1"]);
    let linked = other.path().join("linked");
    git(
        root,
        &["worktree", "add", "-q", linked.to_str().unwrap(), "main"],
    );
    write(&linked, "shared.txt", "not committed\n");
    let dirty = refused(&core, root).await;
    assert_eq!(
        (dirty.code, &*dirty.files),
        (code::DIRTY, &["shared.txt".to_owned()][..])
    );
    git(&linked, &["checkout", "-q", "--", "."]);
    merge(&core).await.unwrap();
    assert!(linked.join("other.txt").exists());
    assert_eq!(git(&linked, &["status", "--porcelain"]), "");
    assert_eq!(git(root, &["branch", "--show-current"]), "task-1");
}

#[tokio::test]
async fn changes_that_are_not_committed_are_named_and_kept() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    write(root, "shared.txt", "mine\n");
    write(root, "staged.txt", "mine\n");
    git(root, &["add", "staged.txt"]);
    let dirty = refused(&core, root).await;
    assert_eq!(dirty.code, code::DIRTY);
    assert_eq!(dirty.files, ["shared.txt", "staged.txt"]);
    assert!(
        dirty.message.contains("shared.txt, staged.txt"),
        "{}",
        dirty.message
    );
    git(root, &["reset", "-q", "--hard"]);
    // A file unknown to git and in the way; ignored or not.
    write(root, ".git/info/exclude", "other.txt\n");
    write(root, "other.txt", "mine\n");
    let in_the_way = refused(&core, root).await;
    assert_eq!(
        (in_the_way.code, &*in_the_way.files),
        (code::DIRTY, &["other.txt".to_owned()][..])
    );
    assert_eq!(
        std::fs::read_to_string(root.join("other.txt")).unwrap(),
        "mine\n"
    );
    std::fs::remove_file(root.join("other.txt")).unwrap();
    // A file unknown to git and in nobody's way.
    write(root, "notes.txt", "mine\n");
    merge(&core).await.unwrap();
}

#[tokio::test]
async fn a_conflict_names_its_files_and_leaves_no_trace() {
    let (core, directory) = core("shared.txt").await;
    let conflict = refused(&core, directory.path()).await;
    assert_eq!(conflict.code, code::MERGE_CONFLICTS);
    assert_eq!(
        (&*conflict.files, conflict.files_total),
        (&["shared.txt".to_owned()][..], 1)
    );
    let text = &conflict.message;
    assert!(
        text.starts_with("Merge failed: ") && text.contains("CONFLICT (content)"),
        "{text}"
    );
    assert!(!directory.path().join(".git/MERGE_HEAD").exists());
    let preview = core.service.preview_merge(&core.project, &"1".into()).await;
    assert_eq!(preview.unwrap().refusal, Some(conflict.into()));
}

#[tokio::test]
async fn a_branch_without_commits_of_its_own_is_no_merge() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    for (name, at) in [("empty", "main"), ("old", "main~1")] {
        git(root, &["branch", name, at]);
        set_task(&core, |patch| patch.branch = Maybe::Value(name.to_owned())).await;
        core.told.take();
        for by in [MergeBy::Git, MergeBy::Containment] {
            let nothing = refused_as(&core, root, by).await;
            assert_eq!(nothing.code, code::NOTHING_TO_MERGE, "{name} {by:?}");
            assert_eq!(nothing.commit, Some(git(root, &["rev-parse", name])));
        }
    }
}

#[tokio::test]
async fn the_main_branch_under_another_name_and_a_copy_of_it_are_no_merge() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    git(
        root,
        &["symbolic-ref", "refs/heads/alias", "refs/heads/main"],
    );
    // A copy has the log of the main branch with its commits.
    git(root, &["branch", "-c", "main", "copy"]);
    for name in ["main", "alias", "copy"] {
        set_task(&core, |patch| patch.branch = Maybe::Value(name.to_owned())).await;
        core.told.take();
        for by in [MergeBy::Git, MergeBy::Containment] {
            let nothing = refused_as(&core, root, by).await;
            assert_eq!(nothing.code, code::NOTHING_TO_MERGE, "{name} {by:?}");
        }
    }
}

#[tokio::test]
async fn a_branch_that_was_merged_by_hand_is_refused_with_the_commit_and_can_be_marked() {
    for how in ["--no-ff", "--ff-only"] {
        let (core, directory) = core("other.txt").await;
        let root = directory.path();
        let hand = git(root, &["checkout", "-q", "task-1"]);
        assert_eq!(hand, "");
        commit(root, "more.txt", "more\n");
        git(root, &["rebase", "-q", "main"]);
        git(root, &["checkout", "-q", "main"]);
        git(root, &["merge", "-q", how, "-m", "by hand", "task-1"]);
        let merged = git(root, &["rev-parse", "main"]);
        commit(root, "later.txt", "later\n");
        let contained = refused(&core, root).await;
        assert_eq!(
            contained.code,
            code::ALREADY_MERGED,
            "{how}: {}",
            contained.message
        );
        assert_eq!(contained.commit.as_ref(), Some(&merged), "{how}");
        assert!(contained.message.contains(&merged));
        let task = merge_as(&core, human(), MergeBy::Containment)
            .await
            .unwrap();
        assert_eq!(
            (task.status, task.merge_commit),
            (Status::Merged, Some(merged))
        );
    }
}

#[tokio::test]
async fn only_what_is_contained_is_marked_as_contained() {
    let (core, _directory) = core("other.txt").await;
    let refused = merge_as(&core, human(), MergeBy::Containment)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("does not contain"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    set_task(&core, |patch| {
        patch.branch = Maybe::Value("gone".to_owned());
    })
    .await;
    // A tag of the name is no branch.
    git(root, &["tag", "gone", "task-1"]);
    core.told.take();
    let missing = refused(&core, root).await;
    assert_eq!(missing.code, code::BRANCH_MISSING);
    assert!(missing.message.contains("'gone'"), "{}", missing.message);
    set_project(&core, |patch| {
        patch.main_branch = Maybe::Value("trunk".to_owned());
    })
    .await;
    core.told.take();
    let missing = refused(&core, root).await;
    assert_eq!(missing.code, code::MAIN_MISSING);
    assert!(missing.message.contains("'trunk'"), "{}", missing.message);
    set_project(&core, |patch| patch.main_branch = Maybe::Null).await;
    set_task(&core, |patch| {
        patch.branch = Maybe::Value("task-1".to_owned());
    })
    .await;
    let orphan = git(root, &["commit-tree", "-m", "alone", "main^{tree}"]);
    git(root, &["branch", "-f", "task-1", &orphan]);
    core.told.take();
    assert_eq!(refused(&core, root).await.code, code::UNRELATED_HISTORIES);
}

#[tokio::test]
async fn a_preview_lists_commits_and_files() {
    let (core, directory) = core("dir/other.txt").await;
    let root = directory.path();
    git(root, &["checkout", "-q", "task-1"]);
    std::fs::write(root.join("image"), [0, 1, 2]).unwrap();
    commit(root, "dir/other.txt", "the task's\nsecond\n");
    git(root, &["checkout", "-q", "main"]);
    let preview = core
        .service
        .preview_merge(&core.project, &"1".into())
        .await
        .unwrap();
    assert_eq!(
        (&*preview.branch, &*preview.main_branch),
        ("task-1", "main")
    );
    assert_eq!(preview.commits_total, 2);
    assert_eq!(preview.commits[0].sha, git(root, &["rev-parse", "task-1"]));
    assert_eq!(preview.commits[1].subject, "the task's");
    assert_eq!(preview.commits[1].author, "Test");
    let files: Vec<_> = preview
        .files
        .iter()
        .map(|file| (&*file.path, file.kind, file.additions))
        .collect();
    assert_eq!(
        files,
        [("dir/other.txt", 'A', Some(2)), ("image", 'A', None)]
    );
    assert_eq!(
        (preview.files_total, preview.additions, preview.refusal),
        (2, 2, None)
    );
}

#[tokio::test]
async fn a_merge_is_not_broken_off_with_the_request_for_it() {
    let (core, directory) = core("other.txt").await;
    {
        let mut asked = pin!(merge(&core));
        poll_fn(|context| {
            assert!(asked.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let status = async || {
        let task = core.service.task(&core.project, &"1".into()).await.unwrap();
        task.value.status
    };
    while status().await != Status::Merged {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    core.service.finish_git().await;
    assert!(directory.path().join("other.txt").exists());
}

#[tokio::test]
async fn what_somebody_else_began_is_left_alone() {
    let (core, directory) = core("shared.txt").await;
    let root = directory.path();
    let begin = |arguments: &[&str]| {
        let mut git = Command::new("git");
        assert!(
            !git.arg("-C")
                .arg(root)
                .args(arguments)
                .output()
                .unwrap()
                .status
                .success()
        );
    };
    for (begun, end, words) in [
        (
            ["merge", "task-1"],
            ["merge", "--abort"],
            "another merge is in progress",
        ),
        (
            ["cherry-pick", "task-1"],
            ["cherry-pick", "--abort"],
            "another cherry-pick is in progress",
        ),
        (
            ["rebase", "task-1"],
            ["rebase", "--abort"],
            "rebase of the main branch is in progress",
        ),
    ] {
        begin(&begun);
        let busy = refused(&core, root).await;
        assert_eq!(busy.code, code::REPOSITORY_BUSY);
        assert!(busy.message.contains(words), "{}", busy.message);
        git(root, &end);
    }
}

#[tokio::test]
async fn a_task_that_changes_while_git_is_at_work_is_not_marked() {
    let (core, directory) = core("other.txt").await;
    let root = directory.path();
    let before = git(root, &["rev-parse", "main"]);
    let (merged, ()) = tokio::join!(merge(&core), async {
        set_task(&core, |patch| {
            patch.title = Maybe::Value("Second".to_owned());
        })
        .await;
    });
    let task = core
        .service
        .task(&core.project, &"1".into())
        .await
        .unwrap()
        .value;
    match merged {
        // The change came before the merge began.
        Ok(merged) => assert_eq!(
            (merged.title.as_str(), task.status),
            ("Second", Status::Merged)
        ),
        Err(error) => {
            assert!(
                matches!(&error, Error::Conflict { current, .. } if current.title == "Second"),
                "{error}"
            );
            assert_eq!(task.status, Status::Completed);
            let now = git(root, &["rev-parse", "main"]);
            assert!(now == before || error.to_string().contains(&now), "{error}");
        }
    }
}

#[tokio::test]
async fn without_a_repository_only_a_person_marks_the_task_and_it_says_so() {
    let core = Core::in_memory().await;
    core.task("First").await;
    set_task(&core, |patch| {
        patch.status = Maybe::Value(Status::Completed);
    })
    .await;
    for path in ["", "/nowhere", "relative", "/dev"] {
        set_project(&core, |patch| patch.path = Maybe::Value(path.to_owned())).await;
        let Err(Error::Repository(refused)) = merge(&core).await else {
            panic!("{path}")
        };
        assert_eq!(refused.code, code::NOT_A_REPOSITORY, "{path}");
    }
    core.told.take();
    let task = merge_as(&core, human(), MergeBy::Hand).await.unwrap();
    assert_eq!((task.status, task.merge_commit), (Status::Merged, None));
    assert_eq!(core.told.kinds(), ["task_merged"]);
}

#[tokio::test]
async fn a_merged_task_that_is_moved_has_no_commit_any_more() {
    let (core, _directory) = core("other.txt").await;
    assert!(merge(&core).await.unwrap().merge_commit.is_some());
    let same = set_task(&core, |patch| patch.status = Maybe::Value(Status::Merged)).await;
    assert!(same.merge_commit.is_some());
    let back = set_task(&core, |patch| {
        patch.status = Maybe::Value(Status::Completed);
    })
    .await;
    assert_eq!(back.merge_commit, None);
    let by_hand = set_task(&core, |patch| patch.status = Maybe::Value(Status::Merged)).await;
    assert_eq!(
        (by_hand.status, by_hand.merge_commit),
        (Status::Merged, None)
    );
}

#[tokio::test]
async fn the_commit_of_a_merged_task_stays_that_of_its_branch() {
    let (core, _directory) = core("other.txt").await;
    let merged = merge(&core).await.unwrap();
    let update = async |patch: TaskPatch| {
        let (project, task) = (&core.project, &"1".into());
        let updated = core
            .service
            .update_task(human(), project, task, patch, None);
        updated.await.map(|receipt| receipt.value)
    };
    let other = TaskPatch {
        branch: Maybe::Value("other".to_owned()),
        ..TaskPatch::default()
    };
    let refused = update(other.clone()).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Invalid(fields) if fields[0].field == "branch"),
        "{refused:?}"
    );
    let same = TaskPatch {
        branch: Maybe::Value(merged.branch.clone()),
        ..TaskPatch::default()
    };
    assert_eq!(
        update(same).await.unwrap().merge_commit,
        merged.merge_commit
    );
    let back = TaskPatch {
        status: Maybe::Value(Status::Completed),
        ..other.clone()
    };
    let back = update(back).await.unwrap();
    assert_eq!((&*back.branch, back.merge_commit), ("other", None));
    set_task(&core, |patch| patch.status = Maybe::Value(Status::Merged)).await;
    // Merged by hand, without a branch.
    let again = TaskPatch {
        branch: Maybe::Null,
        ..TaskPatch::default()
    };
    assert_eq!(update(again).await.unwrap().branch, "task-1");
}

#[tokio::test]
async fn a_repository_without_somebody_to_commit_is_merged_by_the_board() {
    let (core, directory) = core("other.txt").await;
    git(directory.path(), &["config", "user.name", ""]);
    git(directory.path(), &["config", "user.email", ""]);
    merge(&core).await.unwrap();
    let author = git(directory.path(), &["log", "-1", "--format=%an <%ae>"]);
    assert_eq!(author, "TaskTree <tasktree@localhost>");
}

#[tokio::test]
async fn a_git_folder_and_a_bare_repository_are_repositories() {
    let (_, directory) = core("other.txt").await;
    let inside = board(&directory.path().join(".git")).await;
    let status = inside
        .service
        .git_status(&inside.project, true)
        .await
        .unwrap();
    assert_eq!((status.is_git_repo, status.has_changes), (Some(true), None));
    assert_eq!(status.current_branch.as_deref(), Some("main"));
    assert!(
        inside
            .service
            .init_git(human(), &inside.project)
            .await
            .is_err()
    );
    merge(&inside).await.unwrap();
    assert!(directory.path().join("other.txt").exists());
    let other = crate::repository::repository("other.txt");
    let bare = tempfile::tempdir().unwrap();
    let (from, to) = (
        other.path().to_str().unwrap(),
        bare.path().to_str().unwrap(),
    );
    git(other.path(), &["clone", "-q", "--bare", from, to]);
    let core = board(bare.path()).await;
    let task = merge(&core).await.unwrap();
    assert_eq!(
        task.merge_commit,
        Some(git(bare.path(), &["rev-parse", "main"]))
    );
}
