//! Legacy mode: the behavior that the older dashboard and scripts rely on.

use std::time::Duration;

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task, until};
use serde_json::json;

async fn connected(server: &TestServer) -> Client {
    let before = server.state.hub.counts().legacy;
    let client = Client::legacy(server).await;
    until("the client is counted", || {
        server.state.hub.counts().legacy > before
    })
    .await;
    client
}

#[tokio::test]
async fn a_legacy_client_gets_plain_messages_of_every_project_also_of_new_ones() {
    let server = TestServer::with_project().await;
    let mut client = connected(&server).await;
    make_task(&server, "alpha", "in alpha").await;
    server.make_project("beta").await;
    make_task(&server, "beta", "in beta").await;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let frame = client.next().await;
        assert!(
            frame.is_object() && !frame["type"].as_str().unwrap().starts_with("sys."),
            "{frame}"
        );
        for field in ["type", "project_id", "data", "timestamp"] {
            assert!(frame.get(field).is_some(), "{field} is missing: {frame}");
        }
        seen.push((frame["type"].clone(), frame["project_id"].clone()));
    }
    // The order between streams is not promised, only that nothing is missing.
    for expected in [
        ("task_created", "alpha"),
        ("project_created", "beta"),
        ("task_created", "beta"),
    ] {
        assert!(
            seen.contains(&(json!(expected.0), json!(expected.1))),
            "{expected:?} not in {seen:?}"
        );
    }
}

#[tokio::test]
async fn a_legacy_client_gets_the_whole_task_with_its_texts() {
    let server = TestServer::with_project().await;
    let mut client = connected(&server).await;
    let body = json!({"title": "One", "description": "line 1\nline 2", "prompt": "Do it"});
    let task = server.post("/api/projects/alpha/tasks", body).await.ok();
    let created = client.expect("task_created").await;
    for field in [
        "id",
        "task_id",
        "description",
        "prompt",
        "branch",
        "owned_files",
        "completed_at",
    ] {
        assert_eq!(created[field], task[field], "{field}");
    }
    let path = format!("/api/projects/alpha/tasks/{}", task["id"].as_str().unwrap());
    server.put(&path, json!({"status": "up_next"})).await.ok();
    let updated = client.expect("task_updated").await;
    assert_eq!(
        (&updated["status"], &updated["prompt"]),
        (&json!("up_next"), &json!("Do it"))
    );
}

#[tokio::test]
async fn a_ping_is_answered_and_everything_else_is_ignored() {
    let server = TestServer::with_project().await;
    let mut client = connected(&server).await;
    for frame in [
        json!({"type": "sys.hello", "data": {}}),
        json!([1, 2]),
        json!("text"),
        json!({"type": 5}),
    ] {
        client.send(frame).await;
    }
    client.send_raw(vec![1, 2, 3].into()).await;
    client.send_raw("not JSON".into()).await;
    client.send(json!({"type": "ping"})).await;
    let pong = client.next().await;
    assert_eq!((&pong["type"], &pong["data"]), (&json!("pong"), &json!({})));
    assert!(pong["timestamp"].is_string());
}

#[tokio::test]
async fn a_burst_of_a_thousand_events_arrives_in_order() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "busy").await;
    let mut client = connected(&server).await;
    change_task(&server, "alpha", &task, 1000).await;
    // The row counts its changes, in the order of their commits.
    for rev in task.rev + 1..=task.rev + 1000 {
        let updated = client.expect("task_updated").await;
        assert_eq!(updated["rev"], rev, "{updated}");
    }
}

#[tokio::test]
async fn a_legacy_client_is_pinged_and_its_answer_keeps_it_connected() {
    let server = TestServer::with(|config| {
        config.sockets.ping_interval = Duration::from_millis(50);
        config.sockets.pong_timeout = Duration::from_millis(5000);
    })
    .await;
    let mut client = connected(&server).await;
    for _ in 0..5 {
        client.ping().await;
    }
    assert_eq!(server.state.hub.counts().legacy, 1);
}

#[tokio::test]
async fn a_client_that_leaves_is_forgotten_at_once() {
    let server = TestServer::with_project().await;
    let client = connected(&server).await;
    make_task(&server, "alpha", "one").await;
    assert!(server.state.hub.stream_count() > 0);
    client.cut();
    until("the hub is empty", || {
        server.state.hub.counts().total() == 0 && server.state.hub.stream_count() == 0
    })
    .await;
}

#[tokio::test]
async fn the_coordination_monitor_gets_the_state_at_once_and_updates_when_an_agent_registers() {
    let server =
        TestServer::with(|config| config.sockets.coordination_interval = Duration::from_secs(3600))
            .await;
    server.make_project("alpha").await;
    let mut client = Client::connect(&server, "/api/projects/alpha/coordination/live", &[])
        .await
        .unwrap();
    assert_eq!(client.expect("coordination_state").await["total_agents"], 0);
    assert_eq!(
        client.expect("coordination_update").await["project_id"],
        "alpha"
    );
    server
        .post("/api/projects/alpha/agents", json!({"id": "agent-1"}))
        .await
        .ok();
    let changed = client.expect("coordination_update").await;
    assert_eq!(changed["total_agents"], 1, "{changed}");
}

#[tokio::test]
async fn the_coordination_monitor_is_told_again_and_again_and_has_zeros_for_an_unknown_project() {
    let server =
        TestServer::with(|config| config.sockets.coordination_interval = Duration::from_millis(30))
            .await;
    let mut client = Client::connect(&server, "/api/projects/nowhere/coordination/live", &[])
        .await
        .unwrap();
    client.expect("coordination_state").await;
    for _ in 0..3 {
        let update = client.expect("coordination_update").await;
        assert_eq!(
            (&update["total_agents"], &update["agents"]),
            (&json!(0), &json!({}))
        );
    }
}
