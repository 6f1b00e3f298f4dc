//! The number and time of fetches.

use super::{TASKS, fetches, loaded, open_board, page_state, title};
use crate::support::{
    PROJECT, Peer, begin, card, pass, release, serve_board, settle, until, waiting,
};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::net::ConnectionState;
use tasktree_board::state::Load;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_first_fetch_does_not_wait_for_the_socket_and_is_the_only_one() {
    begin();
    serve_board(3, &[card(1, "One", "unclaimed", 1)]);
    let page = open_board();
    loaded(page.value).await;
    assert_eq!(
        crate::support::socket_state(0),
        0,
        "the socket is still being opened"
    );
    assert_ne!(page_state(), ConnectionState::Live);
    let peer = Peer::accept(0, 3).await;
    peer.subscribed(PROJECT).await;
    until("live", || page_state() == ConnectionState::Live).await;
    assert_eq!(fetches(), 1);
}

#[wasm_bindgen_test]
async fn a_kind_that_is_not_known_causes_one_fetch_however_often_it_comes() {
    begin();
    serve_board(1, &[card(1, "Before", "unclaimed", 1)]);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    serve_board(21, &[card(1, "After", "unclaimed", 2)]);
    for _ in 0..20 {
        peer.event("task_of_a_future_kind", &json!({ "anything": true }));
    }
    until("the fetch", || {
        title(page.value, 1).as_deref() == Some("After")
    })
    .await;
    pass(500).await;
    assert_eq!(
        fetches(),
        2,
        "one to open the board, and one for twenty events"
    );
}

#[wasm_bindgen_test]
async fn a_steady_stream_of_such_events_does_not_put_the_fetch_off_for_ever() {
    begin();
    serve_board(1, &[]);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    for _ in 0..16 {
        peer.event("task_of_a_future_kind", &json!({}));
        pass(50).await;
    }
    let made = fetches() - 1;
    assert!(
        (2..=4).contains(&made),
        "800 ms of events every 50 ms made {made} fetches"
    );
}

#[wasm_bindgen_test]
async fn an_event_during_a_fetch_causes_another_one_after_it() {
    begin();
    serve_board(1, &[]);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    crate::support::hold("GET", TASKS);
    peer.event("task_of_a_future_kind", &json!({}));
    until("the fetch has begun", || waiting("GET", TASKS) == 1).await;
    // The answer of the running fetch may lack these.
    for _ in 0..5 {
        peer.event("task_of_a_future_kind", &json!({}));
    }
    pass(400).await;
    assert_eq!(waiting("GET", TASKS), 1, "never two at a time");
    release(
        "GET",
        TASKS,
        Some(2),
        &json!([card(1, "Too early", "unclaimed", 1)]),
    );
    until("the second fetch", || waiting("GET", TASKS) == 1).await;
    release(
        "GET",
        TASKS,
        Some(7),
        &json!([card(1, "Right", "unclaimed", 2)]),
    );
    until("its answer", || {
        title(page.value, 1).as_deref() == Some("Right")
    })
    .await;
    pass(400).await;
    assert_eq!(fetches(), 3);
}

#[wasm_bindgen_test]
async fn a_failed_fetch_is_repeated_at_once_when_the_network_is_back() {
    begin();
    crate::support::refuse("GET", TASKS, 0, &json!(null));
    let page = open_board();
    until("it fails", || {
        matches!(page.value.load().get_untracked(), Load::Failed(_))
    })
    .await;
    settle().await;
    let before = fetches();
    serve_board(0, &[card(1, "One", "unclaimed", 1)]);
    let online = web_sys::Event::new("online").unwrap();
    window().dispatch_event(&online).unwrap();
    settle().await;
    assert_eq!(fetches(), before + 1);
    loaded(page.value).await;
}
