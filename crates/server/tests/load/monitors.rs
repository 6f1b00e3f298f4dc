//! Many watchers of one project's coordination.

use std::time::Duration;

use serde_json::json;

use crate::support::TestServer;
use crate::ws_client::Client;

const WATCHERS: usize = 20;

async fn operations(server: &TestServer) -> u64 {
    let text = server.get("/metrics").await.text;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("tasktree_store_operations_total "))
        .unwrap();
    line.parse().unwrap()
}

#[tokio::test]
async fn the_state_of_a_project_is_read_once_for_all_who_watch_it() {
    let server =
        TestServer::with(|config| config.sockets.coordination_interval = Duration::from_secs(3600))
            .await;
    server.make_project("alpha").await;
    for number in 1..=3 {
        let task = json!({"title": format!("Task {number}"), "status": "up_next"});
        server.post("/api/projects/alpha/tasks", task).await.ok();
    }
    let before = operations(&server).await;
    let mut clients = Vec::new();
    for _ in 0..WATCHERS {
        let path = "/api/projects/alpha/coordination/live";
        clients.push(Client::connect(&server, path, &[]).await.unwrap());
    }
    for client in &mut clients {
        client.expect("coordination_state").await;
        client.expect("coordination_update").await;
    }
    let agent = json!({"id": "ada", "task_id": "2"});
    server.post("/api/projects/alpha/agents", agent).await.ok();
    for client in &mut clients {
        let mut update = client.expect("coordination_update").await;
        while update["total_agents"] == 0 || update["total_todos"] == 0 {
            update = client.expect("coordination_update").await;
        }
        assert_eq!(update["agents"]["ada"]["todo_count"], 1, "{update}");
        assert_eq!(update["agents"]["ada"]["completed_todos"], 0);
    }
    let cost = operations(&server).await - before;
    // One read for the first, one or two after the change, and the registration itself.
    assert!(cost < 80, "{cost} operations for {WATCHERS} watchers");
}
