//! Malformed requests, and their refusals.

use crate::support::{Answer, TestServer};
use reqwest::Method;
use serde_json::json;
use tasktree_server::http::{MAX_BODY_BYTES, MAX_IMPORT_BYTES};

const TASKS: &str = "/api/projects/alpha/tasks";

#[tokio::test]
async fn unknown_paths_wrong_methods_and_trailing_slashes_are_refused_as_ever() {
    let server = TestServer::with_project().await;
    for path in [
        "/api/nope",
        "/api",
        "/api/projects/",
        "/api/projects/alpha/tasks/",
        "/api/filesystem/browse",
        "/api/mcp/list",
    ] {
        assert_eq!(
            server.get(path).await.refused(404),
            "API endpoint not found",
            "{path}"
        );
    }
    for path in [
        "/api/projects/alpha/agents/monitor",
        "/api/projects/alpha/agents/a/launch-iterm",
        "/api/filesystem/create-folder",
    ] {
        let refused = server.post(path, json!(null)).await;
        assert!(
            matches!(refused.status, 404 | 405),
            "{path}: {}",
            refused.text
        );
    }
    let wrong = server
        .send(Method::PATCH, "/api/projects/alpha", None)
        .await;
    assert!(wrong.header("allow").contains("GET"), "{:?}", wrong.headers);
    assert_eq!(wrong.refused(405), "Method Not Allowed");
    assert_eq!(
        server.post("/p/alpha", json!(null)).await.refused(405),
        "Method Not Allowed"
    );
}

#[tokio::test]
async fn a_body_that_is_no_json_says_where_it_stops_being_one() {
    let server = TestServer::with_project().await;
    let send = |content_type: &'static str, body: &'static str| {
        let request = server
            .request(Method::POST, "/api/projects")
            .header("content-type", content_type)
            .body(body);
        async move { Answer::of(request.send().await.unwrap()).await.refused(422) }
    };
    let broken = send("application/json", "{nope").await;
    assert_eq!(broken[0]["type"], "json_invalid");
    assert_eq!(broken[0]["loc"], json!(["body", 1]));
    assert_eq!(
        (&broken[0]["msg"], &broken[0]["input"]),
        (&json!("JSON decode error"), &json!({}))
    );
    assert!(broken[0]["ctx"]["error"].is_string());
    assert_eq!(
        send("application/json", "{\n\"id\": \u{1}}").await[0]["loc"],
        json!(["body", 8])
    );
    let form = send("application/x-www-form-urlencoded", "id=alpha").await;
    assert_eq!(
        (&form[0]["type"], &form[0]["loc"]),
        (&json!("dict_type"), &json!(["body"]))
    );
    assert!(
        form[0]["msg"]
            .as_str()
            .unwrap()
            .contains("application/json"),
        "{form}"
    );
    let empty = send("application/json", "").await;
    assert_eq!(
        empty,
        json!([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}])
    );
    let suffixed = send("application/vnd.api+json; charset=utf-8", "[]").await;
    assert_eq!(suffixed[0]["msg"], "Input should be a valid dictionary");
}

#[tokio::test]
async fn a_member_that_a_body_gives_twice_is_refused_and_nothing_is_made() {
    let server = TestServer::with_project().await;
    for (path, body) in [
        (TASKS, r#"{"title": "One", "title": "Two"}"#),
        (TASKS, r#"{"title": "One", "ti\u0074le": "Two"}"#),
        (TASKS, r#"{"title": "One", "source": {"a": 1, "a": 2}}"#),
        (
            "/api/projects/alpha/import",
            r#"{"tasks": [], "tasks": []}"#,
        ),
        (
            "/api/projects/alpha/import",
            r#"{"tasks": [{"source": "1", "title": "One", "title": "Two"}]}"#,
        ),
    ] {
        let request = server
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body);
        let refused = Answer::of(request.send().await.unwrap()).await.refused(422);
        assert_eq!(refused[0]["type"], "given_twice", "{body}: {refused}");
        let said = refused[0]["ctx"]["error"].as_str().unwrap();
        assert!(said.contains("is given more than once at line 1"), "{said}");
    }
    assert_eq!(server.get(TASKS).await.ok(), json!([]));
}

#[tokio::test]
async fn a_body_of_ten_thousand_levels_is_refused_and_the_server_lives_on() {
    let server = TestServer::with_project().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let request = server
        .request(Method::POST, TASKS)
        .header("content-type", "application/json")
        .body(deep);
    assert_eq!(
        Answer::of(request.send().await.unwrap()).await.refused(422)[0]["type"],
        "json_invalid"
    );
    assert_eq!(server.get("/health").await.ok()["status"], "ok");
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_an_import_may_be_larger() {
    let server = TestServer::with_project().await;
    let text = "x".repeat(MAX_BODY_BYTES);
    let refused = server
        .post(TASKS, json!({"title": "t", "description": text}))
        .await
        .refused(413);
    assert!(refused.as_str().unwrap().contains("1 MiB"), "{refused}");
    let import = "/api/projects/alpha/import";
    let spaces = " ".repeat(MAX_BODY_BYTES);
    let request = server
        .request(Method::POST, import)
        .header("content-type", "application/json")
        .body(format!("{{\"tasks\": []{spaces}}}"));
    Answer::of(request.send().await.unwrap()).await.ok();
    let text = "x".repeat(MAX_IMPORT_BYTES);
    assert_eq!(
        server.post(import, json!({"padding": text})).await.status,
        413
    );
}

#[tokio::test]
async fn a_long_wrong_text_is_not_sent_back_whole() {
    let server = TestServer::with_project().await;
    let refused = server
        .post(
            TASKS,
            json!({"title": "t", "priority": "x".repeat(100_000)}),
        )
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.len() < 2_000, "{} bytes", refused.text.len());
}

#[tokio::test]
async fn what_is_not_offered_says_what_to_use_instead() {
    let server = TestServer::with_project().await;
    for path in ["generate-plan", "generate-task-breakdown"] {
        let refused = server
            .post(&format!("/api/projects/alpha/{path}"), json!({}))
            .await
            .refused(501);
        assert!(
            refused
                .as_str()
                .unwrap()
                .contains("PUT /api/projects/alpha/plan"),
            "{refused}"
        );
    }
    let start = server
        .post("/api/orchestrator/start?project_id=alpha", json!(null))
        .await
        .refused(501);
    assert!(start.as_str().unwrap().contains("/agents"), "{start}");
    let start = server
        .post("/api/orchestrator/start?project_id=nope", json!(null))
        .await
        .refused(400);
    assert_eq!(start, "Project 'nope' not found");
    let start = server
        .post("/api/orchestrator/start", json!(null))
        .await
        .refused(422);
    assert_eq!(start[0]["loc"], json!(["query", "project_id"]));
    assert_eq!(
        server
            .post("/api/orchestrator/stop", json!(null))
            .await
            .ok()["message"],
        "Orchestrator stopped"
    );
    assert_eq!(
        server.get("/api/orchestrator/status").await.text,
        r#"{"running":false,"current_project":null}"#
    );
}

#[tokio::test]
async fn settings_take_their_defaults_where_absent_and_a_secret_is_never_given_out() {
    let server = TestServer::start().await;
    let url = "/api/orchestrator/config";
    let body =
        json!({"max_concurrent_agents": 7, "auto_merge": true, "anthropic_api_key": "secret"});
    let stored = server.put(url, body).await;
    assert!(!stored.text.contains("secret"), "{}", stored.text);
    assert_eq!(
        stored.text,
        r#"{"max_concurrent_agents":7,"auto_merge":true,"merge_strategy":"merge","auto_spawn_interval":60,"enabled":false,"anthropic_api_key":null,"anthropic_model":"claude-sonnet-4-20250514"}"#
    );
    let partial = server
        .put(url, json!({"auto_spawn_interval": 30}))
        .await
        .ok();
    assert_eq!(
        (&partial["max_concurrent_agents"], &partial["auto_merge"]),
        (&json!(5), &json!(false))
    );
    assert_eq!(server.get(url).await.ok(), partial);
    let bad = server
        .put(url, json!({"max_concurrent_agents": "many"}))
        .await
        .refused(422);
    assert_eq!(bad[0]["loc"], json!(["body", "max_concurrent_agents"]));
}
