//! Resources: the board and its tasks as Markdown.

use serde_json::json;

use crate::support::TestServer;
use crate::wire::{LEGACY, MODERN, call, request, send};

async fn read(server: &TestServer, uri: &str) -> String {
    let request = request(server, MODERN, "resources/read", json!({"uri": uri}));
    let answer = send(request).await.ok();
    let contents = &answer["result"]["contents"][0];
    assert_eq!(
        (&contents["uri"], &contents["mimeType"]),
        (&json!(uri), &json!("text/markdown"))
    );
    contents["text"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_board_and_its_tasks_are_listed_and_read() {
    let server = TestServer::with_project().await;
    let new = json!({"title": "Parse it", "prompt": "Write a parser."});
    server.post("/api/projects/alpha/tasks", new).await.ok();
    call(&server, "ann", "board_next", json!({})).await;
    call(
        &server,
        "ann",
        "board_update",
        json!({"note": "Half of it."}),
    )
    .await;
    for revision in LEGACY.into_iter().chain([MODERN]) {
        let list = send(request(&server, revision, "resources/list", json!({})))
            .await
            .ok();
        let list = list["result"]["resources"].as_array().unwrap().clone();
        assert_eq!(list[0]["uri"], "tasktree://alpha/board");
        assert_eq!(list[1]["uri"], "tasktree://alpha/task/1");
        assert_eq!(list[1]["name"], "#1 Parse it");
    }
    let templates = request(&server, MODERN, "resources/templates/list", json!({}));
    let templates = send(templates).await.ok();
    let template = &templates["result"]["resourceTemplates"][0]["uriTemplate"];
    assert_eq!(template, "tasktree://{project}/task/{number}");
    let board = read(&server, "tasktree://alpha/board").await;
    assert!(
        board.contains("## In progress\n\n- #1 Parse it (held by ann)"),
        "{board}"
    );
    let task = read(&server, "tasktree://alpha/task/1").await;
    for part in [
        "# #1 Parse it",
        "held by ann",
        "Write a parser.",
        "Half of it.",
    ] {
        assert!(task.contains(part), "{task}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_said_in_the_words_of_the_revision() {
    let server = TestServer::with_project().await;
    for uri in [
        "tasktree://alpha/task/9",
        "tasktree://beta/board",
        "file:///etc/passwd",
    ] {
        let params = json!({"uri": uri});
        let legacy = send(request(
            &server,
            LEGACY[2],
            "resources/read",
            params.clone(),
        ))
        .await;
        assert_eq!(legacy.json()["error"]["code"], -32002, "{uri}");
        let modern = send(request(&server, MODERN, "resources/read", params)).await;
        assert_eq!(modern.json()["error"]["code"], -32602, "{uri}");
    }
}
