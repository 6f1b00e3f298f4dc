//! Older servers, which send whole tasks and no cursors.

use super::{LEASES, TASKS, fetches, id, loaded, open_board, page_state, title};
use crate::support::{
    PROJECT, Page, begin, card, pass, release, requests, serve, settle, until, waiting,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::net::ConnectionState;
use tasktree_board::state::BoardState;
use tasktree_protocol::{Maybe, Status, TaskPatch};
use wasm_bindgen_test::wasm_bindgen_test;

/// Opens a board of an older server, which sends whole tasks and no cursors.
async fn legacy_board(tasks: &Value) -> Page<BoardState> {
    serve("GET", TASKS, tasks);
    crate::support::refuse("GET", "projects/p1/agents", 500, &json!(null));
    crate::support::refuse("GET", LEASES, 404, &json!(null));
    let page = open_board();
    crate::support::socket_open(0, "");
    until("legacy", || page_state() == ConnectionState::Legacy).await;
    loaded(page.value).await;
    // A fetch that began after the socket opened must contain everything that happened before.
    until("the fetches are done", || {
        fetches() >= 2 && waiting("GET", TASKS) == 0
    })
    .await;
    settle().await;
    page
}

#[wasm_bindgen_test]
async fn an_older_backend_is_followed_by_coalesced_fetches() {
    begin();
    let page = legacy_board(&json!([card(1, "Before", "unclaimed", 0)])).await;
    let before = fetches();
    serve("GET", TASKS, &json!([card(1, "After", "in_progress", 0)]));
    for _ in 0..10 {
        crate::support::socket_receive(
            0,
            &crate::support::legacy("task_updated", PROJECT, &json!({ "id": "1-p1" })),
        );
        crate::support::socket_receive(
            0,
            &crate::support::legacy("task_updated", "another", &json!({ "id": "1-p2" })),
        );
    }
    until("the fetch", || {
        title(page.value, 1).as_deref() == Some("After")
    })
    .await;
    pass(500).await;
    assert_eq!(fetches() - before, 1);
    for kind in ["log", "project_updated", "notification"] {
        crate::support::socket_receive(
            0,
            &crate::support::legacy(
                kind,
                PROJECT,
                &json!({ "lines": ["a line"], "title": "A notice" }),
            ),
        );
    }
    pass(400).await;
    assert_eq!(fetches() - before, 1, "only tasks and agents cause a fetch");
    assert_eq!(page_state(), ConnectionState::Legacy);
    assert_eq!(page.value.logs().lines.get_untracked().len(), 1);
}

#[wasm_bindgen_test]
async fn an_older_backend_is_written_to_by_http() {
    begin();
    let whole = |title: &str, status: &str| {
        json!({ "id": "1-p1", "task_id": 1, "title": title, "description": null, "prompt": null, "status": status, "branch": "task-1", "session": null,
            "dependencies": [], "priority": 0, "owned_files": [], "shared_files": [], "creates_files": [], "merge_order": 0, "exclusive_files": [],
            "initialization_deps": [], "created_at": "2026-11-22T23:04:37.327649", "updated_at": "2026-11-22T23:04:37", "completed_at": null, "merged_at": null })
    };
    let page = legacy_board(&json!([whole("One", "unclaimed")])).await;
    let board = page.value;
    crate::support::hold("PUT", "projects/p1/tasks/1-p1");
    let moved = board.move_task(id(1), Status::UpNext);
    assert_eq!(
        board.card(&id(1)).unwrap().status,
        Status::UpNext,
        "at once"
    );
    until("the request", || {
        waiting("PUT", "projects/p1/tasks/1-p1") == 1
    })
    .await;
    assert_eq!(
        requests("PUT projects/p1/tasks/1-p1")[0].body,
        r#"{"status":"up_next"}"#
    );
    release(
        "PUT",
        "projects/p1/tasks/1-p1",
        None,
        &whole("One", "up_next"),
    );
    assert_eq!(moved.await, Ok(()));
    assert_eq!(board.card(&id(1)).unwrap().status, Status::UpNext);

    crate::support::refuse(
        "PUT",
        "projects/p1/tasks/1-p1",
        422,
        &json!({ "detail": [{ "type": "string_too_long", "loc": ["body", "title"], "msg": "at most 500 characters", "input": "x" }] }),
    );
    let patch = TaskPatch {
        title: Maybe::Value("x".into()),
        ..TaskPatch::default()
    };
    let error = board
        .update_task(id(1), patch, None, |_| false)
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("invalid", "title: at most 500 characters")
    );
    assert_eq!(
        title(board, 1).as_deref(),
        Some("One"),
        "refused, and taken back"
    );
}
