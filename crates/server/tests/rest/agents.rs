//! Agents and their messages over REST, and the events of each operation.

use crate::support::{AGENTS, TestServer};
use serde_json::json;

#[tokio::test]
async fn an_agent_claims_its_task_works_on_it_and_completes_it() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    let agent = server
        .post(
            AGENTS,
            json!({"id": "a1", "task_id": "1-alpha", "description": "tests"}),
        )
        .await
        .ok();
    assert_eq!(
        (&agent["session_name"], &agent["task_title"]),
        (&json!("a1"), &json!("one"))
    );
    assert_eq!(
        (&agent["is_alive"], &agent["status"]),
        (&json!(true), &json!("running"))
    );
    let task = server.get("/api/projects/alpha/tasks/1").await.ok();
    assert_eq!(
        (&task["status"], &task["session"]),
        (&json!("in_progress"), &json!("a1"))
    );
    let url = format!("{AGENTS}/a1");
    let agent = server
        .put(&url, json!({"progress": 40, "last_activity": "writing"}))
        .await
        .ok();
    assert_eq!(
        (&agent["progress"], &agent["last_activity"]),
        (&json!(40), &json!("writing"))
    );
    assert_eq!(
        server
            .post(&format!("{url}/heartbeat"), json!(null))
            .await
            .status,
        422,
        "null is no object"
    );
    let bare = server
        .request(reqwest::Method::POST, &format!("{url}/heartbeat"))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 200, "a heartbeat needs no body");
    server.put(&url, json!({"status": "completed"})).await.ok();
    assert_eq!(
        server.get("/api/projects/alpha/tasks/1").await.ok()["status"],
        "completed"
    );
    let events = server.events().await;
    let told = |kind: &str| {
        events
            .iter()
            .any(|(name, actor)| name == kind && actor == "agent:a1")
    };
    assert!(
        [
            "agent_spawned",
            "coordination_update",
            "agent_status_update",
            "task_completed"
        ]
        .into_iter()
        .all(told),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_task_is_claimed_by_one_agent_and_not_while_it_waits() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
        .post(
            "/api/projects/alpha/tasks",
            json!({"title": "two", "dependencies": [1]}),
        )
        .await
        .ok();
    server
        .post(AGENTS, json!({"id": "a1", "task_id": 1}))
        .await
        .ok();
    let taken = server
        .post(AGENTS, json!({"id": "a2", "task_id": "1"}))
        .await;
    assert_eq!(
        (taken.status, &taken.json()["code"]),
        (409, &json!("conflict"))
    );
    let blocked = server
        .post(AGENTS, json!({"id": "a2", "task_id": "2"}))
        .await;
    assert_eq!(
        (blocked.status, &blocked.json()["code"]),
        (409, &json!("blocked"))
    );
    assert_eq!(
        server
            .post(AGENTS, json!({"id": "a2", "task_id": "9"}))
            .await
            .status
            / 100,
        4
    );
    assert_eq!(
        server.post(AGENTS, json!({})).await.refused(422)[0]["loc"],
        json!(["body", "id"])
    );
    let again = server.post(AGENTS, json!({"id": "a1", "task_id": 1})).await;
    assert_eq!(
        again.status, 200,
        "to register again is no conflict: {}",
        again.text
    );
}

#[tokio::test]
async fn an_agent_that_is_removed_gives_its_task_back() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
        .post(AGENTS, json!({"id": "a1", "task_id": 1}))
        .await
        .ok();
    assert_eq!(
        server.delete(&format!("{AGENTS}/a1")).await.ok()["message"],
        "Agent removed"
    );
    assert_eq!(
        server.get("/api/projects/alpha/tasks/1").await.ok()["status"],
        "unclaimed"
    );
    assert_eq!(
        server.get(&format!("{AGENTS}/a1")).await.refused(404),
        "Agent 'a1' not found"
    );
    let wrong = server
        .put(
            &format!("{AGENTS}/a1"),
            json!({"status": "tired", "progress": 300}),
        )
        .await
        .refused(422);
    assert_eq!(
        (&wrong[0]["type"], &wrong[1]["type"]),
        (&json!("enum"), &json!("less_than_equal"))
    );
}

#[tokio::test]
async fn messages_wait_until_they_are_read_and_are_new_once() {
    let server = TestServer::with_project().await;
    server.post(AGENTS, json!({"id": "a1"})).await.ok();
    let url = format!("{AGENTS}/a1/messages");
    let sent = server
        .post(&url, json!({"from": "a2", "body": "line 1\nline 2"}))
        .await
        .ok();
    assert_eq!(
        (&sent["to"], &sent["body"]),
        (&json!("a1"), &json!("line 1\nline 2"))
    );
    assert_eq!(
        server
            .get(&format!("{url}?unread=true"))
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let read = server
        .post(&format!("{url}/read"), json!({"up_to": sent["id"]}))
        .await
        .ok();
    assert_eq!(read, json!({"unread": 0}));
    assert_eq!(
        server.get(&format!("{url}?unread=true")).await.ok(),
        json!([])
    );
    assert_eq!(server.get(&url).await.ok()[0]["body"], "line 1\nline 2");
    assert_eq!(
        server
            .get(&format!("{url}?unread=perhaps"))
            .await
            .refused(422)[0]["loc"],
        json!(["query", "unread"])
    );
    assert_eq!(
        server
            .post(&url, json!({"from": 1}))
            .await
            .refused(422)
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn the_older_coordination_views_show_this_servers_agents() {
    let server = TestServer::with_project().await;
    let empty = server.get("/api/projects/alpha/coordination/status").await;
    assert_eq!(
        empty.text,
        r#"{"project_id":"alpha","total_agents":0,"active_agents":0,"total_todos":0,"completed_todos":0,"todo_completion_rate":0.0,"active_file_locks":0,"agents":{},"file_locks":{},"communication_graph":{}}"#
    );
    server.make_task("alpha", "one").await;
    server
        .post(AGENTS, json!({"id": "a1", "task_id": 1}))
        .await
        .ok();
    server
        .post(
            "/api/projects/alpha/leases",
            json!({"agent": "a1", "paths": ["a.rs"]}),
        )
        .await
        .ok();
    let status = server
        .get("/api/projects/alpha/coordination/status")
        .await
        .ok();
    assert_eq!(
        (&status["total_agents"], &status["active_file_locks"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(status["file_locks"], json!({"a.rs": "a1"}));
    assert_eq!(status["agents"]["a1"]["is_alive"], true);
    let summary = server.get("/api/projects/alpha/coordination-stats").await;
    assert!(
        summary
            .text
            .starts_with(r#"{"enabled":true,"active_agents":1,"#),
        "{}",
        summary.text
    );
    let told = server
        .get("/api/projects/alpha/coordination/events")
        .await
        .ok();
    assert_eq!(told["events"][0]["project_id"], "alpha", "{told}");
}
