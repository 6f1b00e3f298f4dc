//! Callers who may run git: those who manage a project, and no page of another site.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::git_support::{git, repository};
use crate::people::{Person, server};
use crate::support::{Answer, TestServer};

const STATUS: &str = "/api/projects/alpha/git-status";
const MERGE: &str = "/api/projects/alpha/tasks/1/merge";

/// Creates a completed task with a branch, in a repository.
async fn furnished(server: &TestServer, root: &Path) -> Person {
    let editor = Person::new(server, "ed", "editor", None).await;
    let path = json!({"path": root, "git_remote": "https://u:SECRET@host/a", "is_git_repo": true});
    let put = editor.send(server, Method::PUT, "/api/projects/alpha", Some(path));
    assert_eq!(put.await.ok()["git_remote"], "https://host/a");
    let task = json!({"title": "t", "status": "completed"});
    editor
        .post(server, "/api/projects/alpha/tasks", task)
        .await
        .ok();
    editor
}

#[tokio::test]
async fn who_may_not_manage_sees_what_is_stored_and_has_no_git_run() {
    let (server, directory) = (server().await, repository("other.txt"));
    let editor = furnished(&server, directory.path()).await;
    let status = editor.get(&server, STATUS).await.ok();
    assert_eq!(status["current_branch"], "main");
    let preview = editor.get(&server, MERGE).await.ok();
    assert_eq!(preview["commits"][0]["subject"], "the task's");
    for (role, project) in [("viewer", None), ("agent", Some("alpha"))] {
        let other = Person::new(&server, "ada", role, project).await;
        let status = other.get(&server, STATUS).await.ok();
        let stored = json!({"is_git_repo": true, "remote_url": "https://host/a"});
        assert_eq!(status, stored, "{role}");
        for method in [Method::GET, Method::POST] {
            assert_eq!(other.send(&server, method, MERGE, None).await.status, 403);
        }
        for how in ["force", "contained"] {
            let path = format!("{MERGE}?{how}=true");
            assert_eq!(other.post(&server, &path, Value::Null).await.status, 403);
        }
        let init = other
            .post(&server, "/api/projects/alpha/init-git", Value::Null)
            .await;
        assert_eq!(init.status, 403);
        assert_eq!(
            git(directory.path(), &["log", "-1", "--format=%s"]),
            "main's"
        );
        let id = &other.id;
        server
            .state
            .accounts
            .revoke_token(&tasktree_server::auth::Principal::server(), id)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_agent_that_uses_a_persons_token_has_no_git_run() {
    let (server, directory) = (server().await, repository("other.txt"));
    let root = directory.path();
    let editor = furnished(&server, root).await;
    let state = || {
        let status = git(root, &["status", "--porcelain", "--ignored"]);
        (git(root, &["for-each-ref"]), status)
    };
    let before = state();
    let ask = async |method: Method, path: &str| {
        let request = server.request(method, path).bearer_auth(&editor.secret);
        let request = request.header("TaskTree-Agent", "ada");
        Answer::of(request.send().await.unwrap()).await
    };
    for how in ["", "?force=true", "?contained=true"] {
        let refused = ask(Method::POST, &format!("{MERGE}{how}")).await;
        assert_eq!(refused.status, 403, "{how}: {}", refused.text);
    }
    assert_eq!(ask(Method::GET, MERGE).await.status, 403);
    assert_eq!(state(), before);
    let stored = json!({"is_git_repo": true, "remote_url": "https://host/a"});
    assert_eq!(ask(Method::GET, STATUS).await.ok(), stored);
    std::fs::rename(root.join(".git"), root.join("kept")).unwrap();
    let init = "/api/projects/alpha/init-git";
    assert_eq!(ask(Method::POST, init).await.status, 403);
    assert!(!root.join(".git").exists() && !root.join(".gitignore").exists());
    // The person behind it may.
    let made = editor.post(&server, init, Value::Null).await;
    assert_eq!(made.status, 200, "{}", made.text);
}

#[tokio::test]
async fn a_page_of_another_site_has_no_git_run_by_sending_a_browser_here() {
    let (server, directory) = (server().await, repository("other.txt"));
    let editor = furnished(&server, directory.path()).await;
    for (site, mode, runs) in [
        (Some("cross-site"), "navigate", false),
        (Some("same-site"), "navigate", false),
        (Some("same-site"), "no-cors", false),
        (Some("same-origin"), "cors", true),
        (Some("none"), "navigate", true),
        (None, "cors", true),
    ] {
        let ask = async |path: &str| {
            let mut request = server
                .request(Method::GET, path)
                .bearer_auth(&editor.secret);
            if let Some(site) = site {
                request = request
                    .header("sec-fetch-site", site)
                    .header("sec-fetch-mode", mode);
            }
            Answer::of(request.send().await.unwrap()).await
        };
        let status = ask(STATUS).await.ok();
        assert_eq!(status["current_branch"] == "main", runs, "{site:?} {mode}");
        assert_eq!(
            ask(MERGE).await.status,
            if runs { 200 } else { 403 },
            "{site:?} {mode}"
        );
    }
}
