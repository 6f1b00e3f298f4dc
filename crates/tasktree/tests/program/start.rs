//! Starting a server: what is refused, and in which words.

use crate::server::{Server, run, said};

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::in_memory(folder.path(), &[], "info").await;
    let taken = server.base.trim_start_matches("http://");
    for (arguments, sentence) in [
        (
            vec!["serve", "--listen", taken, "--db", ":memory:"],
            "is taken",
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
            "cannot be made",
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
    assert_eq!(log.contains("fewer open files"), most < 15_200, "{log}");
}
