//! Queries of tasks: `GET …/tasks?q=`.

use crate::support::{Answer, TestServer};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const TASKS: &str = "/api/projects/alpha/tasks";

async fn ask(server: &TestServer, query: &str) -> Answer {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    server.get(&format!("{TASKS}?view=card&q={query}")).await
}

/// Returns the numbers of the tasks that a query selects.
async fn found(server: &TestServer, query: &str) -> Vec<u64> {
    let cards = ask(server, query).await.ok();
    let cards = cards.as_array().unwrap().iter();
    cards
        .map(|card| card["task_id"].as_u64().unwrap())
        .collect()
}

/// Makes tasks 1 to 5: urgent, blocked, on hold, claimed by an agent that waits, and done.
async fn server_with_tasks() -> TestServer {
    let server = TestServer::with_project().await;
    for task in [
        json!({"title": "Café one", "priority": 1, "labels": ["UI", "needs review"]}),
        json!({"title": "two", "dependencies": [1], "labels": ["ui"]}),
        json!({"title": "three", "on_hold": "later"}),
        json!({"title": "four", "priority": 3}),
        json!({"title": "five", "status": "completed"}),
    ] {
        server.post(TASKS, task).await.ok();
    }
    let agents = "/api/projects/alpha/agents";
    server
        .post(agents, json!({"id": "ada", "task_id": 4}))
        .await
        .ok();
    let waits = json!({"status": "waiting", "waiting_for": {"kind": "other", "text": "a key"}});
    server.put(&format!("{agents}/ada"), waits).await.ok();
    server
}

#[tokio::test]
async fn a_query_selects_tasks_by_words_fields_and_states() {
    let server = server_with_tasks().await;
    for (query, expected) in [
        ("", vec![1, 4, 2, 3, 5]),
        ("cafe\u{301}", vec![1]),
        ("label:ui", vec![1, 2]),
        ("label:UI -is:blocked", vec![1]),
        ("label:\"needs review\"", vec![1]),
        ("\"needs review\"", vec![1]),
        ("status:done", vec![5]),
        ("-status:todo -status:done", vec![4]),
        ("agent:ADA", vec![4]),
        ("priority:<=2", vec![1]),
        ("priority:0", vec![2, 3, 5]),
        ("is:blocked", vec![2]),
        ("is:on_hold", vec![3]),
        ("is:ready", vec![1]),
        ("is:waiting", vec![4]),
        ("is:silent", vec![]),
        ("is:failed", vec![]),
        ("is:conflict", vec![]),
    ] {
        assert_eq!(found(&server, query).await, expected, "{query}");
    }
    let page = format!("{TASKS}?view=card&status=unclaimed&q=label%3Aui&limit=1");
    let both = server.get(&page).await;
    assert!(!both.header("next-cursor").is_empty(), "pages of a query");
    assert_eq!(both.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_failed_attempt_and_a_conflict_of_leases_are_found() {
    let server = server_with_tasks().await;
    let project = "/api/projects/alpha";
    for agent in ["ada", "bob"] {
        server
            .post(&format!("{project}/agents"), json!({"id": agent}))
            .await;
        let lease = json!({"agent": agent, "paths": ["src/**"], "exclusive": true});
        server.post(&format!("{project}/leases"), lease).await;
    }
    assert_eq!(found(&server, "is:conflict").await, [4]);
    let failed = json!({"status": "failed", "reason": "no disk"});
    server
        .put(&format!("{project}/agents/ada"), failed)
        .await
        .ok();
    assert_eq!(found(&server, "is:failed").await, [4]);
    assert_eq!(found(&server, "is:waiting").await, [0_u64; 0]);
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused_with_place_and_likely_word() {
    let server = server_with_tasks().await;
    for (query, message) in [
        ("lable:ui", "did you mean 'label:'?"),
        ("a is:blokced", "'blokced' at character 6"),
        ("is:blokced", "the values are blocked,"),
        ("label:", "needs a value"),
        ("\"open", "no partner"),
        ("priority:high", "no priority"),
        ("is:no_progress", "not available yet"),
    ] {
        let refused = ask(&server, query).await.refused(422);
        let text = refused[0]["msg"].as_str().unwrap_or_default();
        assert!(text.contains(message), "{query}: {refused}");
        assert_eq!(refused[0]["loc"][1], Value::from("q"), "{refused}");
    }
}
