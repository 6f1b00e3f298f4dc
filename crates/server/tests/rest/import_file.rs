//! Import of whole files: their projects, their reports, and the state after a refusal.

mod anything;

use crate::support::TestServer;
use serde_json::{Value, json};

const NORTH: &str = "/src/north/api/.taskmaster/tasks/tasks.json";
const SOUTH: &str = "/src/south/api/.taskmaster/tasks/tasks.json";

/// Requests an import of a file at a place.
async fn import(server: &TestServer, place: &str, more: &str, file: impl Into<Vec<u8>>) -> Value {
    let path = format!("/api/imports?format=task-master&source={place}{more}");
    server.post_bytes(&path, file.into()).await.ok()
}

fn master(tasks: &Value) -> String {
    json!({"master": {"tasks": tasks}}).to_string()
}

fn one(title: &str) -> String {
    master(&json!([{"id": 1, "title": title}]))
}

async fn titles(server: &TestServer, project: &str) -> Vec<String> {
    let tasks = server.get(&format!("/api/projects/{project}/tasks")).await;
    let tasks = tasks.ok();
    let title = |task: &Value| task["title"].as_str().unwrap().to_owned();
    tasks.as_array().unwrap().iter().map(title).collect()
}

async fn projects(server: &TestServer) -> Vec<String> {
    let projects = server.get("/api/projects").await.ok();
    let id = |project: &Value| project["id"].as_str().unwrap().to_owned();
    projects.as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn two_folders_of_one_name_become_two_projects_that_are_found_again() {
    let server = TestServer::start().await;
    for round in 0..2 {
        import(&server, NORTH, "", one("Invoice")).await;
        let report = import(&server, SOUTH, "", one("Parcel")).await;
        let south = &report["projects"][0];
        assert_eq!(south["project"], "south-api");
        assert_eq!(south["new_project"], round == 0);
        if round == 0 {
            let note = south["notes"][0]["note"].as_str().unwrap();
            assert!(
                note.contains(NORTH) && note.contains("'south-api'"),
                "{note}"
            );
        }
    }
    assert_eq!(projects(&server).await, ["api", "south-api"]);
    assert_eq!(titles(&server, "api").await, ["Invoice"]);
    assert_eq!(titles(&server, "south-api").await, ["Parcel"]);
}

#[tokio::test]
async fn a_named_project_refuses_another_file_unless_its_file_was_moved() {
    let server = TestServer::start().await;
    let path = |place: &str, more: &str| {
        format!("/api/projects/mine/imports?format=task-master&source={place}{more}")
    };
    let server = &server;
    let send =
        |path: String, file: String| async move { server.post_bytes(&path, file.into()).await };
    let first = send(path(NORTH, ""), one("Invoice")).await;
    first.ok();
    let other = send(path(SOUTH, ""), one("Parcel")).await;
    let refused = other.refused(422).to_string();
    assert!(
        refused.contains(NORTH) && refused.contains(SOUTH),
        "{refused}"
    );
    assert_eq!(titles(server, "mine").await, ["Invoice"]);
    let moved = send(path(SOUTH, "&moved=true"), one("Parcel")).await;
    moved.ok();
    assert_eq!(titles(server, "mine").await, ["Parcel"]);
    let again = send(path(NORTH, ""), one("Invoice")).await;
    again.refused(422);
}

#[tokio::test]
async fn a_project_made_by_hand_is_not_taken_for_that_of_a_file() {
    let server = TestServer::start().await;
    server.make_project("api").await;
    server.make_task("api", "By hand").await;
    let report = import(&server, NORTH, "", one("Invoice")).await;
    assert_eq!(report["projects"][0]["project"], "north-api");
    assert_eq!(titles(&server, "api").await, ["By hand"]);
}

#[tokio::test]
async fn a_dry_run_says_what_the_import_says_and_changes_nothing() {
    let server = TestServer::start().await;
    let file = json!({
        "master": {"tasks": [{"id": 1, "title": "A", "status": "review", "dependencies": [2]},
            {"id": 2, "title": "B", "status": "in-progress", "dependencies": [1, 9]}, null]},
        "later": {"tasks": [{"id": 1, "title": "C"}]},
    });
    for _ in 0..2 {
        let before = projects(&server).await;
        let mut dry = import(&server, NORTH, "&dry_run=true", file.to_string()).await;
        assert_eq!(dry["dry_run"], true);
        assert_eq!(projects(&server).await, before);
        let done = import(&server, NORTH, "", file.to_string()).await;
        dry["dry_run"] = json!(false);
        assert_eq!(dry, done);
    }
    assert_eq!(projects(&server).await, ["api", "api-later"]);
}

#[tokio::test]
async fn lists_that_share_a_project_are_one_import() {
    let server = TestServer::start().await;
    let file = json!({
        "master": {"tasks": [{"id": 1, "title": "A"}]},
        "later": {"tasks": [{"id": 1, "title": "B"}, {"id": 2, "title": "C"}]},
    });
    let path = format!("/api/projects/all/imports?format=task-master&source={NORTH}");
    let dry = format!("{path}&dry_run=true");
    let dry = server.post_bytes(&dry, file.to_string().into()).await.ok();
    let done = server.post_bytes(&path, file.to_string().into()).await.ok();
    assert_eq!(dry["projects"], done["projects"]);
    assert_eq!(done["projects"][0]["created"].as_array().unwrap().len(), 3);
    // The project remembers both.
    let again = import(&server, NORTH, "", file.to_string()).await;
    assert_eq!(again["projects"][0]["project"], "all");
    assert_eq!(
        again["projects"][0]["unchanged"].as_array().unwrap().len(),
        3
    );
    assert_eq!(projects(&server).await, ["all"]);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind_and_says_where_it_is_wrong() {
    let server = TestServer::start().await;
    let path = format!("/api/imports?format=task-master&source={NORTH}");
    for (path, file, said) in [
        (
            &*path,
            "{\n \"tasks\": [1 2]}",
            "line 2, column 14: expected a comma or ], at: 2]}",
        ),
        (&*path, "{}", "has no list of tasks"),
        (
            "/api/imports?format=odd&source=x",
            "{}",
            "supported formats: task-master",
        ),
        ("/api/imports?format=task-master", "{}", "source"),
        (
            &*format!("{path}&list=none"),
            &one("A"),
            "its lists are: master",
        ),
        (
            &*format!("{path}&subtasks=odd"),
            &one("A"),
            "'checklist' or 'tasks'",
        ),
    ] {
        let refused = server.post_bytes(path, file.to_owned().into()).await;
        let refused = refused.refused(422).to_string();
        assert!(refused.contains(said), "{said}: {refused}");
    }
    assert!(projects(&server).await.is_empty());
}

#[tokio::test]
async fn a_file_that_has_no_room_leaves_no_project_behind() {
    let server = TestServer::start().await;
    // More dependencies than a project may have.
    let tasks: Vec<Value> = (1..=700_u64)
        .map(|id| {
            let needs: Vec<u64> = (id.saturating_sub(500).max(1)..id).collect();
            json!({"id": id, "title": "T", "dependencies": needs})
        })
        .collect();
    let file = json!({"first": {"tasks": [{"id": 1, "title": "F"}]}, "master": {"tasks": tasks}});
    let path = format!("/api/imports?format=task-master&source={NORTH}");
    for path in [format!("{path}&dry_run=true"), path] {
        let answer = server.post_bytes(&path, file.to_string().into()).await;
        let refused = answer.refused(400).to_string();
        assert!(refused.contains("dependencies"), "{refused}");
        assert!(projects(&server).await.is_empty());
    }
    let path = format!("/api/projects/a%20b/imports?format=task-master&source={NORTH}");
    for path in [format!("{path}&dry_run=true"), path] {
        let answer = server.post_bytes(&path, one("A").into()).await;
        answer.refused(422);
        assert!(projects(&server).await.is_empty());
    }
}

#[tokio::test]
async fn a_large_file_is_all_there_and_the_second_time_unchanged() {
    let server = TestServer::start().await;
    let tasks: Vec<Value> = (1..=450)
        .map(|id| json!({"id": id, "title": format!("T{id}"), "dependencies": [id - 1]}))
        .collect();
    let file = json!({"master": {"tasks": tasks}, "later": {"tasks": [{"id": 1, "title": "L"}]}});
    let file = file.to_string();
    let mut dry = import(&server, NORTH, "&dry_run=true", file.clone()).await;
    dry["dry_run"] = json!(false);
    let done = import(&server, NORTH, "", file.clone()).await;
    assert_eq!(dry, done);
    assert_eq!(titles(&server, "api").await.len(), 450);
    let again = import(&server, NORTH, "", file).await;
    assert_eq!(
        again["projects"][0]["unchanged"].as_array().unwrap().len(),
        450
    );
    assert_eq!(projects(&server).await, ["api", "api-later"]);
}
