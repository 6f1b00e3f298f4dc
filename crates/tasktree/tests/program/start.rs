//! Starting a server: refusals and their messages.

use crate::server::{Server, run, said};

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::in_memory(folder.path(), &[], "info").await;
    let taken = server.base.trim_start_matches("http://");
    for (arguments, sentence) in [
        (
            vec!["serve", "--listen", taken, "--db", ":memory:"],
            "port in use",
        ),
        (
            vec![
                "serve",
                "--listen",
                "0.0.0.0:0",
                "--db",
                ":memory:",
                "--sign-in",
                "off",
            ],
            "--sign-in",
        ),
        (
            vec![
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--db",
                "/dev/null/board.db",
            ],
            "cannot create the folder",
        ),
    ] {
        let output = run(&arguments, folder.path()).await;
        assert!(
            !output.status.success() && said(&output).contains(sentence),
            "{}",
            said(&output)
        );
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_asks_for_as_many_open_files_as_it_may_have_connections() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::with_few_files(folder.path(), 256).await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process_id())).unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let numbers: Vec<&str> = line.unwrap().split_whitespace().collect();
    let (allowed, most): (u64, u64) = (numbers[0].parse().unwrap(), numbers[1].parse().unwrap());
    assert_eq!(allowed, most.min(15_200), "{limits}");
    let log = server.end().await;
    assert_eq!(log.contains("limit of open files"), most < 15_200, "{log}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_database_that_is_served_is_refused_under_each_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(path, &["--db", "board.db"], "info", "Data: ").await;
    std::fs::create_dir(path.join("deep")).unwrap();
    std::os::unix::fs::symlink("board.db", path.join("link.db")).unwrap();
    std::os::unix::fs::symlink("..", path.join("deep/up")).unwrap();
    std::fs::hard_link(path.join("board.db"), path.join("hard.db")).unwrap();
    std::fs::hard_link(path.join("board.db"), path.join("deep/hard.db")).unwrap();
    let names = [
        "board.db",
        "link.db",
        "deep/up/board.db",
        "hard.db",
        "deep/hard.db",
    ];
    for name in names {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--db", name];
        let restore = ["restore", "board.db", "--db", name];
        let token = ["token", "list", "--db", name];
        for arguments in [&serve[..], &restore, &token] {
            let refused = run(arguments, path).await;
            let said = said(&refused);
            assert!(!refused.status.success(), "{arguments:?}: {said}");
            assert!(
                said.contains("in use by another process"),
                "{arguments:?}: {said}"
            );
        }
    }
    // A backup may be made meanwhile, but not from a name that has no access to the newest commits.
    for (number, name) in names.iter().enumerate() {
        let to = format!("kept-{number}.db");
        let backup = run(&["backup", &to, "--db", name], path).await;
        let is_hard_link = name.ends_with("hard.db");
        assert_eq!(backup.status.success(), !is_hard_link, "{}", said(&backup));
        assert_eq!(said(&backup).contains("another name"), is_hard_link);
    }
    server.end().await;
    // Killed, so that the newest commits are beside the first name only: see `names.rs`.
    for name in &names[..3] {
        let server = Server::start(path, &["--db", name], "info", "Data: ").await;
        server.end().await;
    }
}

#[tokio::test]
async fn an_address_of_another_kind_of_database_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("tasks.json"), "{}").unwrap();
    for address in ["postgres://ann@db.example/board", "mysql:board", "x://y"] {
        for arguments in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["token", "list"],
            &["backup", "kept.db"],
            &["restore", "kept.db"],
            &["import", "taskmaster", "tasks.json", "--project", "alpha"],
        ] {
            let refused = run(&[arguments, &["--db", address]].concat(), path).await;
            let said = said(&refused);
            assert!(!refused.status.success(), "{arguments:?}: {said}");
            assert!(said.contains("SQLite"), "{arguments:?}: {said}");
        }
    }
    let made: Vec<_> = std::fs::read_dir(path).unwrap().collect();
    assert_eq!(made.len(), 1, "{made:?}");
}
