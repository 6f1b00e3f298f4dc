//! `tasktree import`.

use serde_json::{Value, json};

use crate::server::{Server, run, said};

/// Creates a repository with a Task Master file of two tags.
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
async fn the_command_line_imports_each_tag_into_a_project_of_a_running_server() {
    let folder = repository();
    let server = Server::in_memory(folder.path(), &[], "info").await;
    let base = server.base.as_str();
    let dry = run(
        &["import", "taskmaster", FILE, "--dry-run", "--server", base],
        folder.path(),
    )
    .await;
    assert!(dry.status.success(), "{}", said(&dry));
    assert_eq!(server.get("/api/projects").await, json!([]));
    let done = run(
        &["import", "taskmaster", FILE, "--server", base],
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
        report.contains("in file   entries: 2, subtasks: 2, left out: 0"),
        "{report}"
    );
    let projects = server.get("/api/projects").await;
    let ids: Vec<_> = projects
        .as_array()
        .unwrap()
        .iter()
        .map(|project| project["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["shop", "shop-later"]);
    let walls = server.get("/api/projects/shop/tasks/2").await;
    assert_eq!(walls["dependencies"], json!(["1-shop"]));
    assert_eq!(
        walls["prompt"],
        "## Subtasks\n\n- [x] 2.1 North\n- [ ] 2.2 South (after 1)"
    );
    let again = run(
        &[
            "import",
            "taskmaster",
            FILE,
            "--server",
            base,
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
async fn a_file_has_one_project_whatever_it_is_named_from() {
    let folder = repository();
    let below = folder.path().join("shop/src");
    std::fs::create_dir(&below).unwrap();
    let server = Server::in_memory(folder.path(), &[], "info").await;
    let base = server.base.as_str();
    for (from, file) in [
        (below.as_path(), "../.taskmaster/tasks/tasks.json"),
        (folder.path(), FILE),
    ] {
        let done = run(&["import", "taskmaster", file, "--server", base], from).await;
        assert!(done.status.success(), "{}", said(&done));
    }
    let projects = server.get("/api/projects").await;
    assert_eq!(projects.as_array().unwrap().len(), 2);
    assert_eq!(projects[0]["id"], "shop");
}

#[tokio::test]
async fn a_token_opens_the_server_for_the_command_line() {
    let folder = repository();
    let server = Server::in_memory(folder.path(), &["--token", "correct-horse"], "info").await;
    let base = server.base.as_str();
    let refused = run(
        &["import", "taskmaster", FILE, "--server", base],
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
        base,
        "--token",
        "correct-horse",
        "--project",
        "all",
        "--subtasks",
        "tasks",
    ];
    let done = run(&arguments, folder.path()).await;
    assert!(done.status.success(), "{}", said(&done));
}

#[tokio::test]
async fn without_a_server_the_database_is_written_and_a_later_server_has_the_tasks() {
    let folder = repository();
    let db = folder.path().join("data/board.db");
    let db_text = db.to_str().unwrap();
    let done = run(
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
    let server = Server::start(folder.path(), &["--db", db_text], "info", "Data: ").await;
    let locked = run(
        &["import", "taskmaster", FILE, "--db", db_text],
        folder.path(),
    )
    .await;
    assert!(
        !locked.status.success() && said(&locked).contains("in use by another process"),
        "{}",
        said(&locked)
    );
    let tasks: Value = server.get("/api/projects/shop/tasks").await;
    assert_eq!(tasks.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_imported_is_said_in_a_sentence() {
    let folder = repository();
    let server = Server::in_memory(folder.path(), &[], "info").await;
    let base = server.base.as_str();
    for (arguments, sentence) in [
        (
            vec!["missing.json", "--server", base],
            "cannot read missing.json",
        ),
        (
            vec![FILE, "--server", &base, "--tag", "none"],
            "the file has no list 'none'; its lists are: master, later",
        ),
        (
            vec![FILE, "--server", "http://127.0.0.1:1"],
            "no server responds at http://127.0.0.1:1",
        ),
        (
            vec![FILE, "--server", "ftp://board.example.com"],
            "begin with http:// or https://",
        ),
    ] {
        let arguments: Vec<_> = ["import", "taskmaster"]
            .into_iter()
            .chain(arguments)
            .collect();
        let output = run(&arguments, folder.path()).await;
        assert!(
            !output.status.success() && said(&output).contains(sentence),
            "{}",
            said(&output)
        );
    }
}
