//! The doors for hooks: answers, access, places, folding, context, decisions, secrets.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tasktree_server::auth::Principal;
use tasktree_server::config::SignIn;
use tasktree_server::hooks::CallOf;
use tokio::time::{Instant, sleep};

use crate::hook_support::{apply, event, started, state};
use crate::support::{Answer, TestServer};

async fn post(server: &TestServer, body: &Value) -> u16 {
    let answer = server.post("/api/hooks/claude-code", body.clone()).await;
    assert_eq!(answer.text, "");
    answer.status
}

/// Waits until a condition holds, for at most ten seconds.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(Instant::now() < end, "it never came true");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Returns the value of a metric; 0 if it is missing.
async fn metric(server: &TestServer, name: &str) -> u64 {
    let text = server.get("/metrics").await.text;
    let line = text.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.rsplit(' ').next());
    number.map_or(0, |number| number.parse().unwrap())
}

#[tokio::test]
async fn an_event_is_answered_with_nothing_whatever_it_says() {
    let server = started().await;
    for body in [
        event("s1", "PreToolUse", &json!({"tool_name": "Bash"})),
        event("s1", "SomethingNew", &json!({"shape": [1, {"a": null}]})),
        json!({"session_id": "s1"}),
        json!({}),
        json!([1, 2]),
        json!(null),
        json!("text"),
    ] {
        assert_eq!(post(&server, &body).await, 204, "{body}");
    }
    let unknown = server.post("/api/hooks/emacs", json!({"cwd": "/w"})).await;
    assert_eq!(unknown.status, 204);
    let path = "/api/hooks/claude-code";
    let plain = server.request(Method::POST, path).body("{\"a\": 1}");
    assert_eq!(plain.send().await.unwrap().status(), 204, "no content type");
    let broken = server.request(Method::POST, path).body("{\"a\": ");
    let broken = Answer::of(broken.send().await.unwrap()).await.refused(400);
    assert!(broken.as_str().unwrap().contains("not JSON"));
    let large = json!({"session_id": "s1", "text": "x".repeat(1 << 20)});
    assert_eq!(server.post(path, large).await.status, 413);
    assert!(
        metric(
            &server,
            "tasktree_hooks_received_total{source=\"claude-code\"}"
        )
        .await
            > 0
    );
    assert!(
        metric(
            &server,
            "tasktree_hooks_dropped_total{reason=\"no_session\"}"
        )
        .await
            > 0
    );
}

#[tokio::test]
async fn activity_is_folded_and_ends_are_written_at_once() {
    let server = started().await;
    for number in 0..200 {
        let input = json!({"tool_name": "Bash", "tool_input": {"command": format!("n{number}")}});
        assert_eq!(
            post(&server, &event("s1", "PostToolUse", &input)).await,
            204
        );
    }
    let stops = event("s1", "Stop", &json!({}));
    assert_eq!(post(&server, &stops).await, 204);
    until(async || {
        let answer = server.get("/api/projects/alpha/agents/claude-s1").await;
        answer.status == 200 && answer.json()["status"] == "idle"
    })
    .await;
    let events = server.events().await;
    let told = events
        .iter()
        .filter(|(kind, _)| kind == "agent_status_update");
    assert!(told.count() < 12, "{events:#?}");
    let seen = server.get("/api/hooks?project=alpha").await.ok();
    assert_eq!(seen[0]["events"], 201);
    assert_eq!(seen[0]["last_event"], "Stop");
    let agent = server
        .get("/api/projects/alpha/agents/claude-s1")
        .await
        .ok();
    assert_eq!(agent["last_activity"], "Bash: n199");
}

#[tokio::test]
async fn twenty_agents_at_once_are_twenty_agents() {
    let server = started().await;
    let agents = (0..20).map(async |number| {
        let session = format!("{number:02}-session");
        for round in 0..10 {
            let input = json!({"tool_name": "Edit", "tool_input": {"file_path": format!("/w/{number}/{round}.rs")}});
            assert_eq!(post(&server, &event(&session, "PreToolUse", &input)).await, 204);
            assert_eq!(post(&server, &event(&session, "PostToolUse", &input)).await, 204);
        }
        assert_eq!(post(&server, &event(&session, "Stop", &json!({}))).await, 204);
    });
    futures_util::future::join_all(agents).await;
    until(async || {
        let agents = server.get("/api/projects/alpha/agents").await.ok();
        let agents = agents.as_array().unwrap().clone();
        agents.len() == 20 && agents.iter().all(|agent| agent["status"] == "idle")
    })
    .await;
    let leases = server.get("/api/projects/alpha/leases").await.ok();
    assert_eq!(leases["leases"].as_array().unwrap().len(), 200);
    assert_eq!(metric(&server, "tasktree_hooks_failed_total").await, 0);
}

#[tokio::test]
async fn events_that_wait_are_applied_before_the_server_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.db");
    let database = || tasktree_server::config::Database::File(file.clone());
    let server = TestServer::with(|config| config.database = database()).await;
    let new = json!({"id": "alpha", "name": "Alpha", "path": "/w"});
    server.post("/api/projects", new).await.ok();
    for command in ["one", "two"] {
        let input = json!({"tool_name": "Bash", "tool_input": {"command": command}});
        post(&server, &event("s1", "PreToolUse", &input)).await;
    }
    server.stop().await;
    let server = TestServer::with(|config| config.database = database()).await;
    let agent = server
        .get("/api/projects/alpha/agents/claude-s1")
        .await
        .ok();
    assert_eq!(agent["last_activity"], "Bash: two");
    let seen = server.get("/api/hooks").await.ok();
    assert_eq!(seen[0]["events"], 2);
    assert_eq!(seen[0]["source"], "claude-code");
}

#[tokio::test]
async fn an_event_goes_to_the_project_that_is_named_or_whose_folder_it_is_in() {
    let server = started().await;
    let other = json!({"id": "beta", "name": "Beta", "path": "/w/beta"});
    server.post("/api/projects", other).await.ok();
    let place = async |query: &str, folder: &str| {
        let body = json!({"session_id": folder, "cwd": folder, "hook_event_name": "SessionStart"});
        apply(&server, query, &body).await["project"].clone()
    };
    assert_eq!(place("", "/w/src").await, "alpha");
    assert_eq!(place("", "/w/beta/src").await, "beta");
    assert_eq!(place("?project=alpha", "/w/beta").await, "alpha");
    assert_eq!(place("", "/elsewhere").await, Value::Null);
    assert_eq!(metric(&server, "tasktree_hooks_unplaced_total").await, 1);
    // A session stays where it began, wherever its agent goes.
    let moved = json!({"session_id": "/w/src", "cwd": "/elsewhere", "hook_event_name": "Stop"});
    assert_eq!(apply(&server, "", &moved).await["project"], "alpha");
    let tree = server
        .request(Method::POST, "/api/hooks/codex/context")
        .header("TaskTree-Git-Dir", "/w/beta/.git")
        .json(&json!({"session_id": "tree", "turn_id": "1", "cwd": "/trees/1", "hook_event_name": "SessionStart"}));
    let tree = Answer::of(tree.send().await.unwrap()).await.ok();
    assert_eq!(
        (&tree["project"], &tree["agent"]),
        (&json!("beta"), &json!("codex-tree"))
    );
}

#[tokio::test]
async fn an_event_for_a_project_that_does_not_exist_leaves_nothing() {
    let server = started().await;
    let body = event("s1", "Stop", &json!({}));
    let path = "/api/hooks/claude-code";
    let context = format!("{path}/context?project=nope");
    assert_eq!(server.post(&context, body.clone()).await.status, 404);
    assert_eq!(
        server
            .post(&format!("{path}?project=nope"), body)
            .await
            .status,
        204
    );
    until(async || metric(&server, "tasktree_hooks_failed_total").await == 2).await;
    assert_eq!(server.get("/api/hooks").await.ok(), json!([]));
    assert_eq!(server.get("/api/hooks?project=nope").await.ok(), json!([]));
}

#[tokio::test]
async fn an_agent_that_is_named_later_is_the_one_of_its_session() {
    let server = started().await;
    apply(&server, "", &event("s1", "SessionStart", &json!({}))).await;
    let named = apply(
        &server,
        "?agent=claude-s1",
        &event("s1", "UserPromptSubmit", &json!({})),
    )
    .await;
    assert_eq!(named["agent"], "claude-s1");
    apply(&server, "", &event("s1", "Stop", &json!({}))).await;
    let late = event("s1", "PostToolUse", &json!({"tool_name": "Bash"}));
    apply(&server, "?agent=claude-s1", &late).await;
    assert_eq!(state(&server, "alpha", "claude-s1").await, "idle");
}

#[tokio::test]
async fn the_project_of_a_folder_is_found_or_the_choices_are_named() {
    let server = TestServer::start().await;
    let refused = server.get("/api/folder?path=/w").await.refused(404);
    assert!(refused.as_str().unwrap().contains("Create one"));
    let new = json!({"id": "alpha", "name": "Alpha", "path": "/w"});
    server.post("/api/projects", new).await.ok();
    let found = async |query: &str| server.get(&format!("/api/folder?{query}")).await;
    assert_eq!(
        found("path=/elsewhere").await.ok()["project"],
        "alpha",
        "the only one"
    );
    server.make_project("beta").await;
    assert_eq!(found("path=/w/src").await.ok()["project"], "alpha");
    assert_eq!(
        found("path=/x&git_dir=/w/.git").await.ok()["project"],
        "alpha"
    );
    let refused = found("path=/elsewhere").await.refused(404);
    let refused = refused.as_str().unwrap();
    assert!(refused.contains("'alpha' (/w), 'beta'"), "{refused}");
    assert_eq!(found("git_dir=/w/.git").await.status, 422);
}

#[tokio::test]
async fn the_agent_of_a_session_is_found_by_its_runs() {
    let server = started().await;
    apply(
        &server,
        "?agent=ada",
        &event("s1", "SessionStart", &json!({})),
    )
    .await;
    let runs = server
        .get("/api/projects/alpha/runs?source=claude-code&session=s1")
        .await
        .ok();
    assert_eq!(runs[0]["agent"], "ada");
    assert_eq!(runs[0]["run"]["machine"], "m1");
    assert_eq!(runs[0]["run"]["folder"], "/w");
    let none = "/api/projects/alpha/runs?source=codex&session=s1";
    assert_eq!(server.get(none).await.ok(), json!([]));
    assert_eq!(server.get("/api/projects/alpha/runs").await.status, 422);
}

#[tokio::test]
async fn secrets_and_texts_of_prompts_and_files_are_not_stored() {
    let server = started().await;
    let secret = "hunter2hunter2";
    for body in [
        event(
            "s1",
            "UserPromptSubmit",
            &json!({"prompt": format!("password={secret} {}", "x".repeat(5000))}),
        ),
        event(
            "s1",
            "PreToolUse",
            &json!({"tool_name": "Bash",
            "tool_input": {"command": format!("curl -H 'Authorization: Bearer {secret}' https://u:{secret}@host")}}),
        ),
        event(
            "s1",
            "PostToolUse",
            &json!({"tool_name": "Write",
            "tool_input": {"file_path": "/w/a.rs", "content": secret}, "tool_response": secret}),
        ),
        event(
            "s1",
            "PermissionRequest",
            &json!({"tool_name": "Bash",
            "tool_input": {"command": format!("API_KEY={secret} deploy")}}),
        ),
        event(
            "s1",
            "TaskCreated",
            &json!({"task_subject": format!("token: {secret}")}),
        ),
        event(
            "s1",
            "Stop",
            &json!({"last_assistant_message": format!("the secret={secret}")}),
        ),
        event(
            "s1",
            "StopFailure",
            &json!({"error": "x", "error_details": format!("--token {secret}")}),
        ),
    ] {
        apply(&server, "", &body).await;
    }
    for path in [
        "agents",
        "questions",
        "logs",
        "changes",
        "events",
        "leases",
        "agents/claude-s1/runs",
    ] {
        let answer = server.get(&format!("/api/projects/alpha/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains(secret), "{path}: {}", answer.text);
        assert!(answer.text.len() < 60_000, "{path}: {}", answer.text.len());
    }
    let questions = server.get("/api/projects/alpha/questions").await.ok();
    assert_eq!(questions[0]["text"], "Bash: API_KEY=[secret] deploy");
}

#[tokio::test]
async fn the_context_names_the_agent_and_its_task_and_hands_out_answers() {
    let server = started().await;
    server.make_task("alpha", "Sum the lines").await;
    let starts = event("s1", "SessionStart", &json!({}));
    let first = apply(&server, "", &starts).await;
    assert_eq!(
        (&first["agent"], &first["project"]),
        (&json!("claude-s1"), &json!("alpha"))
    );
    let text = first["context"].as_str().unwrap();
    assert!(text.contains("You are the agent claude-s1") && text.contains("You hold no task"));
    for verb in ["tasktree next", "tasktree done", "tasktree block"] {
        assert!(text.contains(verb), "{text}");
    }
    let agent = "/api/projects/alpha/agents/claude-s1";
    server.put(agent, json!({"task_id": 1})).await.ok();
    let asks = json!({"waiting_for": {"kind": "question", "text": "Which one?"}});
    let asked = server.put(agent, asks).await.ok();
    let question = asked["waiting_for"]["request"].as_str().unwrap().to_owned();
    let answers = format!("/api/projects/alpha/questions/{question}/answers");
    server
        .post(&answers, json!({"text": "The second"}))
        .await
        .ok();
    for number in 0..6 {
        let message = json!({"from": "ann", "body": format!("note {number} {}", "é".repeat(200))});
        server
            .post(&format!("{agent}/messages"), message)
            .await
            .ok();
    }
    let prompt = event("s1", "UserPromptSubmit", &json!({"prompt": "go on"}));
    let second = apply(&server, "", &prompt).await;
    let text = second["context"].as_str().unwrap();
    assert!(text.contains("task #1: Sum the lines"), "{text}");
    assert!(text.contains("to your question: The second"), "{text}");
    assert!(text.contains("Message from ann: note 0"), "{text}");
    assert!(text.contains("tasktree inbox"), "{text}");
    assert!(text.len() <= 1024, "{}", text.len());
    let questions = server.get("/api/projects/alpha/questions").await.ok();
    assert_eq!(questions[0]["outcome"], "answered");
    assert!(questions[0]["answers"][0]["delivered_at"].is_string());
    let nowhere = server
        .post("/api/hooks/claude-code/context", json!({}))
        .await;
    assert_eq!(
        nowhere.ok(),
        json!({"agent": null, "project": null, "context": ""})
    );
}

/// Asks for a permission and waits for the decision; `meanwhile` gets the number of the question.
async fn decided(server: &TestServer, wait: u32, meanwhile: impl AsyncFnOnce(u64)) -> Value {
    let input = json!({"tool_name": "Bash", "tool_input": {"command": "push"}});
    let body = event("s1", "PermissionRequest", &input);
    let path = format!("/api/hooks/claude-code/decision?wait={wait}");
    let asking = server.post(&path, body);
    let answering = async {
        let mut question = None;
        until(async || {
            let open = server
                .get("/api/projects/alpha/questions?open=true")
                .await
                .ok();
            question = open[0]["id"].as_u64();
            question.is_some()
        })
        .await;
        meanwhile(question.unwrap()).await;
    };
    let (answer, ()) = tokio::join!(asking, answering);
    answer.ok()
}

#[tokio::test]
async fn a_decision_is_the_answer_of_a_person() {
    let server = started().await;
    for (text, expected) in [
        ("Allow", json!({"decision": "allow", "message": null})),
        ("Deny", json!({"decision": "deny", "message": null})),
        (
            "Use a branch",
            json!({"decision": "deny", "message": "Use a branch"}),
        ),
    ] {
        let decision = decided(&server, 30, async |question| {
            let path = format!("/api/projects/alpha/questions/{question}/answers");
            server.post(&path, json!({"text": text})).await.ok();
        });
        assert_eq!(decision.await, expected);
        until(async || {
            let agent = server
                .get("/api/projects/alpha/agents/claude-s1")
                .await
                .ok();
            agent["status"] == "running"
        })
        .await;
        let questions = server.get("/api/projects/alpha/questions").await.ok();
        assert_eq!(questions[0]["outcome"], "answered");
    }
}

#[tokio::test]
async fn without_a_decision_the_terminal_asks() {
    let server = started().await;
    let nobody = json!({"decision": null, "message": null});
    assert_eq!(
        decided(&server, 1, async |_| {}).await,
        nobody,
        "nobody answers"
    );
    let terminal = decided(&server, 30, async |_| {
        let input = json!({"tool_name": "Bash", "tool_input": {"command": "push"}});
        apply(&server, "", &event("s1", "PostToolUse", &input)).await;
    });
    assert_eq!(terminal.await, nobody, "the terminal answered");
    let path = "/api/hooks/claude-code/decision?wait=30";
    let other = server
        .post(path, event("s1", "PreToolUse", &json!({})))
        .await;
    assert_eq!(other.ok(), nobody, "no request for permission");
    assert_eq!(server.post(path, json!({})).await.ok(), nobody);
}

#[tokio::test]
async fn requests_for_a_decision_end_with_the_server() {
    let server = started().await;
    let client = server.client.clone();
    let url = server.url("/api/hooks/claude-code/decision?wait=600");
    let body = event("s1", "PermissionRequest", &json!({"tool_name": "Bash"}));
    let asking = tokio::spawn(async move { client.post(url).json(&body).send().await });
    until(async || {
        let open = server
            .get("/api/projects/alpha/questions?open=true")
            .await
            .ok();
        open[0]["id"].is_u64()
    })
    .await;
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4));
    let answer = Answer::of(asking.await.unwrap().unwrap()).await.ok();
    assert_eq!(answer["decision"], Value::Null);
}

#[tokio::test]
async fn the_agent_of_a_tool_call_is_known_before_the_hook_is_answered() {
    let server = started().await;
    let input =
        json!({"tool_name": "mcp__tasktree__next", "tool_use_id": "tu-1", "agent_id": "c1"});
    assert_eq!(post(&server, &event("s1", "PreToolUse", &input)).await, 204);
    let find = async |principal: &Principal, call: &str| {
        let patience = Duration::from_millis(500);
        server
            .state
            .hooks
            .agent_of_call(principal, call, patience)
            .await
    };
    let found = find(&Principal::local(), "tu-1").await;
    let expected = CallOf {
        project: "alpha".into(),
        agent: "claude-s1".into(),
        subagent: Some("c1".to_owned()),
    };
    assert_eq!(found, Some(expected));
    assert_eq!(find(&Principal::local(), "tu-2").await, None);
    let other = Principal::shared(tasktree_server::auth::Access::new("other"));
    assert_eq!(find(&other, "tu-1").await, None, "another caller's");
}

/// Returns a server on which everybody signs in, the secret of its administrator, and a function
/// that makes tokens.
async fn signed_in() -> (TestServer, String) {
    let server = TestServer::with(|config| {
        config.sign_in = Some(SignIn::Required);
        config.token = "a-long-secret-of-an-administrator".parse().ok();
    })
    .await;
    let secret = "a-long-secret-of-an-administrator".to_owned();
    let new = json!({"id": "alpha", "name": "Alpha", "path": "/w"});
    let made = server
        .request(Method::POST, "/api/projects")
        .bearer_auth(&secret);
    assert_eq!(made.json(&new).send().await.unwrap().status(), 200);
    (server, secret)
}

async fn with(server: &TestServer, secret: &str, path: &str, body: &Value) -> Answer {
    let request = server.request(Method::POST, path).bearer_auth(secret);
    Answer::of(request.json(body).send().await.unwrap()).await
}

#[tokio::test]
async fn an_agents_token_owns_what_it_registers_and_speaks_for_no_other() {
    let (server, admin) = signed_in().await;
    let token = async |name: &str, role: &str| {
        let new = json!({"name": name, "role": role, "project": "alpha"});
        let made = with(&server, &admin, "/api/tokens", &new).await.ok();
        made["secret"].as_str().unwrap().to_owned()
    };
    let (one, two) = (token("one", "agent").await, token("two", "agent").await);
    let viewer = token("vi", "viewer").await;
    let body = event("s1", "SessionStart", &json!({}));
    let path = "/api/hooks/claude-code/context";
    let mine = with(&server, &one, path, &body).await.ok();
    assert_eq!(mine["agent"], "claude-s1");
    let again = event("s1", "UserPromptSubmit", &json!({"prompt": "a"}));
    assert_eq!(
        with(&server, &one, path, &again).await.ok()["agent"],
        "claude-s1"
    );
    assert_eq!(with(&server, &two, path, &again).await.status, 403);
    let hook = "/api/hooks/claude-code";
    assert_eq!(
        with(&server, &two, hook, &again).await.status,
        204,
        "applied later, and refused"
    );
    assert_eq!(with(&server, &viewer, hook, &again).await.status, 403);
    assert_eq!(with(&server, "tt_wrong", hook, &again).await.status, 401);
    let none = server.post(hook, again.clone()).await;
    assert_eq!(none.status, 401);
    let runs = "/api/projects/alpha/agents/claude-s1/runs";
    let other = json!({"source": "api", "session": "x"});
    assert_eq!(with(&server, &two, runs, &other).await.status, 403);
    assert_eq!(with(&server, &one, runs, &other).await.status, 200);
}

#[tokio::test]
async fn changes_by_hooks_are_of_the_agent() {
    let server = started().await;
    apply(&server, "", &event("s1", "SessionStart", &json!({}))).await;
    let events = server.events().await;
    let actors: Vec<_> = events.iter().map(|(_, actor)| actor.as_str()).collect();
    assert!(actors.contains(&"agent:claude-s1"), "{actors:?}");
    assert!(
        !actors
            .iter()
            .skip(1)
            .any(|actor| actor.starts_with("human")),
        "{actors:?}"
    );
}

#[tokio::test]
async fn two_agents_that_edit_one_file_see_each_other() {
    let server = started().await;
    let edits = json!({"tool_name": "Edit", "tool_input": {"file_path": "/w/src/a.rs"}});
    for session in ["s1", "s2"] {
        apply(&server, "", &event(session, "PreToolUse", &edits)).await;
    }
    let outside = json!({"tool_name": "Edit", "tool_input": {"file_path": "/etc/hosts"}});
    apply(&server, "", &event("s1", "PreToolUse", &outside)).await;
    let leases = server.get("/api/projects/alpha/leases").await.ok();
    let leases = leases["leases"].as_array().unwrap().clone();
    assert_eq!(leases.len(), 2);
    assert_eq!(leases[0]["conflicts"], json!(["claude-s2"]));
    assert_eq!(
        state(&server, "alpha", "claude-s2").await,
        "running, turn open; leases src/a.rs; Edit src/a.rs"
    );
}
