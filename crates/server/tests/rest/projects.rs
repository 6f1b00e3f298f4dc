//! Projects over REST: requests and answers of existing scripts, and the repaired defects of the
//! older API.

use crate::support::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn a_project_is_made_with_the_older_apis_fields_in_their_order() {
    let server = TestServer::start().await;
    let made = server
        .post(
            "/api/projects",
            json!({"id": "alpha", "name": "Alpha", "path": "/srv/alpha"}),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.header("content-type"), "application/json");
    let beginning = r#"{"id":"alpha","name":"Alpha","path":"/srv/alpha","description":null,"project_overview":null,"initial_prompt":null,"plan":null,"max_agents":5,"active":true,"created_at":"#;
    assert!(made.text.starts_with(beginning), "{}", made.text);
    let project = made.json();
    assert_eq!(project["is_git_repo"], Value::Null);
    let created = project["created_at"].as_str().unwrap();
    assert!(
        created.ends_with('Z') && created.contains('T'),
        "RFC 3339 in UTC: {created}"
    );
    assert_eq!(server.get("/api/projects").await.ok(), json!([project]));
    assert_eq!(server.get("/api/projects/alpha").await.ok(), project);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_project_is_named_field_by_field() {
    let server = TestServer::start().await;
    let missing = server
        .post(
            "/api/projects",
            json!({"path": "/tmp", "max_agents": "many"}),
        )
        .await
        .refused(422);
    let places: Vec<_> = missing
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (&problem["type"], &problem["loc"]))
        .collect();
    assert!(
        places.contains(&(&json!("missing"), &json!(["body", "id"]))),
        "{missing}"
    );
    assert!(
        places.contains(&(&json!("missing"), &json!(["body", "name"]))),
        "{missing}"
    );
    assert!(
        places.contains(&(&json!("int_parsing"), &json!(["body", "max_agents"]))),
        "{missing}"
    );
    let list = server.post("/api/projects", json!([1])).await.refused(422);
    assert_eq!(
        list,
        json!([{"type": "dict_type", "loc": ["body"], "msg": "Input should be a valid dictionary", "input": [1]}])
    );
    for id in ["", ".hidden", "a/b", "u:me", "*", "a b"] {
        let refused = server
            .post("/api/projects", json!({"id": id, "name": "x"}))
            .await
            .refused(422);
        assert_eq!(refused[0]["loc"], json!(["body", "id"]), "{id}");
    }
    assert_eq!(
        server.get("/api/projects").await.ok(),
        json!([]),
        "a refused request changes nothing"
    );
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let server = TestServer::with_project().await;
    let again = server
        .post("/api/projects", json!({"id": "alpha", "name": "Other"}))
        .await;
    assert_eq!(again.refused(400), "Project with id 'alpha' already exists");
}

#[tokio::test]
async fn a_change_sets_what_is_named_clears_what_is_null_and_leaves_the_rest() {
    let server = TestServer::with_project().await;
    let text = "# Overview\n\n- status: merged\n## Task: no";
    let changed = server
        .put(
            "/api/projects/alpha",
            json!({"project_overview": text, "description": "d"}),
        )
        .await
        .ok();
    assert_eq!(changed["project_overview"], text);
    let changed = server
        .put("/api/projects/alpha", json!({"description": null}))
        .await
        .ok();
    assert_eq!(changed["description"], Value::Null);
    assert_eq!(changed["project_overview"], text, "many lines survive");
    let same = server
        .put(
            "/api/projects/alpha",
            json!({"id": "alpha", "name": "Alpha 2"}),
        )
        .await
        .ok();
    assert_eq!(same["name"], "Alpha 2");
}

#[tokio::test]
async fn a_bad_change_is_refused_before_it_is_stored() {
    let server = TestServer::with_project().await;
    let before = server.get("/api/projects").await.ok();
    for (body, field) in [
        (json!({"max_agents": "many"}), "max_agents"),
        (json!({"name": null}), "name"),
        (json!({"active": 3}), "active"),
        (json!({"id": "beta"}), "id"),
        (json!({"description": ["a"]}), "description"),
    ] {
        let refused = server.put("/api/projects/alpha", body).await.refused(422);
        assert_eq!(refused[0]["loc"], json!(["body", field]), "{refused}");
    }
    assert_eq!(server.get("/api/projects").await.ok(), before);
}

#[tokio::test]
async fn unknown_projects_are_404_with_the_known_sentence() {
    let server = TestServer::start().await;
    let sentence = "Project 'nope' not found";
    assert_eq!(
        server.get("/api/projects/nope").await.refused(404),
        sentence
    );
    assert_eq!(
        server
            .put("/api/projects/nope", json!({"name": "x"}))
            .await
            .refused(404),
        sentence
    );
    assert_eq!(
        server.delete("/api/projects/nope?").await.refused(404),
        sentence
    );
    assert_eq!(
        server
            .post("/api/projects/nope/reset", json!(null))
            .await
            .refused(404),
        sentence
    );
    for path in [
        "stats",
        "tasks",
        "agents",
        "leases",
        "plan",
        "logs",
        "events",
        "git-status",
        "coordination/status",
    ] {
        assert_eq!(
            server
                .get(&format!("/api/projects/nope/{path}"))
                .await
                .refused(404),
            sentence,
            "{path}"
        );
    }
    assert_eq!(
        server
            .post("/api/projects/nope/reset-agent-tasks", json!(null))
            .await
            .refused(404),
        sentence
    );
}

#[tokio::test]
async fn a_removed_project_is_gone_and_can_be_made_anew_without_its_tasks() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "old").await;
    assert_eq!(
        server
            .delete("/api/projects/alpha?cleanup_files=true")
            .await
            .ok(),
        json!({"message": "Project deleted"})
    );
    assert_eq!(server.get("/api/projects").await.ok(), json!([]));
    server.make_project("alpha").await;
    assert_eq!(
        server.get("/api/projects/alpha/tasks").await.ok(),
        json!([])
    );
}

#[tokio::test]
async fn a_reset_empties_the_project_and_begins_a_new_epoch() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "old").await;
    let before = server.get("/api/projects/alpha/tasks").await;
    let reset = server
        .post("/api/projects/alpha/reset", json!(null))
        .await
        .ok();
    assert_eq!(reset, json!({"message": "Project reset successfully"}));
    let after = server.get("/api/projects/alpha/tasks").await;
    assert_ne!(after.header("stream-epoch"), before.header("stream-epoch"));
    assert_eq!(after.header("stream-seq"), "0");
    assert_eq!(after.ok(), json!([]));
}

#[tokio::test]
async fn stats_count_tasks_by_status() {
    let server = TestServer::with_project().await;
    for status in [
        "unclaimed",
        "up_next",
        "in_progress",
        "completed",
        "completed",
    ] {
        server
            .post(
                "/api/projects/alpha/tasks",
                json!({"title": status, "status": status}),
            )
            .await
            .ok();
    }
    let stats = server.get("/api/projects/alpha/stats").await;
    assert_eq!(
        stats.text,
        r#"{"total_tasks":5,"unclaimed_tasks":1,"up_next_tasks":1,"in_progress_tasks":1,"completed_tasks":2,"merged_tasks":0,"active_agents":0,"total_agents_run":0}"#
    );
}

#[tokio::test]
async fn names_of_other_scripts_are_good_identifiers() {
    let server = TestServer::start().await;
    server.make_project("β-版本_1.2").await;
    let url = "/api/projects/%CE%B2-%E7%89%88%E6%9C%AC_1.2/tasks?title=%C3%A9+%26+a%2Fb";
    let task = server.post(url, json!(null)).await.ok();
    assert_eq!(task["title"], "é & a/b");
    assert_eq!(task["id"], "1-β-版本_1.2");
}
