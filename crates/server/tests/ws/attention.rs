//! Push of attention items: to every page that may see them, within a second.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{AGENTS, TestServer};
use crate::ws_client::Client;

/// Time within which a page has to show an item.
const IN_TIME: Duration = Duration::from_secs(1);

async fn changed(client: &mut Client) -> Value {
    let frame = timeout(IN_TIME, client.expect("attention_changed"));
    frame.await.expect("it comes within a second")
}

#[tokio::test]
async fn every_page_hears_within_a_second_that_an_agent_waits_and_that_it_goes_on() {
    let server = TestServer::with_project().await;
    server.make_project("beta").await;
    let mut other_project = Client::live(&server, &["beta", "*"]).await;
    let mut project_list = Client::live(&server, &["*"]).await;
    server.post(AGENTS, json!({"id": "ada"})).await.ok();
    let ada = format!("{AGENTS}/ada");
    let wait = json!({"kind": "question", "text": "Which?", "options": ["a", "b"]});
    server.put(&ada, json!({"waiting_for": wait})).await.ok();
    let mut opened = Vec::new();
    for client in [&mut other_project, &mut project_list] {
        let data = changed(client).await;
        let item = &data["opened"][0];
        assert_eq!(
            (
                &item["project"],
                &item["kind"],
                &item["agent"],
                &item["text"]
            ),
            (
                &json!("alpha"),
                &json!("waiting"),
                &json!("ada"),
                &json!("Which?")
            )
        );
        assert_eq!(item["options"], json!(["a", "b"]));
        assert_eq!(item["answerable"], true);
        opened.push(item["id"].clone());
    }
    let listed = server.get("/api/attention").await.ok();
    assert_eq!(listed["items"][0]["id"], opened[0]);
    server.put(&ada, json!({"status": "running"})).await.ok();
    for client in [&mut other_project, &mut project_list] {
        assert_eq!(changed(client).await["closed"], json!([opened[0]]));
    }
    let listed = server.get("/api/attention").await.ok();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn a_permission_that_a_harness_asks_for_is_told_with_its_place() {
    let server = TestServer::with_project().await;
    let mut page = Client::live(&server, &["*"]).await;
    let event = json!({
        "hook_event_name": "PermissionRequest", "session_id": "5f1c2d3e-0000", "cwd": "/src/shop",
        "tool_name": "Bash", "tool_input": {"command": "rm -r target"},
    });
    let door = "/api/hooks/claude-code?project=alpha";
    let asked = server.post(door, event).await;
    assert_eq!(asked.status, 204, "{}", asked.text);
    let data = changed(&mut page).await;
    let item = &data["opened"][0];
    assert_eq!(
        (&item["wait"], &item["folder"], &item["answerable"]),
        (&json!("permission"), &json!("/src/shop"), &json!(false))
    );
    assert!(item["text"].as_str().unwrap().contains("rm -r target"));
}

#[tokio::test]
async fn a_sweep_tells_its_items_too() {
    let server = TestServer::with_project().await;
    let mut page = Client::live(&server, &["*"]).await;
    server.post(AGENTS, json!({"id": "ada"})).await.ok();
    let over = json!({"kind": "rate_limit", "text": "limit", "until": "2020-01-01T00:00:00Z"});
    let ada = format!("{AGENTS}/ada");
    server.put(&ada, json!({"waiting_for": over})).await.ok();
    // The server sweeps every second.
    let frame = timeout(2 * IN_TIME, page.expect("attention_changed")).await;
    let data = frame.expect("it comes with the next sweep");
    assert_eq!(data["opened"][0]["wait"], "rate_limit");
}

#[tokio::test]
async fn marks_reach_the_person_and_the_list_has_them() {
    let server = TestServer::with_project().await;
    server.post(AGENTS, json!({"id": "ada"})).await.ok();
    let ada = format!("{AGENTS}/ada");
    server
        .put(&ada, json!({"status": "failed", "reason": "no disk"}))
        .await
        .ok();
    let mut page = Client::live(&server, &["*"]).await;
    let listed = server.get("/api/attention?project=alpha").await.ok();
    let id = &listed["items"][0]["id"];
    let path = format!("/api/attention/alpha/{id}");
    server.put(&path, json!({"done": true})).await.ok();
    let told = page.expect("attention_marked").await;
    assert_eq!((&told["id"], &told["done"]), (id, &json!(true)));
    let until = "2100-01-01T00:00:00Z";
    server
        .put(&path, json!({"snoozed_until": until}))
        .await
        .ok();
    let listed = server.get("/api/attention").await.ok();
    let item = &listed["items"][0];
    assert_eq!(item["done"], true);
    assert_eq!(item["snoozed_until"], "2100-01-01T00:00:00.000Z");
    assert!(listed["cursor"]["seq"].is_u64(), "{listed}");
    assert_eq!(
        server.put(&path, json!({"done": "perhaps"})).await.status,
        422
    );
    let gone = server.put("/api/attention/alpha/999", json!({"seen": true}));
    assert_eq!(gone.await.status, 404);
    assert_eq!(server.get("/api/attention?project=nope").await.status, 404);
}
