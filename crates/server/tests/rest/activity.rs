//! Leases, log lines, plans and notifications over REST, and the events of each operation.

use crate::support::{AGENTS, TestServer};
use serde_json::{Value, json};

#[tokio::test]
async fn overlapping_leases_are_granted_and_reported() {
    let server = TestServer::with_project().await;
    for id in ["a1", "a2"] {
        server.post(AGENTS, json!({"id": id})).await.ok();
    }
    let url = "/api/projects/alpha/leases";
    let first = server
        .post(
            url,
            json!({"agent": "a1", "paths": ["src/*.rs"], "reason": "tidy"}),
        )
        .await
        .ok();
    assert_eq!(first["leases"][0]["conflicts"], Value::Null);
    let second = server
        .post(
            url,
            json!({"agent": "a2", "paths": ["src/a.rs"], "ttl_seconds": 60}),
        )
        .await
        .ok();
    assert_eq!(second["leases"][0]["conflicts"], json!(["a1"]));
    assert_eq!(
        server.get(url).await.ok()["leases"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let id = second["leases"][0]["id"].as_u64().unwrap();
    let renewed = server
        .post(&format!("{url}/{id}/renew"), json!({"ttl_seconds": 600}))
        .await
        .ok();
    assert_ne!(renewed["expires_at"], second["leases"][0]["expires_at"]);
    assert_eq!(
        server.delete(&format!("{url}/{id}")).await.ok()["message"],
        "Lease released"
    );
    assert_eq!(server.delete(&format!("{url}/{id}")).await.status, 404);
    assert_eq!(
        server.delete(&format!("{url}/first")).await.refused(422)[0]["loc"],
        json!(["path"])
    );
    assert_eq!(
        server
            .post(url, json!({"agent": "a1", "paths": []}))
            .await
            .status,
        422
    );
    assert!(
        server
            .events()
            .await
            .iter()
            .any(|(kind, actor)| kind == "file_locks_update" && actor == "agent:a2")
    );
}

#[tokio::test]
async fn log_lines_are_kept_with_their_agent_and_level() {
    let server = TestServer::with_project().await;
    server.post(AGENTS, json!({"id": "a1"})).await.ok();
    let stored = server
        .post(
            &format!("{AGENTS}/a1/logs"),
            json!({"lines": ["one\ntwo", "three"], "level": "warning"}),
        )
        .await
        .ok();
    assert_eq!(stored["stored"], 3);
    server
        .post("/api/projects/alpha/logs", json!({"lines": ["four"]}))
        .await
        .ok();
    let own = server.get(&format!("{AGENTS}/a1/logs?limit=2")).await.ok();
    assert_eq!(
        (&own[0]["line"], &own[1]["line"], &own[1]["level"]),
        (&json!("two"), &json!("three"), &json!("warning"))
    );
    let all = server.get("/api/projects/alpha/logs").await.ok();
    assert_eq!(all.as_array().unwrap().len(), 4);
    let wrong = server
        .post(
            "/api/projects/alpha/logs",
            json!({"lines": ["a", 1], "level": "loud"}),
        )
        .await
        .refused(422);
    assert_eq!(
        (&wrong[0]["loc"], &wrong[1]["loc"]),
        (&json!(["body", "level"]), &json!(["body", "lines", 1]))
    );
}

#[tokio::test]
async fn a_plan_comes_with_tasks_that_may_depend_on_each_other() {
    let server = TestServer::with_project().await;
    let url = "/api/projects/alpha/plan";
    assert_eq!(server.get(url).await.ok(), json!({"plan": null}));
    let tasks = json!([{"title": "one"}, {"title": "two", "dependencies": ["1"]}]);
    let stored = server
        .put(url, json!({"plan": "# Plan\n\nFirst one.", "tasks": tasks}))
        .await
        .ok();
    assert_eq!(stored["tasks_created"], 2);
    assert_eq!(server.get(url).await.ok()["plan"], "# Plan\n\nFirst one.");
    assert_eq!(
        server.get("/api/projects/alpha/tasks/2").await.ok()["blocked_by"],
        json!(["1-alpha"])
    );
    let wrong = server
        .put(
            url,
            json!({"plan": "p", "tasks": [{"title": "ok"}, {"title": 3}]}),
        )
        .await
        .refused(422);
    assert_eq!(wrong[0]["loc"], json!(["body", "tasks", 1, "title"]));
    let failing = json!([{"title": "three"}, {"title": "four", "dependencies": ["99"]}]);
    assert_eq!(
        server
            .put(url, json!({"plan": "p", "tasks": failing}))
            .await
            .status,
        422
    );
    assert_eq!(
        server
            .get("/api/projects/alpha/tasks")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        2,
        "all or none"
    );
    assert!(
        server
            .events()
            .await
            .iter()
            .any(|(kind, _)| kind == "plan_generated")
    );
}

#[tokio::test]
async fn notifications_reach_one_project_or_all() {
    let server = TestServer::with_project().await;
    let body = json!({"level": "success", "title": "Done", "message": "All of it"});
    assert_eq!(
        server
            .post("/api/projects/alpha/notifications", body.clone())
            .await
            .ok()["message"],
        "Notification sent"
    );
    assert!(
        server
            .events()
            .await
            .iter()
            .any(|(kind, _)| kind == "notification")
    );
    let before = server.events().await.len();
    server.post("/api/notifications", body).await.ok();
    assert_eq!(server.events().await.len(), before);
    assert_eq!(
        server
            .post("/api/notifications", json!({}))
            .await
            .refused(422)[0]["loc"],
        json!(["body", "title"])
    );
}
