//! Comments over REST: written, listed, edited, deleted, bounded, and published as events without
//! text.

use crate::support::TestServer;
use serde_json::{Value, json};

const COMMENTS: &str = "/api/projects/alpha/tasks/1/comments";

async fn with_task() -> TestServer {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    server
}

fn comment_path(comment: &Value) -> String {
    format!("/api/projects/alpha/comments/{}", comment["id"])
}

/// Returns the data of the events about comments so far.
async fn told(server: &TestServer) -> Vec<Value> {
    let page = server.get("/api/projects/alpha/events").await.ok();
    let events = page["events"].as_array().unwrap().iter();
    events
        .filter(|event| event["type"] == "comments_changed")
        .map(|event| event["data"].clone())
        .collect()
}

#[tokio::test]
async fn a_comment_is_written_read_edited_and_deleted() {
    let server = with_task().await;
    assert_eq!(server.get(COMMENTS).await.ok(), json!([]));
    let body = "# A *comment*\n\u{202e}<script>alert(1)</script> 任务";
    let made = server.post(COMMENTS, json!({"body": body})).await.ok();
    assert_eq!(made["body"], body, "the text is kept as it was written");
    assert_eq!(made["task_id"], "1-alpha");
    assert_eq!(made["author"], "human:local");
    assert_eq!(
        (&made["edited_at"], &made["deleted_at"]),
        (&Value::Null, &Value::Null)
    );
    let second = server.post(COMMENTS, json!({"body": "two"})).await.ok();
    let listed = server.get(COMMENTS).await;
    assert!(!listed.header("stream-seq").is_empty());
    assert_eq!(listed.ok(), json!([made, second]));

    let path = comment_path(&made);
    let edited = server.put(&path, json!({"body": "other"})).await.ok();
    assert_eq!(edited["body"], "other");
    assert!(edited["edited_at"].is_string());
    assert_eq!(edited["made_at"], made["made_at"]);
    let gone = server.delete(&path).await.ok();
    assert_eq!(gone["message"], "Comment deleted");
    let listed = server.get(COMMENTS).await.ok();
    assert_eq!(listed[0]["id"], made["id"], "the row stays");
    assert_eq!(listed[0]["body"], "");
    assert!(listed[0]["deleted_at"].is_string());
    for answer in [
        server.delete(&path).await,
        server.put(&path, json!({"body": "again"})).await,
    ] {
        assert_eq!(
            answer.refused(404),
            format!("Comment {} not found", made["id"])
        );
    }
}

#[tokio::test]
async fn events_about_comments_carry_identifiers_and_a_count_but_no_text() {
    let server = with_task().await;
    let made = server.post(COMMENTS, json!({"body": "secret"})).await.ok();
    let path = comment_path(&made);
    server.put(&path, json!({"body": "secret 2"})).await.ok();
    // The same text again is no change, so no event is published.
    server.put(&path, json!({"body": "secret 2"})).await.ok();
    server.delete(&path).await.ok();
    let id = &made["id"];
    let expected =
        [1, 1, 0].map(|comments| json!({"task_id": "1-alpha", "id": id, "comments": comments}));
    assert_eq!(told(&server).await, expected);
    let log = server.get("/api/projects/alpha/events").await.text;
    assert!(!log.contains("secret"), "{log}");
    let history = server.get("/api/projects/alpha/tasks/1/history").await.text;
    assert!(!history.contains("comments_changed"), "{history}");
}

#[tokio::test]
async fn a_comment_that_is_empty_too_long_or_on_nothing_is_refused() {
    let server = with_task().await;
    let long = "x".repeat(16 * 1024 + 1);
    for body in [
        json!({}),
        json!({"body": " \n"}),
        json!({"body": 7}),
        json!({"body": long}),
    ] {
        let detail = server.post(COMMENTS, body).await.refused(422);
        assert_eq!(detail[0]["loc"], json!(["body", "body"]));
    }
    let most = server.post(COMMENTS, json!({"body": &long[1..]})).await;
    assert_eq!(most.status, 200);
    let nowhere = "/api/projects/alpha/tasks/9/comments";
    assert_eq!(server.get(nowhere).await.status, 404);
    assert_eq!(server.post(nowhere, json!({"body": "b"})).await.status, 404);
    assert_eq!(
        server
            .get("/api/projects/nope/tasks/1/comments")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn comments_of_a_removed_task_are_read_and_come_back_with_it_but_are_not_changed() {
    let server = with_task().await;
    let made = server.post(COMMENTS, json!({"body": "b"})).await.ok();
    server.delete("/api/projects/alpha/tasks/1").await.ok();
    assert_eq!(server.get(COMMENTS).await.ok(), json!([made]));
    assert_eq!(
        server.post(COMMENTS, json!({"body": "b"})).await.status,
        404
    );
    let path = comment_path(&made);
    assert_eq!(server.put(&path, json!({"body": "c"})).await.status, 404);
    assert_eq!(server.delete(&path).await.status, 404);
    server
        .post("/api/projects/alpha/tasks/1/restore", json!({}))
        .await
        .ok();
    assert_eq!(server.get(COMMENTS).await.ok(), json!([made]));
}

#[tokio::test]
async fn a_comment_of_another_project_is_not_reached_by_its_number() {
    let server = with_task().await;
    let made = server.post(COMMENTS, json!({"body": "b"})).await.ok();
    server.make_project("beta").await;
    let path = format!("/api/projects/beta/comments/{}", made["id"]);
    assert_eq!(server.put(&path, json!({"body": "c"})).await.status, 404);
    assert_eq!(server.delete(&path).await.status, 404);
    assert_eq!(server.get(COMMENTS).await.ok()[0]["body"], "b");
}
