//! The server's own records, and their readers.

use serde_json::json;

use crate::doors::{Doors, empty};

#[tokio::test]
async fn a_token_is_recorded_from_making_to_revocation_without_its_secret() {
    let mut doors = Doors::open().await;
    let new = json!({"name": "laptop", "role": "viewer", "person": "ann"});
    let made = doors.server.post("/api/tokens", new).await.ok();
    let (id, secret) = (
        made["id"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    let kinds = doors.new_records().await;
    assert_eq!(kinds, ["person person_added", "token token_made"]);
    let subject = format!("/api/changes?subject=token:{id}");
    let records = doors.server.get(&subject).await.ok();
    let record = &records[0];
    assert_eq!(record["actor"], "human:local");
    let fields: Vec<_> = record["fields"].as_array().unwrap().iter().collect();
    let value = |name: &str| {
        let found = fields.iter().find(|field| field["field"] == name);
        found.map(|field| [&field["before"], &field["after"]])
    };
    assert_eq!(value("name"), Some([&json!(null), &json!("laptop")]));
    assert_eq!(value("role"), Some([&json!(null), &json!("viewer")]));
    assert!(value("person").is_some() && value("digest").is_none());

    // A use is a sign of life.
    let bearer = format!("Bearer {secret}");
    let uses = doors.server.request(reqwest::Method::GET, "/api/session");
    let used = uses.header("authorization", &bearer).send().await.unwrap();
    assert_eq!(used.status(), 200);
    // Administrators only.
    let asks = doors.server.request(reqwest::Method::GET, "/api/changes");
    let refused = asks.header("authorization", &bearer).send().await.unwrap();
    assert_eq!(refused.status(), 403);

    let path = format!("/api/tokens/{id}");
    doors.server.delete(&path).await.ok();
    assert_eq!(doors.new_records().await, ["token token_revoked"]);
    let all = doors.server.get("/api/changes").await.text;
    assert!(!all.contains(secret) && !all.contains("digest"), "{all}");
}

#[tokio::test]
async fn a_removed_project_is_found_in_the_records_of_the_server() {
    let mut doors = Doors::open().await;
    doors.server.delete("/api/projects/alpha").await.ok();
    let records = doors
        .server
        .get("/api/changes?subject=project:alpha")
        .await
        .ok();
    assert_eq!(records[0]["type"], "project_deleted");
    let key = records[0]["fields"][0]["after"].as_str().unwrap();
    let restore = format!("/api/projects/alpha/restore?key={key}");
    doors.server.post(&restore, empty()).await.ok();
    doors.new_records().await;
    let records = doors
        .server
        .get("/api/changes?actor=human:local")
        .await
        .ok();
    assert_eq!(records[0]["type"], "project_restored");
    assert_eq!(records[0]["fields"][0]["before"], key);
}

#[tokio::test]
async fn a_setting_is_recorded_field_by_field_and_the_same_again_is_no_change() {
    let doors = Doors::open().await;
    let path = "/api/orchestrator/config";
    doors.server.put(path, json!({"enabled": true})).await.ok();
    doors
        .server
        .put(path, json!({"enabled": true, "auto_merge": true}))
        .await
        .ok();
    doors
        .server
        .put(path, json!({"enabled": true, "auto_merge": true}))
        .await
        .ok();
    let records = doors
        .server
        .get("/api/changes?subject=setting:orchestrator")
        .await
        .ok();
    assert_eq!(records.as_array().unwrap().len(), 2, "{records}");
    let fields = json!([{"field": "auto_merge", "before": false, "after": true}]);
    assert_eq!(records[0]["fields"], fields);
}
