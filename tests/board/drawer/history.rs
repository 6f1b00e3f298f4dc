//! The history of the open task.

use super::{open_task, whole};
use crate::board_page::*;
use crate::support::*;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_history_says_who_did_what() {
    let (page, _peer) = open_task(&whole("Title", "", 1)).await;
    until("the history is shown", || {
        count(&page.root, ".task-history li") == 2
    })
    .await;
    let lines = text(&element(&page.root, ".task-history ol"));
    assert!(lines.contains("builder changed title"), "{lines}");
    assert!(lines.contains("a person created it"), "{lines}");
    assert!(!text(&page.root).contains("Older entries are not shown"));
}

#[wasm_bindgen_test]
async fn a_history_that_does_not_reach_back_to_the_beginning_says_so() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    serve(
        "GET",
        "projects/p1/tasks/1-p1/history",
        &json!([{ "seq": 12, "type": "task_updated", "timestamp": NOW, "actor": "agent:builder", "changed": ["title"] }]),
    );
    serve("GET", "projects/p1/tasks/1-p1", &whole("New", "", 5));
    peer.event("task_updated", &card(1, "New", "unclaimed", 5));
    until("it says so", || {
        text(&element(&page.root, ".task-history")).contains("Older entries are not shown")
    })
    .await;
}
