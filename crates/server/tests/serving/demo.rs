//! The simulation: started by one request, asking now and then, and gone when it is stopped.

use serde_json::{Value, json};

use crate::support::TestServer;

const DEMO: &str = "/api/demo";

#[tokio::test]
async fn a_demo_runs_once_asks_and_leaves_nothing_but_its_project() {
    let server = TestServer::with_project().await;
    let stop = json!({"start": false});
    let none = server.post(DEMO, stop.clone()).await.ok();
    assert_eq!(none, json!({"project": null, "running": false}));
    let start = json!({"start": true, "speed_percent": 10_000});
    let state = server.post(DEMO, start.clone()).await.ok();
    assert_eq!(state, json!({"project": "demo", "running": true}));
    assert_eq!(server.post(DEMO, start.clone()).await.ok(), state);
    let projects = server.get("/api/projects").await.ok();
    assert_eq!(projects.as_array().unwrap().len(), 2);
    let mut kinds = std::collections::BTreeSet::new();
    while !(kinds.contains("waiting") && kinds.contains("failed")) {
        let list = server.get("/api/attention").await.ok();
        let items = list["items"].as_array().unwrap().iter();
        for item in items.clone() {
            assert_eq!(item["project"], "demo", "{item}");
            kinds.insert(item["kind"].as_str().unwrap().to_owned());
        }
        // Answered questions let the agents go on.
        for item in items.filter(|item| item["question"].is_u64() && item["answered"] == false) {
            let path = format!("/api/projects/demo/questions/{}/answers", item["question"]);
            let answer = &item["options"][0];
            server.post(&path, json!({"text": answer})).await;
        }
    }
    let stopped = server.post(DEMO, stop).await.ok();
    assert_eq!(stopped, json!({"project": "demo", "running": false}));
    let agents = server.get("/api/projects/demo/agents").await.ok();
    assert_eq!(agents, json!([]));
    let left = server.get("/api/attention").await.ok();
    assert_eq!(left["items"], json!([]));
    let again = server.post(DEMO, start).await.ok();
    assert_eq!(again, state, "its own project is used again");
    let demo: Value = server.get("/api/projects/demo").await.ok();
    assert_eq!(demo["demo"], true);
}
