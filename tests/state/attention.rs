//! The attention items: fetched after the projects, and kept current.

use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{
    AttentionState, Load, provide_attention, provide_projects, use_projects,
};
use tasktree_protocol::attention::{AttentionKind, AttentionMark};
use wasm_bindgen_test::wasm_bindgen_test;

/// Opens a page whose items are loaded.
async fn live() -> (Page<AttentionState>, Peer) {
    serve_at("GET", "projects", 4, &json!([]));
    let page = run(|| {
        provide_websocket(None);
        provide_projects();
        provide_attention()
    });
    let peer = Peer::accept(0, 4).await;
    peer.subscribed("*").await;
    let load = page.value.load();
    until("the items", || load.get_untracked() == Load::Ready).await;
    (page, peer)
}

fn ids(attention: AttentionState) -> Vec<u64> {
    let items = untrack(|| attention.items());
    items.iter().map(|item| item.id).collect()
}

#[wasm_bindgen_test]
async fn items_are_sorted_by_kind_and_follow_the_events() {
    begin();
    serve_attention(&[
        attention_item(1, "failed", 1, "tests failed"),
        attention_item(2, "waiting", 2, "Which branch?"),
    ]);
    let (page, peer) = live().await;
    let attention = page.value;
    assert_eq!(untrack(|| attention.count()), 2);
    assert_eq!(requests("GET attention").len(), 1);
    let opened = attention_item(3, "waiting", 3, "May I?");
    let changed = json!({ "opened": [opened], "closed": [1] });
    socket_receive(peer.index, &system_event(5, "attention_changed", &changed));
    until("the event is applied", || ids(attention) == [2, 3]).await;
    let of = |kind| untrack(|| attention.count_of(&PROJECT.into(), kind));
    assert_eq!(of(AttentionKind::Waiting), 2);
    assert_eq!(of(AttentionKind::Failed), 0);
    let found = untrack(|| attention.on_task(&PROJECT.into(), &"3-p1".into(), None));
    assert_eq!(found.unwrap().text, "May I?");
    // Another project has a task and an item of that number.
    let other = json!({ "type": "attention_changed", "project_id": "p2", "stream": "*", "data": { "closed": [2] }, "timestamp": NOW, "seq": 6, "epoch": EPOCH });
    socket_receive(peer.index, &other.to_string());
    settle().await;
    assert_eq!(ids(attention), [2, 3]);
    assert_eq!(requests("GET attention").len(), 1, "events suffice");
}

#[wasm_bindgen_test]
async fn marks_are_stored_and_an_event_about_the_item_keeps_them() {
    begin();
    serve_attention(&[question_item(7, 1, "Which?")]);
    let (page, peer) = live().await;
    let attention = page.value;
    let marked = json!({ "person": "local", "project": PROJECT, "id": 7, "seen": true, "done": true, "snoozed_until": null });
    serve("PUT", "attention/p1/7", &marked);
    let item = untrack(|| attention.items()).remove(0);
    let done = AttentionMark {
        done: Some(true),
        ..AttentionMark::default()
    };
    attention.mark(&item, &done).await.unwrap();
    assert_eq!(requests("PUT attention/p1/7")[0].body, r#"{"done":true}"#);
    assert_eq!(untrack(|| attention.count()), 0, "it is done");
    let mut answered = question_item(7, 1, "Which?");
    answered["answered"] = true.into();
    let changed = json!({ "opened": [answered] });
    socket_receive(peer.index, &system_event(5, "attention_changed", &changed));
    until("the event is applied", || {
        untrack(|| attention.items())[0].answered
    })
    .await;
    assert_eq!(untrack(|| attention.count()), 0, "it stays done");
    // Another page of the same person reopens it.
    let mut reopened = marked;
    reopened["done"] = false.into();
    let message = json!({ "type": "attention_marked", "project_id": PROJECT, "data": reopened, "timestamp": NOW });
    socket_receive(peer.index, &message.to_string());
    until("the mark is applied", || untrack(|| attention.count()) == 1).await;
}

#[wasm_bindgen_test]
async fn a_snoozed_item_counts_again_when_its_time_has_come() {
    begin();
    let mut later = attention_item(1, "silent", 1, "");
    later["snoozed_until"] = "2099-01-01T00:00:00Z".into();
    let mut now = attention_item(2, "silent", 2, "");
    now["snoozed_until"] = "2020-01-01T00:00:00Z".into();
    serve_attention(&[later, now]);
    let (page, _peer) = live().await;
    let attention = page.value;
    assert_eq!(untrack(|| attention.count()), 1);
}

#[wasm_bindgen_test]
async fn items_that_the_server_left_out_are_counted_and_fetched_after_the_next_change() {
    begin();
    let list = json!({
        "items": [attention_item(1, "silent", 1, "")],
        "rest": [{ "project": PROJECT, "kind": "silent", "count": 40 }],
        "cursor": { "epoch": EPOCH, "seq": 4 },
    });
    serve("GET", "attention", &list);
    let (page, peer) = live().await;
    let attention = page.value;
    assert_eq!(untrack(|| attention.count()), 41);
    let silent = untrack(|| attention.count_of(&PROJECT.into(), AttentionKind::Silent));
    assert_eq!(silent, 41);
    serve_attention(&[]);
    let closed = json!({ "closed": [1] });
    socket_receive(peer.index, &system_event(5, "attention_changed", &closed));
    until("they are fetched", || untrack(|| attention.count()) == 0).await;
}

#[wasm_bindgen_test]
async fn an_older_server_has_no_items_and_a_failure_is_retried_when_asked() {
    begin();
    refuse("GET", "attention", 404, &json!({ "detail": "Not found" }));
    let (page, _peer) = live().await;
    assert!(!untrack(|| page.value.is_derived()));
    drop(page);

    begin();
    refuse("GET", "attention", 400, &json!({ "detail": "Broken" }));
    serve_at("GET", "projects", 4, &json!([]));
    let page = run(|| {
        provide_websocket(None);
        provide_projects();
        provide_attention()
    });
    let attention = page.value;
    let has_failed = || matches!(attention.load().get_untracked(), Load::Failed(_));
    until("the failure", has_failed).await;
    serve_attention(&[question_item(7, 1, "Which?")]);
    attention.retry();
    until("the items", || ids(attention) == [7]).await;
    assert!(untrack(|| attention.is_derived()));
}

#[wasm_bindgen_test]
async fn a_new_snapshot_of_the_projects_fetches_the_items_again() {
    begin();
    serve_attention(&[]);
    serve_at("GET", "projects", 4, &json!([]));
    let page = run(|| {
        provide_websocket(None);
        provide_projects();
        let attention = provide_attention();
        (attention, use_projects())
    });
    let (attention, projects) = page.value;
    let load = attention.load();
    until("the items", || load.get_untracked() == Load::Ready).await;
    serve_attention(&[question_item(7, 1, "Which?")]);
    projects.retry();
    until("the items again", || ids(attention) == [7]).await;
}
