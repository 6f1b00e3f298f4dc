//! The import by its endpoint; the one by the command line is tested with the program.

use crate::support::TestServer;
use serde_json::json;

#[tokio::test]
async fn an_import_is_idempotent_by_source_and_a_dry_run_changes_nothing() {
    let server = TestServer::with_project().await;
    let tasks = json!({"tasks": [
        {"source": "master/1", "title": "one", "status": "completed"},
        {"source": "master/2", "title": "two", "dependencies": ["master/1"], "priority": 2, "prompt": "a\nb"},
    ]});
    let url = "/api/projects/alpha/import";
    let dry = server
        .post(&format!("{url}?dry_run=true"), tasks.clone())
        .await
        .ok();
    assert_eq!(dry["created"].as_array().unwrap().len(), 2, "{dry}");
    assert_eq!(
        server.get("/api/projects/alpha/tasks").await.ok(),
        json!([])
    );
    let first = server.post(url, tasks.clone()).await.ok();
    assert_eq!(first["created"], json!(["1-alpha", "2-alpha"]));
    let list = server.get("/api/projects/alpha/tasks").await;
    let two = server.get("/api/projects/alpha/tasks/2").await.ok();
    assert_eq!(
        (&two["dependencies"], &two["prompt"]),
        (&json!(["1-alpha"]), &json!("a\nb"))
    );
    let again = server.post(url, tasks).await;
    assert_eq!(
        again.header("stream-seq"),
        list.header("stream-seq"),
        "nothing to tell"
    );
    let again = again.ok();
    assert_eq!(
        (&again["created"], &again["updated"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        server.get("/api/projects/alpha/tasks").await.text,
        list.text
    );
    let wrong = server
        .post(url, json!({"tasks": [{"title": 1}]}))
        .await
        .refused(422);
    assert_eq!(wrong[0]["loc"], json!(["body", "tasks", 0, "source"]));
    assert_eq!(
        server.post(url, json!({})).await.refused(422)[0]["loc"],
        json!(["body", "tasks"])
    );
}
