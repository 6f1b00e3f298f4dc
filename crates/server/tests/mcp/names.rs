//! The caller and the project of a request.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::wire::{LEGACY, MODERN, request, send};

fn next(server: &TestServer, meta: Value) -> RequestBuilder {
    let mut params = json!({"name": "board_next", "arguments": {}});
    params["_meta"] = meta;
    request(server, LEGACY[1], "tools/call", params)
}

async fn object(request: RequestBuilder) -> Value {
    send(request).await.ok()["result"]["structuredContent"].clone()
}

async fn with_tasks() -> TestServer {
    let server = TestServer::start().await;
    let new = json!({"id": "alpha", "name": "Alpha", "path": "/w"});
    server.post("/api/projects", new).await.ok();
    for number in 0..10 {
        server.make_task("alpha", &format!("t{number}")).await;
    }
    server
}

#[tokio::test]
async fn the_header_comes_before_the_address_and_that_before_the_session() {
    let server = with_tasks().await;
    let meta = json!({"threadId": "019a9c40-8a71-7d10"});
    let named = next(&server, meta.clone()).header("tasktree-agent", "ann");
    assert_eq!(object(named).await["agent"], "ann");
    let params = json!({"name": "board_next", "arguments": {}, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let address = server.request(reqwest::Method::POST, "/mcp?agent=bob%20b&project=alpha");
    assert_eq!(object(address.json(&body)).await["agent"], "bob b");
    assert_eq!(object(next(&server, meta)).await["agent"], "codex-019a9c40");
    let runs = server
        .get("/api/projects/alpha/agents/codex-019a9c40/runs")
        .await
        .ok();
    assert_eq!(runs[0]["source"], "codex");
    let own = server.get("/api/projects/alpha/agents/ann/runs").await.ok();
    assert_eq!(own[0]["source"], "mcp");
}

#[tokio::test]
async fn nobody_claims_without_a_name_and_everybody_reads() {
    let server = with_tasks().await;
    let refusal = object(next(&server, json!({}))).await;
    assert_eq!(refusal["code"], "no_agent");
    assert!(
        refusal["message"]
            .as_str()
            .unwrap()
            .contains("TaskTree-Agent")
    );
    let params = json!({"name": "board_create", "arguments": {"title": "x"}});
    let refusal = object(request(&server, MODERN, "tools/call", params)).await;
    assert_eq!(refusal["code"], "no_agent");
    let params = json!({"name": "board_list", "arguments": {}});
    let list = object(request(&server, MODERN, "tools/call", params)).await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_tool_call_belongs_to_the_session_whose_hook_told_of_it() {
    let server = with_tasks().await;
    let session = "7c1c8b1e-53f0-4b5e-8a49-1de0f5a0c2b1";
    let start = json!({"session_id": session, "cwd": "/w", "hook_event_name": "SessionStart"});
    let path = "/api/hooks/claude-code/context";
    let agent = server.post(path, start).await.ok()["agent"].clone();
    let hook = json!({
        "session_id": session,
        "cwd": "/w",
        "hook_event_name": "PreToolUse",
        "tool_name": "mcp__tasktree__board_next",
        "tool_use_id": "toolu_1",
    });
    let call = next(&server, json!({"claudecode/toolUseId": "toolu_1"}));
    let hooked = async {
        // The hook may come a moment after the call.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        server.post("/api/hooks/claude-code", hook).await.status
    };
    let (found, status) = tokio::join!(object(call), hooked);
    assert_eq!((&found["agent"], status), (&agent, 204));
    let unknown = object(next(&server, json!({"claudecode/toolUseId": "toolu_2"}))).await;
    assert_eq!(unknown["code"], "no_agent");
}

#[tokio::test]
async fn with_several_projects_a_call_names_one() {
    let server = with_tasks().await;
    server.make_project("beta").await;
    let refusal = object(next(&server, json!({})).header("tasktree-agent", "ann")).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(
        message.contains("alpha, beta") && message.contains("TaskTree-Project"),
        "{message}"
    );
    let named = next(&server, json!({}))
        .header("tasktree-agent", "ann")
        .header("tasktree-project", "alpha");
    assert_eq!(object(named).await["task"]["number"], 1);
    let wrong = next(&server, json!({}))
        .header("tasktree-agent", "ann")
        .header("tasktree-project", "gamma");
    assert_eq!(object(wrong).await["code"], "not_found");
}
