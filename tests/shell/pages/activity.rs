//! The list of events.

use super::{live, project};
use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::activity::feed::ActivityFeed;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn events_that_cannot_be_read_say_so_and_each_stream_counts_for_itself() {
    let (page, peer) = live(|| {
        refuse(
            "GET",
            "projects/p1/events",
            500,
            &json!({ "detail": "The disk is full" }),
        );
        view! { <ActivityFeed project=PROJECT.into()/> }.into_any()
    })
    .await;
    until("the failure is said", || {
        text(&page.root).contains("The disk is full")
    })
    .await;
    let card = json!({ "id": "4-p1", "task_id": 4, "title": "Fix it", "status": "in_progress", "updated_at": NOW, "rev": 2 });
    let first = json!({ "type": "task_created", "project_id": PROJECT, "data": card, "timestamp": NOW, "seq": 10, "epoch": EPOCH });
    serve(
        "GET",
        "projects/p1/events",
        &json!({ "epoch": EPOCH, "seq": 10, "events": [first] }),
    );
    one(&page, "[role=alert] .button").click();
    until("the first is shown", || all(&page, ".feed-row").len() == 1).await;
    // A change of the project itself has its number in the system's log.
    let mut renamed = peer.next("project_updated", &project(PROJECT, "Renamed"));
    renamed["stream"] = json!("*");
    socket_receive(peer.index, &renamed.to_string());
    until("it is shown", || all(&page, ".feed-row").len() == 2).await;
    let mut moved = renamed.clone();
    (moved["type"], moved["data"], moved["stream"]) = (json!("task_updated"), card, json!(PROJECT));
    socket_receive(peer.index, &moved.to_string());
    until("the task's is shown too", || {
        all(&page, ".feed-row").len() == 3
    })
    .await;
}

#[wasm_bindgen_test]
async fn events_are_told_in_words_and_unknown_ones_as_they_are() {
    let (page, peer) = live(|| view! { <ActivityFeed project=PROJECT.into()/> }.into_any()).await;
    until("the feed is read", || {
        text(&page.root).contains("No changes yet")
    })
    .await;
    let card = json!({ "id": "4-p1", "task_id": 4, "title": "Fix it", "status": "in_progress", "updated_at": NOW, "rev": 2 });
    let mut moved = peer.next("task_updated", &card);
    moved["changed"] = json!(["status"]);
    socket_receive(peer.index, &moved.to_string());
    peer.event("task_teleported", &json!({ "where": "Mars" }));
    until("both are shown", || all(&page, ".feed-row").len() == 2).await;
    let rows: Vec<String> = all(&page, ".feed-row")
        .iter()
        .map(|row| text(row))
        .collect();
    assert!(
        rows[0].contains("task_teleported") && rows[0].contains("Mars"),
        "{rows:?}"
    );
    assert!(
        rows[1].contains("#4 Fix it") && rows[1].contains("WORKING"),
        "{rows:?}"
    );
    let href = one(&page, "a.feed-subject").get_attribute("href").unwrap();
    assert_eq!(href, "/p/p1/t/4");
}
