//! Commands of the socket over HTTP, and the events that a client polls.

use crate::support::TestServer;
use crate::ws_client::Client;
use serde_json::{Value, json};

async fn rows(server: &TestServer) -> usize {
    let tasks = server.get("/api/projects/alpha/tasks").await.ok();
    tasks.as_array().unwrap().len()
}

#[tokio::test]
async fn a_command_has_its_effect_once_by_whichever_way_it_comes() {
    let server = TestServer::with_project().await;
    let command = json!({"id": "c1", "op": "create_task", "args": {"project_id": "alpha", "task": {"title": "Once"}}});
    let mut socket = Client::live(&server, &[]).await;
    socket
        .send(json!({"type": "sys.cmd", "data": command}))
        .await;
    let by_socket = socket.expect("sys.result").await;
    let path = "/api/projects/alpha/commands";
    let by_http = server.post(path, command.clone()).await.ok();
    assert_eq!(by_http["ok"], true);
    assert_eq!(by_http["result"]["id"], by_socket["result"]["id"]);
    assert_eq!(rows(&server).await, 1);

    let missing =
        json!({"id": "c2", "op": "delete_task", "args": {"project_id": "alpha", "task": "99"}});
    let refused = server.post(path, missing).await.ok();
    assert_eq!(
        (&refused["ok"], &refused["error"]["code"]),
        (&json!(false), &json!("not_found"))
    );
    for wrong in [
        json!({"op": "delete_task", "args": {"project_id": "alpha", "task": "1"}}),
        json!({"id": "c3", "op": "unheard_of", "args": {}}),
        json!({"id": "", "op": "delete_task", "args": {"project_id": "alpha", "task": "1"}}),
        json!({"id": "c\u{0}", "op": "delete_task", "args": {"project_id": "alpha", "task": "1"}}),
        json!({"id": "c3", "op": "delete_task", "args": {"project_id": "alpha", "task": "1"}, "take": "bob"}),
        json!({"id": "c3", "op": "delete_task", "args": {"project_id": "beta", "task": "1"}}),
    ] {
        assert_eq!(server.post(path, wrong).await.status, 422);
    }
    let mut socket = Client::live(&server, &[]).await;
    for id in ["", "c\u{0}", "c\nd"] {
        let wrong =
            json!({"id": id, "op": "delete_task", "args": {"project_id": "alpha", "task": "1"}});
        socket.send(json!({"type": "sys.cmd", "data": wrong})).await;
        let refused = socket.expect("sys.result").await;
        assert_eq!(refused["error"]["code"], "invalid", "{refused}");
    }
    assert_eq!(rows(&server).await, 1);
}

#[tokio::test]
async fn events_about_projects_are_polled_from_a_position() {
    let server = TestServer::start().await;
    let before = server.get("/api/events").await.ok();
    server.make_project("alpha").await;
    let page = server
        .get(&format!("/api/events?after={}", before["seq"]))
        .await
        .ok();
    let kinds: Vec<&Value> = page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["type"])
        .collect();
    assert_eq!(kinds, ["project_created"]);
    assert_eq!(page["epoch"], before["epoch"]);
}
