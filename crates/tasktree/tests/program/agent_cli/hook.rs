//! `tasktree hook`: it never disturbs the agent.

use std::fs;
use std::net::TcpListener;
use std::process::Output;
use std::time::Instant;

use super::Desk;
use crate::server::{Server, said};

const EVENT: &str = r#"{"session_id": "7c1c8b1e-53f0", "hook_event_name": "Stop"}"#;
const REQUEST: &str = r#"{"session_id": "7c1c8b1e-53f0", "hook_event_name": "PermissionRequest",
    "tool_name": "Bash", "tool_input": {"command": "git push"}}"#;
const START: &str = r#"{"session_id": "7c1c8b1e-53f0", "hook_event_name": "SessionStart"}"#;

/// Checks that a hook said nothing and succeeded.
fn assert_silent(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    assert_eq!(said(output), "");
}

fn log(desk: &Desk) -> String {
    let path = desk.home.path().join(".local/state/tasktree/hook.log");
    fs::read_to_string(path).unwrap_or_default()
}

/// Ways to start a hook, each with an event that it could answer.
const CALLS: [(&[&str], &str); 5] = [
    (&["hook", "claude-code"], EVENT),
    (&["hook"], EVENT),
    (&["hook", "claude-code", "--context"], START),
    (&["hook", "claude-code", "--answers"], REQUEST),
    (
        &[
            "hook",
            "codex-notify",
            r#"{"type": "agent-turn-complete", "thread-id": "x"}"#,
        ],
        "",
    ),
];

#[tokio::test]
async fn with_the_server_down_a_hook_is_silent_and_the_log_says_why() {
    let desk = Desk::open().await;
    for (arguments, event) in CALLS {
        let call = desk.call(arguments).input(event);
        let output = call
            .variable("TASKTREE_SERVER", "http://127.0.0.1:1")
            .run()
            .await;
        assert_silent(&output);
    }
    let log = log(&desk);
    assert_eq!(log.lines().count(), CALLS.len(), "{log}");
    assert!(
        log.contains("claude-code: no response from the server"),
        "{log}"
    );
    assert!(log.contains("codex-notify: no response"), "{log}");
}

#[tokio::test]
async fn a_server_that_never_answers_holds_a_hook_for_a_second_at_most() {
    let desk = Desk::open().await;
    // Connections are accepted by the system, and nobody reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    for (arguments, event) in &CALLS[..3] {
        let call = desk.call(arguments).input(event);
        let start = Instant::now();
        let output = call.variable("TASKTREE_SERVER", &address).run().await;
        // Twice the limit: the machine may be busy.
        assert!(start.elapsed().as_millis() < 2000, "{:?}", start.elapsed());
        assert_silent(&output);
    }
    assert_eq!(log(&desk).lines().count(), 3);
}

#[tokio::test]
async fn garbage_is_not_sent_and_not_answered() {
    let desk = Desk::open().await;
    for garbage in ["", "garbage", "[1, 2]", "{\"a\": ", "\u{0}\u{1}"] {
        for (arguments, _) in &CALLS[..4] {
            assert_silent(&desk.call(arguments).input(garbage).run().await);
        }
    }
    let invalid: [&[&str]; 3] = [
        &["hook", "--no-such-option"],
        &["hook", "a", "b", "c"],
        &["hook", "--answers=never"],
    ];
    for arguments in invalid {
        assert_silent(&desk.call(arguments).input(EVENT).run().await);
    }
    let bad_server = desk.call(&["hook"]).variable("TASKTREE_SERVER", "nonsense");
    assert_silent(&bad_server.input(EVENT).run().await);
    let log = log(&desk);
    assert!(
        log.contains("the event is not valid") && log.contains("--no-such-option"),
        "{log}"
    );
}

#[tokio::test]
async fn a_wrong_token_and_exposed_credentials_only_reach_the_log() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::in_memory(home.path(), &["--token", "admin-secret"], "info").await;
    fs::create_dir_all(home.path().join("work")).unwrap();
    let desk = Desk { server, home };
    let call = desk.call(&["hook", "claude-code"]).input(EVENT);
    assert_silent(&call.variable("TASKTREE_TOKEN", "wrong-secret").run().await);
    let credentials = desk.home.path().join(".config/tasktree/credentials.toml");
    fs::create_dir_all(credentials.parent().unwrap()).unwrap();
    let base = &desk.server.base;
    let text = format!("[[credential]]\nserver = \"{base}\"\ntoken = \"admin-secret\"\n");
    fs::write(&credentials, text).unwrap();
    assert_silent(&desk.call(&["hook", "claude-code"]).input(EVENT).run().await);
    let log = log(&desk);
    assert!(log.contains("chmod 600"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn an_event_in_a_repository_that_names_a_foreign_server_is_not_sent() {
    let desk = Desk::open().await;
    let file = desk.work().join(".tasktree.toml");
    fs::write(file, "server = \"https://collector.example\"\n").unwrap();
    let call = desk.call(&["hook", "claude-code"]).input(EVENT);
    assert_silent(&call.variable("TASKTREE_SERVER", "").run().await);
    assert!(log(&desk).contains("tasktree trust https://collector.example"));
}
