//! Merges and branches over REST: the answers that scripts and boards read.

use std::path::Path;

use crate::git_support::{commit, git, repository, write};
use crate::support::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

const TASKS: &str = "/api/projects/alpha/tasks";
const MERGE: &str = "/api/projects/alpha/tasks/1/merge";

/// Creates a completed task with a branch, in a repository.
async fn furnished(root: &Path) -> TestServer {
    let server = TestServer::with_project().await;
    server
        .put("/api/projects/alpha", json!({"path": root}))
        .await
        .ok();
    server
        .post(TASKS, json!({"title": "one", "status": "completed"}))
        .await
        .ok();
    server
}

#[tokio::test]
async fn a_merge_answers_with_branch_and_commit_and_so_do_the_card_and_the_event() {
    let directory = repository("other.txt");
    let server = furnished(directory.path()).await;
    let merged = server.post(MERGE, Value::Null).await.ok();
    let commit = git(directory.path(), &["rev-parse", "main"]);
    assert_eq!(
        merged,
        json!({
            "message": "Task 'one' merged successfully", "task_id": "1-alpha", "branch": "task-1",
            "merge_commit": commit,
        })
    );
    let task = server.get(&format!("{TASKS}/1")).await.ok();
    assert_eq!(
        (&task["status"], &task["merge_commit"]),
        (&json!("merged"), &json!(commit))
    );
    let card = &server.get(&format!("{TASKS}?view=card")).await.ok()[0];
    assert_eq!(card["merge_commit"], commit);
    let events = server.get("/api/projects/alpha/events").await.ok();
    let event = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!(event["type"], "task_merged");
    let data = &event["data"];
    assert_eq!(
        (&data["task_id"], &data["branch"], &data["merge_commit"]),
        (&json!("1-alpha"), &json!("task-1"), &json!(commit))
    );
    let history = server.get(&format!("{TASKS}/1/history")).await.ok();
    assert!(
        history[0]["changed"]
            .as_array()
            .unwrap()
            .contains(&json!("merge_commit"))
    );
}

#[tokio::test]
async fn a_task_that_is_marked_by_hand_has_no_commit_whichever_way() {
    let directory = repository("other.txt");
    let server = furnished(directory.path()).await;
    let forced = server
        .post(&format!("{MERGE}?force=true"), Value::Null)
        .await
        .ok();
    assert_eq!(forced["merge_commit"], Value::Null);
    server
        .put(&format!("{TASKS}/1"), json!({"status": "completed"}))
        .await
        .ok();
    let moved = server
        .put(&format!("{TASKS}/1"), json!({"status": "merged"}))
        .await
        .ok();
    assert_eq!(
        (&moved["status"], &moved["merge_commit"]),
        (&json!("merged"), &Value::Null)
    );
    assert_eq!(
        git(directory.path(), &["log", "-1", "--format=%s"]),
        "main's"
    );
}

#[tokio::test]
async fn each_refusal_has_a_code_and_what_it_is_about() {
    let directory = repository("shared.txt");
    let root = directory.path();
    let server = furnished(root).await;
    let refused = async || {
        let answer = server.post(MERGE, Value::Null).await;
        (answer.status, answer.json())
    };
    let (status, conflict) = refused().await;
    assert_eq!(
        (status, &conflict["code"]),
        (409, &json!("merge_conflicts"))
    );
    assert_eq!(conflict["files"], json!(["shared.txt"]));
    assert!(
        conflict["detail"]
            .as_str()
            .unwrap()
            .starts_with("Merge failed: ")
    );
    write(root, "shared.txt", "mine");
    let (status, dirty) = refused().await;
    assert_eq!(
        (status, &dirty["code"], &dirty["files"]),
        (409, &json!("dirty"), &json!(["shared.txt"]))
    );
    git(root, &["checkout", "-q", "--", "."]);
    server
        .put(&format!("{TASKS}/1"), json!({"branch": "gone"}))
        .await
        .ok();
    let (status, missing) = refused().await;
    assert_eq!((status, &missing["code"]), (409, &json!("branch_missing")));
    git(root, &["branch", "gone", "main"]);
    let (status, nothing) = refused().await;
    assert_eq!(
        (status, &nothing["code"]),
        (409, &json!("nothing_to_merge"))
    );
    git(root, &["checkout", "-q", "gone"]);
    commit(root, "new.txt", "new");
    git(root, &["checkout", "-q", "main"]);
    git(root, &["merge", "-q", "gone"]);
    let (status, contained) = refused().await;
    assert_eq!(
        (status, &contained["code"]),
        (409, &json!("already_merged"))
    );
    let commit = git(root, &["rev-parse", "main"]);
    assert_eq!(contained["commit"], commit);
    let marked = server
        .post(&format!("{MERGE}?contained=true"), Value::Null)
        .await
        .ok();
    assert_eq!(marked["merge_commit"], commit);
    let (status, again) = refused().await;
    assert_eq!(
        (status, &again["detail"]),
        (400, &json!("Task must be completed to merge"))
    );
    server
        .put("/api/projects/alpha", json!({"path": "/nowhere"}))
        .await
        .ok();
    server
        .put(&format!("{TASKS}/1"), json!({"status": "completed"}))
        .await
        .ok();
    let (status, nowhere) = refused().await;
    assert_eq!(
        (status, &nowhere["code"]),
        (400, &json!("not_a_repository"))
    );
    assert_eq!(server.get(MERGE).await.status, 400);
}

#[tokio::test]
async fn a_broken_repository_is_no_fault_of_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let server = furnished(directory.path()).await;
    let status = "/api/projects/alpha/git-status";
    assert_eq!(server.get(status).await.ok(), json!({"is_git_repo": false}));
    write(directory.path(), ".git", "gitdir: /nowhere");
    let broken = server.get(status).await.ok();
    assert!(
        broken["error"]
            .as_str()
            .unwrap()
            .contains("not a git repository: /nowhere"),
        "{broken}"
    );
    let merge = server.post(MERGE, Value::Null).await;
    assert_eq!(merge.json()["code"], "git_failed");
    assert!(
        merge.text.contains("not a git repository: /nowhere"),
        "{}",
        merge.text
    );
    let init = server
        .post("/api/projects/alpha/init-git", Value::Null)
        .await;
    assert_ne!(init.status, 200, "{}", init.text);
    assert!(!directory.path().join(".gitignore").exists());
    let good = repository("other.txt");
    for inside in [".git", ".git/refs"] {
        let path = good.path().join(inside);
        server
            .put("/api/projects/alpha", json!({"path": path}))
            .await
            .ok();
        let found = server.get(status).await.ok();
        assert_eq!(
            (&found["is_git_repo"], &found["current_branch"]),
            (&json!(true), &json!("main"))
        );
        assert_eq!(found.get("has_changes"), None);
        let init = server
            .post("/api/projects/alpha/init-git", Value::Null)
            .await;
        assert_eq!(init.refused(400), "Already a Git repository");
    }
    assert_eq!(server.post(MERGE, Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_branch_is_the_name_of_a_branch_at_every_door() {
    let server = TestServer::with_project().await;
    server.make_task("alpha", "one").await;
    for wrong in [
        "feat~0", "feat^", "a..b", "x@{1}", "-d", "a b", "a\nb", "a.lock", "/a", "@", "a:b",
    ] {
        let body = json!({"title": "t", "branch": wrong});
        let plan = json!({"plan": "p", "tasks": [body]});
        let agent = json!({"id": "ada", "branch": wrong});
        let project = json!({"main_branch": wrong});
        for (method, path, body, place) in [
            (Method::POST, TASKS, &body, json!(["body", "branch"])),
            (
                Method::PUT,
                "/api/projects/alpha/tasks/1",
                &body,
                json!(["body", "branch"]),
            ),
            (
                Method::PUT,
                "/api/projects/alpha/plan",
                &plan,
                json!(["body", "tasks", 0, "branch"]),
            ),
            (
                Method::POST,
                "/api/projects/alpha/agents",
                &agent,
                json!(["body", "branch"]),
            ),
            (
                Method::PUT,
                "/api/projects/alpha",
                &project,
                json!(["body", "main_branch"]),
            ),
            (
                Method::POST,
                "/api/projects",
                &json!({"id": "b", "name": "b", "main_branch": wrong}),
                json!(["body", "main_branch"]),
            ),
        ] {
            let answer = server.send(method, path, Some(body.clone())).await;
            let problem = &answer.refused(422)[0];
            assert_eq!(
                (&problem["type"], &problem["loc"]),
                (&json!("branch_name"), &place),
                "{wrong} {path}"
            );
        }
        let query = format!(
            "{TASKS}?title=t&branch={}",
            wrong
                .replace('@', "%40")
                .replace('\n', "%0A")
                .replace(' ', "+")
        );
        assert_eq!(
            server.post(&query, Value::Null).await.status,
            422,
            "{wrong}"
        );
    }
    assert_eq!(server.get(TASKS).await.ok().as_array().unwrap().len(), 1);
    let named = server
        .put("/api/projects/alpha", json!({"main_branch": "trunk"}))
        .await
        .ok();
    assert_eq!(named["main_branch"], "trunk");
    let cleared = server
        .put("/api/projects/alpha", json!({"main_branch": null}))
        .await
        .ok();
    assert_eq!(cleared["main_branch"], Value::Null);
}
