//! The board's state: a project that cannot be loaded, is removed, or is left.

use crate::support::{PROJECT, Page, Peer, begin, card, requests, run, serve_board, settle, until};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::api::ApiError;
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{BoardState, Load, provide_board};
use tasktree_protocol::ProjectId;
use wasm_bindgen_test::wasm_bindgen_test;

fn open_board() -> Page<BoardState> {
    run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    })
}

#[wasm_bindgen_test]
async fn a_project_that_is_not_there_is_said_and_a_server_that_is_away_is_asked_again() {
    begin();
    crate::support::refuse(
        "GET",
        "projects/p1/tasks",
        404,
        &json!({ "detail": "Project 'p1' not found" }),
    );
    let page = open_board();
    until("it fails", || {
        matches!(page.value.load().get_untracked(), Load::Failed(_))
    })
    .await;
    let Load::Failed(error) = page.value.load().get_untracked() else {
        unreachable!()
    };
    assert_eq!(
        (error.is_not_found(), error.message()),
        (true, "Project 'p1' not found".into())
    );
    drop(page);

    begin();
    crate::support::refuse("GET", "projects/p1/tasks", 0, &json!(null));
    let page = open_board();
    until("it fails", || {
        page.value.load().get_untracked() == Load::Failed(ApiError::Offline)
    })
    .await;
    serve_board(0, &[card(1, "One", "unclaimed", 1)]);
    until("it is fetched without being asked", || {
        page.value.load().get_untracked() == Load::Ready
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_board_that_is_closed_stops_asking_and_listening() {
    begin();
    let page = open_board();
    until("a request", || {
        crate::support::waiting("GET", "projects/p1/tasks") == 1
    })
    .await;
    drop(page);
    settle().await;
    assert_eq!(requests("ABORTED GET projects/p1/tasks").len(), 1);
    assert_eq!(crate::support::live_sockets(), 0);
}

#[wasm_bindgen_test]
async fn a_project_that_is_removed_is_said_to_be_gone() {
    begin();
    serve_board(1, &[card(1, "One", "unclaimed", 1)]);
    let page = open_board();
    Peer::accept(0, 1).await;
    until("the board is loaded", || {
        page.value.load().get_untracked() == Load::Ready
    })
    .await;
    crate::support::refuse(
        "GET",
        "projects/p1/tasks",
        404,
        &json!({ "detail": "Project 'p1' not found" }),
    );
    let gone = json!({ "type": "project_deleted", "project_id": PROJECT, "stream": "*", "data": { "project_id": PROJECT }, "timestamp": crate::support::NOW });
    crate::support::socket_receive(0, &gone.to_string());
    until(
        "it is said",
        || matches!(page.value.load().get_untracked(), Load::Failed(error) if error.is_not_found()),
    )
    .await;
}
