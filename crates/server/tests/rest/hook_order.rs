//! Events of a harness in the order in which they come, late, twice or not at all.

use serde_json::{Value, json};

use crate::hook_support::{apply, event, started, state};
use crate::support::TestServer;

const AGENT: &str = "claude-s1";

async fn send(server: &TestServer, name: &str, more: Value) -> Value {
    apply(server, "", &event("s1", name, &more)).await
}

async fn now(server: &TestServer) -> String {
    state(server, "alpha", AGENT).await
}

#[tokio::test]
async fn an_end_of_a_tool_call_after_the_end_of_the_turn_does_not_open_it_again() {
    let server = started().await;
    let bash = || json!({"prompt_id": "p1", "tool_name": "Bash", "tool_input": {"command": "x"}});
    send(
        &server,
        "UserPromptSubmit",
        json!({"prompt_id": "p1", "prompt": "a"}),
    )
    .await;
    send(&server, "PreToolUse", bash()).await;
    send(&server, "Stop", json!({"prompt_id": "p1"})).await;
    for late in [
        "PostToolUse",
        "PreToolUse",
        "PermissionRequest",
        "PostToolUse",
    ] {
        send(&server, late, bash()).await;
        assert_eq!(now(&server).await, "idle; Bash: x", "{late}");
    }
    send(&server, "Stop", json!({"prompt_id": "p1"})).await;
    assert_eq!(now(&server).await, "idle; Bash: x", "twice");
    send(
        &server,
        "UserPromptSubmit",
        json!({"prompt_id": "p2", "prompt": "b"}),
    )
    .await;
    assert_eq!(now(&server).await, "running, turn open; Prompt: b");
}

#[tokio::test]
async fn a_turn_that_a_person_interrupts_is_over() {
    let server = started().await;
    let call = |interrupt: bool| json!({"tool_name": "Bash", "is_interrupt": interrupt});
    send(&server, "PreToolUse", call(false)).await;
    send(&server, "PostToolUseFailure", call(false)).await;
    assert_eq!(now(&server).await, "running, turn open; Bash");
    send(&server, "PostToolUseFailure", call(true)).await;
    assert_eq!(now(&server).await, "idle; Bash");
}

#[tokio::test]
async fn after_the_end_of_a_session_late_events_change_nothing_and_a_start_continues_the_run() {
    let server = started().await;
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    let edits = json!({"tool_name": "Edit", "tool_input": {"file_path": "/w/a.rs"}});
    send(&server, "PostToolUse", edits.clone()).await;
    send(&server, "SubagentStart", json!({"agent_id": "c1"})).await;
    let before = server.get("/api/projects/alpha/agents").await.ok();
    assert_eq!(
        now(&server).await,
        "running, turn open; 1 subagents; leases a.rs; Edit a.rs"
    );
    send(&server, "SessionEnd", json!({"reason": "other"})).await;
    let gone = "idle, ended, silent; Edit a.rs";
    assert_eq!(now(&server).await, gone);
    for late in ["Stop", "PostToolUse", "SubagentStop", "SomethingNew"] {
        send(&server, late, edits.clone()).await;
        assert_eq!(now(&server).await, gone, "{late}");
    }
    send(&server, "SessionStart", json!({"source": "resume"})).await;
    assert_eq!(now(&server).await, "idle; Edit a.rs");
    let after = server.get("/api/projects/alpha/agents").await.ok();
    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_eq!(
        after[0]["run"]["id"], before[0]["run"]["id"],
        "the same run"
    );
}

#[tokio::test]
async fn a_wait_ends_with_its_own_tool_call_and_not_with_those_beside_it() {
    let server = started().await;
    let call = |command: &str| json!({"tool_name": "Bash", "tool_input": {"command": command}});
    let waits = "waiting, turn open; permission: Bash: push [Allow, Deny]; ";
    send(&server, "PreToolUse", call("push")).await;
    send(&server, "PermissionRequest", call("push")).await;
    assert_eq!(now(&server).await, format!("{waits}Bash: push"));
    // Of the same call, outrun by the request, and of others that run beside it.
    send(&server, "PreToolUse", call("push")).await;
    send(&server, "PreToolUse", call("test")).await;
    send(&server, "PostToolUse", call("test")).await;
    assert_eq!(now(&server).await, format!("{waits}Bash: test"));
    let questions = || server.get("/api/projects/alpha/questions");
    let asked = questions().await.ok();
    let reminder = json!({"notification_type": "permission_prompt", "message": "m"});
    send(&server, "Notification", reminder).await;
    send(&server, "PermissionRequest", call("push")).await;
    assert_eq!(questions().await.ok(), asked, "no second question");
    let child = json!({"agent_id": "c1", "tool_name": "Read", "tool_input": {"file_path": "/w/b"}});
    send(&server, "PostToolUse", child).await;
    assert!(
        now(&server).await.starts_with("waiting"),
        "a subagent works on"
    );
    send(&server, "PostToolUse", call("push")).await;
    assert!(now(&server).await.starts_with("running"));
    let closed = questions().await.ok();
    assert_eq!(closed[0]["outcome"], "resumed");
}

#[tokio::test]
async fn a_reminder_of_a_permission_lets_no_other_call_end_the_wait() {
    let server = started().await;
    let call = |command: &str| json!({"tool_name": "Bash", "tool_input": {"command": command}});
    send(&server, "PreToolUse", call("test")).await;
    send(&server, "PermissionRequest", call("push")).await;
    let reminder = json!({"notification_type": "permission_prompt", "message": "m"});
    send(&server, "Notification", reminder).await;
    send(&server, "PostToolUse", call("test")).await;
    assert!(now(&server).await.starts_with("waiting"), "it ran beside");
    send(&server, "PostToolUse", call("push")).await;
    assert!(now(&server).await.starts_with("running"));
}

#[tokio::test]
async fn what_an_agent_asks_by_itself_stands_when_its_turn_ends() {
    let server = started().await;
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    let asks = json!({"waiting_for": {"kind": "question", "text": "Which one?"}});
    server
        .put(&format!("/api/projects/alpha/agents/{AGENT}"), asks)
        .await
        .ok();
    let call = json!({"tool_name": "Bash", "tool_input": {"command": "tasktree block"}});
    send(&server, "PostToolUse", call).await;
    send(&server, "Stop", json!({})).await;
    assert!(
        now(&server)
            .await
            .starts_with("waiting; question: Which one?")
    );
    send(&server, "UserPromptSubmit", json!({"prompt": "b"})).await;
    assert_eq!(now(&server).await, "running, turn open; Prompt: b");
}

#[tokio::test]
async fn what_an_agent_asks_after_a_permission_stands_when_its_turn_ends() {
    let server = started().await;
    let call = |command: &str| json!({"tool_name": "Bash", "tool_input": {"command": command}});
    send(&server, "PermissionRequest", call("push")).await;
    send(&server, "PostToolUse", call("push")).await;
    let asks = json!({"waiting_for": {"kind": "question", "text": "Which one?"}});
    server
        .put(&format!("/api/projects/alpha/agents/{AGENT}"), asks)
        .await
        .ok();
    send(&server, "PostToolUse", call("push")).await;
    send(&server, "Stop", json!({})).await;
    assert!(
        now(&server)
            .await
            .starts_with("waiting; question: Which one?")
    );
}

#[tokio::test]
async fn the_rest_of_a_turn_does_not_undo_the_end_of_the_work_and_a_prompt_begins_more() {
    let server = started().await;
    let task = server.make_task("alpha", "One").await;
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    let agent = format!("/api/projects/alpha/agents/{AGENT}");
    server
        .put(&agent, json!({"task_id": task["id"]}))
        .await
        .ok();
    server
        .put(&agent, json!({"status": "completed"}))
        .await
        .ok();
    let call = json!({"tool_name": "Bash", "tool_input": {"command": "tasktree done"}});
    send(&server, "PostToolUse", call).await;
    send(&server, "Stop", json!({})).await;
    assert_eq!(now(&server).await, "completed; Bash: tasktree done");
    send(&server, "UserPromptSubmit", json!({"prompt": "b"})).await;
    assert_eq!(now(&server).await, "running, turn open; Prompt: b");
}

#[tokio::test]
async fn the_end_of_a_turn_keeps_the_claim_and_a_failure_releases_it_with_its_reason() {
    let server = started().await;
    server.make_task("alpha", "One").await;
    let body = event("s1", "SessionStart", &json!({"source": "startup"}));
    apply(&server, "?task=1", &body).await;
    let task = || server.get("/api/projects/alpha/tasks/1");
    assert_eq!(task().await.ok()["holder"], AGENT);
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    send(&server, "Stop", json!({"last_assistant_message": "Done!"})).await;
    let held = task().await.ok();
    assert_eq!(
        held["status"], "in_progress",
        "a turn that ends is no work that is done"
    );
    assert_eq!(held["holder"], AGENT);
    send(&server, "UserPromptSubmit", json!({"prompt": "b"})).await;
    let limited = json!({"error": "rate_limit", "error_details": "retry after 60 s"});
    send(&server, "StopFailure", limited).await;
    assert_eq!(
        task().await.ok()["holder"],
        AGENT,
        "a usage limit is no failure"
    );
    send(&server, "UserPromptSubmit", json!({"prompt": "c"})).await;
    send(&server, "StopFailure", json!({"error": "server_error"})).await;
    assert_eq!(now(&server).await, "failed; Prompt: c");
    let released = task().await.ok();
    assert_eq!(released["status"], "unclaimed");
    let attempts = server
        .get("/api/projects/alpha/tasks/1/attempts")
        .await
        .ok();
    assert_eq!(attempts[0]["reason"], "server_error");
}

#[tokio::test]
async fn the_end_of_a_session_leaves_its_task_in_progress() {
    let server = started().await;
    server.make_task("alpha", "One").await;
    let body = event("s1", "SessionStart", &json!({}));
    apply(&server, "?task=1", &body).await;
    send(&server, "SessionEnd", json!({"reason": "other"})).await;
    let task = server.get("/api/projects/alpha/tasks/1").await.ok();
    assert_eq!(
        (&task["status"], &task["holder"]),
        (&json!("in_progress"), &json!(AGENT))
    );
}

#[tokio::test]
async fn a_task_that_another_agent_holds_does_not_hide_a_new_agent() {
    let server = started().await;
    server.make_task("alpha", "One").await;
    for session in ["s1", "s2"] {
        let body = event(session, "SessionStart", &json!({}));
        let answer = apply(&server, "?task=1", &body).await;
        assert_eq!(answer["agent"], format!("claude-{session}"));
    }
    let task = server.get("/api/projects/alpha/tasks/1").await.ok();
    assert_eq!(task["holder"], AGENT);
}

#[tokio::test]
async fn a_subagent_is_a_run_below_its_session_and_never_an_agent() {
    let server = started().await;
    let child = |id: &str| json!({"agent_id": id, "tool_name": "Read", "tool_input": {"file_path": "/w/b"}});
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    send(&server, "SubagentStart", child("c1")).await;
    send(&server, "PostToolUse", child("c2")).await;
    send(&server, "SubagentStop", child("c1")).await;
    send(&server, "PostToolUse", child("c1")).await;
    let agents = server.get("/api/projects/alpha/agents").await.ok();
    assert_eq!(agents.as_array().unwrap().len(), 1);
    assert_eq!(agents[0]["children"], 1, "the one that ended stays ended");
    let runs = server
        .get(&format!("/api/projects/alpha/agents/{AGENT}/runs"))
        .await
        .ok();
    let sessions: Vec<_> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            (
                run["session"].as_str().unwrap(),
                run["ended_at"].is_string(),
            )
        })
        .collect();
    assert_eq!(sessions, [("c2", false), ("c1", true), ("s1", false)]);
    send(&server, "SessionStart", json!({"source": "resume"})).await;
    let agents = server.get("/api/projects/alpha/agents").await.ok();
    assert_eq!(agents[0]["children"], 0, "its process was started again");
}

#[tokio::test]
async fn subagents_of_a_finished_agent_end_when_its_process_starts_again() {
    let server = started().await;
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    send(&server, "SubagentStart", json!({"agent_id": "c1"})).await;
    let agent = format!("/api/projects/alpha/agents/{AGENT}");
    let done = json!({"status": "completed"});
    server.put(&agent, done).await.ok();
    send(&server, "SessionStart", json!({"source": "resume"})).await;
    send(&server, "UserPromptSubmit", json!({"prompt": "b"})).await;
    assert_eq!(now(&server).await, "running, turn open; Prompt: b");
}

#[tokio::test]
async fn a_session_below_another_is_its_subagent() {
    let server = started().await;
    let happens = |kind: &str, properties: Value| json!({"directory": "/w", "event": {"type": kind, "properties": properties}});
    let created = |id: &str, parent: Option<&str>| {
        happens(
            "session.created",
            json!({"info": {"id": id, "parentID": parent}}),
        )
    };
    let is = |id: &str, state: &str| {
        happens(
            "session.status",
            json!({"sessionID": id, "status": {"type": state}}),
        )
    };
    for body in [
        created("ses_a", None),
        is("ses_a", "busy"),
        created("ses_b", Some("ses_a")),
        is("ses_b", "busy"),
    ] {
        apply(&server, "", &body).await;
    }
    let agents = || server.get("/api/projects/alpha/agents");
    let found = agents().await.ok();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["children"], 1);
    apply(&server, "", &is("ses_b", "idle")).await;
    let found = agents().await.ok();
    assert_eq!(
        (&found[0]["status"], &found[0]["children"]),
        (&json!("running"), &json!(0))
    );
}

#[tokio::test]
async fn the_successor_of_a_killed_session_ends_its_open_turn() {
    let server = started().await;
    send(&server, "UserPromptSubmit", json!({"prompt": "a"})).await;
    let elsewhere = json!({"session_id": "s9", "cwd": "/w/sub", "hook_event_name": "SessionStart"});
    apply(&server, "", &elsewhere).await;
    assert!(now(&server).await.contains("turn open"), "another folder");
    let starts = event("s2", "SessionStart", &json!({"source": "startup"}));
    apply(&server, "", &starts).await;
    assert_eq!(now(&server).await, "running; Prompt: a");
    // It lives: its next event opens the turn again.
    send(&server, "PostToolUse", json!({"tool_name": "Read"})).await;
    assert_eq!(now(&server).await, "running, turn open; Read");
}

#[tokio::test]
async fn two_sessions_whose_ids_begin_alike_are_two_agents() {
    let server = started().await;
    for session in ["019a9c40-aaaa", "019a9c40-bbbb"] {
        let body = event(session, "SessionStart", &json!({}));
        apply(&server, "", &body).await;
    }
    let agents = server.get("/api/projects/alpha/agents").await.ok();
    let names: Vec<_> = agents
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(names, ["claude-019a9c40", "claude-019a9c40bbbb"]);
}
