//! Tasks that were deleted, never existed, or cannot be read for the moment.

use super::{open_task, serve_task, whole};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_task_that_could_not_be_read_for_the_moment_is_read_again_by_itself() {
    begin();
    serve_board(10, &[card(1, "Old", "unclaimed", 4)]);
    let reason = json!({ "detail": "The disk is full." });
    refuse("GET", "projects/p1/tasks/1-p1", 500, &reason);
    let page = open_with(Locale::En, || view! { <TaskDrawer number=1 /> }.into_any());
    until("it says so", || {
        text(&page.root).contains("The disk is full.")
    })
    .await;
    serve_task(&whole("Old", "", 4));
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_task_that_is_deleted_elsewhere_says_so_and_can_be_brought_back() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    peer.event("task_deleted", &json!({ "task_id": task(1) }));
    until("it says so", || {
        text(&page.root).contains("This task was deleted.")
    })
    .await;
    element(&page.root, ".task-drawer-body .button").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["op"], json!("restore_task"));
}

#[wasm_bindgen_test]
async fn a_link_to_a_task_that_was_deleted_says_so_and_not_that_there_was_none() {
    begin();
    serve_board(10, &[]);
    let nothing = json!({ "detail": "Task '7-p1' not found" });
    refuse("GET", "projects/p1/tasks/7-p1", 404, &nothing);
    serve(
        "GET",
        "projects/p1/tasks/7-p1/history",
        &json!([{ "seq": 3, "type": "task_deleted", "timestamp": NOW, "actor": "human:ann" }]),
    );
    let page = open_with(Locale::En, || view! { <TaskDrawer number=7 /> }.into_any());
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("it says so", || {
        text(&page.root).contains("This task was deleted.")
    })
    .await;
    assert!(text(&page.root).contains("ann deleted it"));
    element(&page.root, ".task-drawer-body .button").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["op"], json!("restore_task"));
}

#[wasm_bindgen_test]
async fn a_link_to_a_task_that_never_was_says_that_there_is_none() {
    begin();
    serve_board(10, &[]);
    let nothing = json!({ "detail": "Task '7-p1' not found" });
    refuse("GET", "projects/p1/tasks/7-p1", 404, &nothing);
    refuse("GET", "projects/p1/tasks/7-p1/history", 404, &nothing);
    let page = open_with(Locale::En, || view! { <TaskDrawer number=7 /> }.into_any());
    until("it says so", || {
        text(&page.root).contains("Task #7 not found")
    })
    .await;
}
