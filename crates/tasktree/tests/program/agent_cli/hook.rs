//! `tasktree hook`: it never disturbs the agent.

use std::fs;
use std::net::TcpListener;
use std::process::Output;
use std::time::Instant;

use serde_json::{Value, json};

use super::questions::asked;
use super::{Desk, envelope};
use crate::server::{Server, out, said};

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

/// Waits until an agent of the project is as expected, and returns it.
async fn agent(desk: &Desk, name: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
    loop {
        let agents = desk.server.get("/api/projects/alpha/agents").await;
        let mut agents = agents.as_array().unwrap().iter();
        let found = agents.find(|agent| agent["id"] == name && is_expected(agent));
        if let Some(found) = found {
            return found.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_session_is_an_agent_that_its_shell_commands_speak_for() {
    let desk = Desk::open().await;
    desk.add("One").await;
    let env_file = desk.home.path().join("env.sh");
    let start = desk
        .call(&["hook", "claude-code", "--context"])
        .input(START);
    let start = start.variable("CLAUDE_ENV_FILE", env_file.to_str().unwrap());
    let told: Value = serde_json::from_str(&out(&start.run().await)).unwrap();
    let specific = &told["hookSpecificOutput"];
    assert_eq!(specific["hookEventName"], "SessionStart");
    let context = specific["additionalContext"].as_str().unwrap();
    assert!(
        context.contains("claude-7c1c8b1e") && context.len() <= 1024,
        "{context}"
    );
    let exports = fs::read_to_string(&env_file).unwrap();
    assert!(
        exports.contains("export TASKTREE_AGENT='claude-7c1c8b1e'\n"),
        "{exports}"
    );
    assert!(
        exports.contains("export TASKTREE_PROJECT='alpha'\n"),
        "{exports}"
    );
    let found = agent(&desk, "claude-7c1c8b1e", |_| true).await;
    assert_ne!(found["run"]["machine"], "");

    let next = desk
        .call(&["next"])
        .variable("CLAUDE_CODE_SESSION_ID", "7c1c8b1e-53f0");
    let claimed = envelope(&next.json().await);
    assert_eq!(claimed["data"]["task"]["holder"], "claude-7c1c8b1e");
    let prompt = START.replace("SessionStart", "UserPromptSubmit");
    let prompt = desk
        .call(&["hook", "claude-code", "--context"])
        .input(&prompt);
    let told = out(&prompt.run().await);
    assert!(
        told.contains("UserPromptSubmit") && told.contains("One"),
        "{told}"
    );
    assert_silent(&desk.call(&["hook", "claude-code"]).input(EVENT).run().await);
    agent(&desk, "claude-7c1c8b1e", |agent| agent["status"] == "idle").await;
    // Without being asked to, a hook prints nothing, whatever the event.
    assert_silent(&desk.call(&["hook", "claude-code"]).input(START).run().await);
    assert_eq!(log(&desk), "");
}

#[tokio::test]
async fn codex_gets_context_and_answers_by_configuration_and_never_by_its_command_line() {
    let desk = Desk::open().await;
    let start = START.replace('{', r#"{"turn_id": "t1", "#);
    assert_silent(&desk.call(&["hook", "codex"]).input(&start).run().await);
    let config = desk.home.path().join(".config/tasktree/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "[codex]\ncontext = true\n").unwrap();
    let told = out(&desk.call(&["hook", "codex"]).input(&start).run().await);
    assert!(
        told.contains("additionalContext") && told.contains("codex-7c1c8b1e"),
        "{told}"
    );
    assert_silent(&desk.call(&["hook", "codex"]).input(EVENT).run().await);
}

#[tokio::test]
async fn a_permission_request_waits_for_the_person_who_answers_on_the_board() {
    let desk = Desk::open().await;
    out(&desk
        .call(&["hook", "claude-code", "--context"])
        .input(START)
        .run()
        .await);
    for (answer, decision) in [
        ("Allow", json!({"behavior": "allow"})),
        (
            "Push to a branch instead",
            json!({"behavior": "deny", "message": "Push to a branch instead"}),
        ),
    ] {
        let call = desk
            .call(&["hook", "claude-code", "--answers"])
            .input(REQUEST);
        let answering = async {
            let question = asked(&desk).await;
            assert_eq!(question["options"], json!(["Allow", "Deny"]));
            let path = format!("/api/projects/alpha/questions/{}/answers", question["id"]);
            desk.post(&path, &json!({"text": answer})).await;
        };
        let (decided, ()) = tokio::join!(call.run(), answering);
        let decided: Value = serde_json::from_str(&out(&decided)).unwrap();
        assert_eq!(
            decided["hookSpecificOutput"],
            json!({"hookEventName": "PermissionRequest", "decision": decision})
        );
    }
}

#[tokio::test]
async fn a_permission_request_that_nobody_answers_falls_back_to_the_terminal() {
    let desk = Desk::open().await;
    let call = desk
        .call(&["hook", "claude-code", "--answers=1"])
        .input(REQUEST);
    assert_silent(&call.run().await);
    // The person answers in the terminal: the tool runs, and the hook that waits says nothing.
    let call = desk
        .call(&["hook", "claude-code", "--answers"])
        .input(REQUEST);
    let going_on = async {
        asked(&desk).await;
        let used = REQUEST.replace("PermissionRequest", "PostToolUse");
        assert_silent(&desk.call(&["hook", "claude-code"]).input(&used).run().await);
    };
    let (decided, ()) = tokio::join!(call.run(), going_on);
    assert_silent(&decided);
}
