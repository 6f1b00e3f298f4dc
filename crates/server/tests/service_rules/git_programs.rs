//! Programs that the configuration of a repository names: none of them runs.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tasktree_protocol::error::code;
use tasktree_server::error::Error;

use crate::repository::{board, commit, git, merge, repository, try_git, write};

/// A program beside a repository that leaves a mark.
struct Trap {
    program: String,
    mark: PathBuf,
}

impl Trap {
    fn new(folder: &Path) -> Self {
        let (path, mark) = (folder.join("trap"), folder.join("mark"));
        // It passes on what a filter gets, so that git goes on.
        let text = format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", mark.display());
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            program: path.to_str().unwrap().to_owned(),
            mark,
        }
    }

    fn has_run(&self) -> bool {
        self.mark.exists()
    }
}

type Plant = fn(&Path, &Trap);

/// Names of the programs, whether plain git runs each in these situations, and the functions that
/// plant them.
const PLANTS: &[(&str, bool, Plant)] = &[
    ("fsmonitor", true, |root, trap| {
        git(root, &["config", "core.fsmonitor", &trap.program]);
    }),
    ("hooks", true, |root, trap| {
        for name in [
            "pre-merge-commit",
            "post-merge",
            "post-checkout",
            "reference-transaction",
            "commit-msg",
            "prepare-commit-msg",
            "post-index-change",
            "pre-auto-gc",
            "post-commit",
            "update",
        ] {
            std::fs::copy(&trap.program, root.join(".git/hooks").join(name)).unwrap();
        }
    }),
    ("hooksPath", true, |root, trap| {
        let folder = root.join(".git/more");
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(&trap.program, folder.join("post-merge")).unwrap();
        git(
            root,
            &["config", "core.hooksPath", folder.to_str().unwrap()],
        );
    }),
    ("signatures", true, |root, trap| {
        git(root, &["config", "gpg.program", &trap.program]);
        git(root, &["config", "gpg.ssh.program", &trap.program]);
        git(root, &["config", "commit.gpgSign", "true"]);
        git(root, &["config", "log.showSignature", "true"]);
    }),
    ("signatures of others", false, |root, trap| {
        git(root, &["config", "gpg.program", &trap.program]);
        git(root, &["config", "merge.verifySignatures", "true"]);
    }),
    ("text conversion", false, |root, trap| {
        git(root, &["config", "diff.evil.textconv", &trap.program]);
        git(root, &["config", "diff.evil.command", &trap.program]);
        git(root, &["config", "diff.external", &trap.program]);
        write(root, ".git/info/attributes", "* diff=evil\n");
    }),
    ("pager and editor", false, |root, trap| {
        for name in [
            "core.pager",
            "pager.log",
            "pager.status",
            "core.editor",
            "sequence.editor",
            "core.askPass",
        ] {
            git(root, &["config", name, &trap.program]);
        }
    }),
    ("merge options", false, |root, trap| {
        git(
            root,
            &["config", "branch.main.mergeoptions", "--edit -S -s evil"],
        );
        git(root, &["config", "core.editor", &trap.program]);
        git(root, &["config", "gpg.program", &trap.program]);
    }),
    ("include", true, |root, trap| {
        write(
            root,
            ".git/other",
            &format!("[core]\n\tfsmonitor = {}\n", trap.program),
        );
        git(root, &["config", "include.path", "other"]);
    }),
    ("submodule", true, |root, trap| {
        let inner = root.join("inner");
        std::fs::create_dir(&inner).unwrap();
        git(&inner, &["init", "-q"]);
        git(&inner, &["config", "user.name", "Test"]);
        git(&inner, &["config", "user.email", "test@example.org"]);
        commit(&inner, "file", "text");
        git(root, &["add", "inner"]);
        git(root, &["commit", "-qm", "inner"]);
        git(&inner, &["config", "core.fsmonitor", &trap.program]);
        git(root, &["config", "submodule.recurse", "true"]);
    }),
    ("transport", false, |root, trap| {
        git(
            root,
            &[
                "config",
                "remote.origin.url",
                &format!("ext::{}", trap.program),
            ],
        );
        git(root, &["config", "remote.origin.promisor", "true"]);
        git(root, &["config", "protocol.ext.allow", "always"]);
        git(root, &["config", "core.sshCommand", &trap.program]);
        git(root, &["config", "credential.helper", &trap.program]);
    }),
];

/// Creates a repository in which both branches changed one file in different places.
fn divided() -> tempfile::TempDir {
    let directory = repository("other.txt");
    let root = directory.path();
    commit(root, "both.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    git(root, &["checkout", "-q", "task-1"]);
    git(root, &["rebase", "-q", "main"]);
    commit(root, "both.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
    git(root, &["checkout", "-q", "main"]);
    commit(root, "both.txt", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    directory
}

#[tokio::test]
async fn no_program_of_a_repository_runs_for_its_state_a_preview_or_a_merge() {
    for (name, is_run_by_git, plant) in PLANTS {
        for is_checked_out in [true, false] {
            let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
            let (root, trap) = (directory.path(), Trap::new(beside.path()));
            if !is_checked_out {
                git(root, &["checkout", "-q", "--detach"]);
            }
            plant(root, &trap);
            if !is_checked_out {
                git(root, &["branch", "-f", "main", "HEAD"]);
            }
            drop(std::fs::remove_file(&trap.mark));
            let core = board(root).await;
            let status = core.service.git_status(&core.project, true).await.unwrap();
            assert_eq!(status.error, None, "{name}");
            core.service
                .preview_merge(&core.project, &"1".into())
                .await
                .unwrap();
            let task = merge(&core).await.unwrap();
            assert!(
                !trap.has_run(),
                "{name}: {:?}",
                std::fs::read_to_string(&trap.mark)
            );
            let merged = git(
                root,
                &[
                    "cat-file",
                    "-p",
                    &format!("{}:both.txt", task.merge_commit.unwrap()),
                ],
            );
            assert!(
                merged.starts_with("one") && merged.ends_with("nine"),
                "{name}: {merged}"
            );
        }
        if *is_run_by_git {
            // The same by git alone, to show that the trap works.
            let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
            let (root, trap) = (directory.path(), Trap::new(beside.path()));
            plant(root, &trap);
            for arguments in [&["status"][..], &["merge", "-m", "m", "task-1"]] {
                drop(try_git(root, arguments));
            }
            assert!(trap.has_run(), "{name}");
        }
    }
}

#[tokio::test]
async fn files_that_pass_through_a_filter_are_not_written_and_the_merge_says_so() {
    for name in ["clean", "smudge", "process"] {
        let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
        let (root, trap) = (directory.path(), Trap::new(beside.path()));
        git(
            root,
            &["config", &format!("filter.my.evil.{name}"), &trap.program],
        );
        git(root, &["config", "filter.my.evil.required", "true"]);
        write(
            root,
            ".git/info/attributes",
            "other.txt filter=my.evil\nshared.txt filter=my.evil\n",
        );
        // Git looks at the content of a file that was touched.
        write(root, "shared.txt", "main's\n");
        let core = board(root).await;
        let status = core.service.git_status(&core.project, true).await.unwrap();
        assert_eq!(
            (status.has_changes, status.error),
            (Some(false), None),
            "{name}"
        );
        let Err(Error::Repository(refusal)) = merge(&core).await else {
            panic!("{name}")
        };
        assert_eq!(refusal.code, code::RUNS_PROGRAMS);
        assert_eq!(refusal.files, ["other.txt"]);
        // If no file is written, none has to be filtered.
        git(
            root,
            &["-c", "core.hooksPath=/dev/null", "switch", "-q", "--detach"],
        );
        drop(std::fs::remove_file(&trap.mark));
        merge(&core).await.unwrap();
        assert!(!trap.has_run(), "{name}");
    }
}

#[tokio::test]
async fn files_that_a_driver_merges_are_not_merged_in_another_way() {
    let plants: [(&str, Plant); 3] = [
        ("named", |root, trap| {
            git(root, &["config", "merge.my.evil.driver", &trap.program]);
            write(root, ".git/info/attributes", "both.txt merge=my.evil\n");
        }),
        ("in the main branch", |root, trap| {
            git(root, &["config", "merge.my.evil.driver", &trap.program]);
            git(root, &["checkout", "-q", "main"]);
            commit(root, ".gitattributes", "*.txt merge=my.evil\n");
        }),
        ("default", |root, trap| {
            git(root, &["config", "merge.evil.driver", &trap.program]);
            git(root, &["config", "merge.default", "evil"]);
        }),
    ];
    for (name, plant) in plants {
        for is_checked_out in [true, false] {
            let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
            let (root, trap) = (directory.path(), Trap::new(beside.path()));
            plant(root, &trap);
            if !is_checked_out {
                git(root, &["checkout", "-q", "--detach", "main~1"]);
            }
            let core = board(root).await;
            let refusal = crate::repository::refused(&core, root).await;
            assert_eq!(refusal.code, code::RUNS_PROGRAMS, "{name}");
            assert_eq!(refusal.files, ["both.txt"], "{name}");
            let preview = core.service.preview_merge(&core.project, &"1".into()).await;
            assert_eq!(preview.unwrap().refusal, Some(refusal.into()), "{name}");
            assert!(!trap.has_run(), "{name}");
            // The same by git alone, to show that the trap works.
            git(root, &["checkout", "-q", "main"]);
            drop(try_git(root, &["merge", "-m", "m", "task-1"]));
            assert!(trap.has_run(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_driver_for_files_that_one_branch_changed_is_in_nobodys_way() {
    let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
    let (root, trap) = (directory.path(), Trap::new(beside.path()));
    git(root, &["config", "merge.evil.driver", &trap.program]);
    write(
        root,
        ".git/info/attributes",
        "other.txt merge=evil\nshared.txt merge=evil\nboth.txt merge=union\n",
    );
    merge(&board(root).await).await.unwrap();
    assert!(!trap.has_run());
}

#[tokio::test]
async fn a_branch_that_brings_a_filter_of_its_own_is_not_written_either() {
    let (directory, beside) = (divided(), tempfile::tempdir().unwrap());
    let (root, trap) = (directory.path(), Trap::new(beside.path()));
    git(root, &["checkout", "-q", "task-1"]);
    commit(root, ".gitattributes", "*.txt filter=evil\n");
    git(root, &["checkout", "-q", "main"]);
    git(root, &["config", "filter.evil.smudge", &trap.program]);
    let core = board(root).await;
    let Err(Error::Repository(refusal)) = merge(&core).await else {
        panic!()
    };
    assert_eq!(
        (refusal.code, &*refusal.files),
        (code::RUNS_PROGRAMS, &[".gitattributes".to_owned()][..])
    );
    assert!(!trap.has_run());
}

#[tokio::test]
async fn a_work_tree_that_is_not_the_repositorys_own_is_not_written() {
    let (directory, elsewhere) = (divided(), tempfile::tempdir().unwrap());
    let root = directory.path();
    git(
        root,
        &[
            "config",
            "core.worktree",
            elsewhere.path().to_str().unwrap(),
        ],
    );
    let core = board(root).await;
    let refused = merge(&core).await.unwrap_err();
    assert!(refused.to_string().contains("core.worktree"), "{refused}");
    assert!(
        std::fs::read_dir(elsewhere.path())
            .unwrap()
            .next()
            .is_none()
    );
}
