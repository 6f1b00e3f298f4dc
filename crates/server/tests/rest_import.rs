//! The import, by its endpoint and by the command line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use support::TestServer;
use tokio::process::Command;

async fn tasktree(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tasktree"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_DATA_HOME", folder)
        .env("HOME", folder)
        .env_remove("TASKTREE_DB")
        .env_remove("TASKTREE_TOKEN")
        .env_remove("TASKTREE_SERVER")
        .output()
        .await
        .expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A repository with a Task Master file of two tags.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tasks = folder.path().join("shop/.taskmaster/tasks");
    std::fs::create_dir_all(&tasks).unwrap();
    let file = json!({
        "master": {"tasks": [
            {"id": 1, "title": "Ground", "status": "done", "priority": "high", "details": "a\nb", "complexity": 3},
            {"id": 2, "title": "Walls", "status": "pending", "dependencies": [1],
             "subtasks": [{"id": 1, "title": "North", "status": "done"}, {"id": 2, "title": "South", "dependencies": [1]}]},
        ]},
        "later": {"tasks": [{"id": 1, "title": "Garden", "status": "deferred", "priority": "low"}]},
    });
    std::fs::write(tasks.join("tasks.json"), file.to_string()).unwrap();
    folder
}

const FILE: &str = "shop/.taskmaster/tasks/tasks.json";

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

#[tokio::test]
async fn the_command_line_imports_each_tag_into_a_project_of_a_running_server() {
    let server = TestServer::start().await;
    let folder = repository();
    let base = server.url("");
    let dry = tasktree(
        &["import", "taskmaster", FILE, "--dry-run", "--server", &base],
        folder.path(),
    )
    .await;
    assert!(dry.status.success(), "{}", said(&dry));
    assert_eq!(server.get("/api/projects").await.ok(), json!([]));
    let done = tasktree(
        &["import", "taskmaster", FILE, "--server", &base],
        folder.path(),
    )
    .await;
    assert!(done.status.success(), "{}", said(&done));
    let report = said(&done);
    assert!(
        report.contains("created: 2, updated: 0, unchanged: 0"),
        "{report}"
    );
    assert!(
        report.contains("lost      field complexity of a task: 1"),
        "{report}"
    );
    let projects = server.get("/api/projects").await.ok();
    let ids: Vec<_> = projects
        .as_array()
        .unwrap()
        .iter()
        .map(|project| project["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["shop", "shop-later"]);
    let walls = server.get("/api/projects/shop/tasks/2").await.ok();
    assert_eq!(walls["dependencies"], json!(["1-shop"]));
    assert_eq!(
        walls["prompt"],
        "## Subtasks\n\n- [x] 2.1 North\n- [ ] 2.2 South (after 1)"
    );
    let again = tasktree(
        &[
            "import",
            "taskmaster",
            FILE,
            "--server",
            &base,
            "--tag",
            "master",
        ],
        folder.path(),
    )
    .await;
    assert!(
        said(&again).contains("created: 0, updated: 0, unchanged: 2"),
        "{}",
        said(&again)
    );
}

#[tokio::test]
async fn a_token_opens_the_server_for_the_command_line() {
    let server =
        TestServer::with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    let (folder, base) = (repository(), server.url(""));
    let refused = tasktree(
        &["import", "taskmaster", FILE, "--server", &base],
        folder.path(),
    )
    .await;
    assert!(
        !refused.status.success() && said(&refused).contains("token"),
        "{}",
        said(&refused)
    );
    let arguments = [
        "import",
        "taskmaster",
        FILE,
        "--server",
        &base,
        "--token",
        "correct-horse",
        "--project",
        "all",
        "--subtasks",
        "tasks",
    ];
    let done = tasktree(&arguments, folder.path()).await;
    assert!(done.status.success(), "{}", said(&done));
}

#[tokio::test]
async fn without_a_server_the_database_is_written_and_a_later_server_has_the_tasks() {
    let folder = repository();
    let db = folder.path().join("data/board.db");
    let db_text = db.to_str().unwrap();
    let done = tasktree(
        &[
            "import",
            "taskmaster",
            FILE,
            "--db",
            db_text,
            "--project",
            "shop",
        ],
        folder.path(),
    )
    .await;
    assert!(done.status.success(), "{}", said(&done));
    let server = TestServer::with(|config| config.database = db_text.parse().unwrap()).await;
    let locked = tasktree(
        &["import", "taskmaster", FILE, "--db", db_text],
        folder.path(),
    )
    .await;
    assert!(
        !locked.status.success() && said(&locked).contains("served by another process"),
        "{}",
        said(&locked)
    );
    let tasks: Value = server.get("/api/projects/shop/tasks").await.ok();
    assert_eq!(tasks.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_imported_is_said_in_a_sentence() {
    let server = TestServer::start().await;
    let (folder, base) = (repository(), server.url(""));
    for (arguments, sentence) in [
        (
            vec!["missing.json", "--server", &base],
            "missing.json cannot be read",
        ),
        (
            vec![FILE, "--server", &base, "--tag", "none"],
            "the file has no tag \"none\"; it has: master, later",
        ),
        (
            vec![FILE, "--server", "http://127.0.0.1:1"],
            "no server answers at http://127.0.0.1:1",
        ),
        (
            vec![FILE, "--server", "https://board.example.com"],
            "not an http:// address",
        ),
    ] {
        let arguments: Vec<_> = ["import", "taskmaster"]
            .into_iter()
            .chain(arguments)
            .collect();
        let output = tasktree(&arguments, folder.path()).await;
        assert!(
            !output.status.success() && said(&output).contains(sentence),
            "{}",
            said(&output)
        );
    }
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let taken = server.address.to_string();
    for (arguments, sentence) in [
        (
            vec!["serve", "--listen", taken.as_str(), "--db", ":memory:"],
            "is taken",
        ),
        (
            vec![
                "serve",
                "--listen",
                "0.0.0.0:0",
                "--db",
                ":memory:",
                "--sign-in",
                "off",
            ],
            "--sign-in",
        ),
        (
            vec![
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--db",
                "/dev/null/board.db",
            ],
            "cannot be made",
        ),
    ] {
        let output = tasktree(&arguments, folder.path()).await;
        assert!(
            !output.status.success() && said(&output).contains(sentence),
            "{}",
            said(&output)
        );
    }
}
