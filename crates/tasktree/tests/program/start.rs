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
