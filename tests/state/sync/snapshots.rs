//! Snapshots, which take nothing back that newer events have changed.

use std::cell::RefCell;
use std::rc::Rc;

use super::{LEASES, TASKS, fetches, id, loaded, open_board, title};
use crate::support::{
    PROJECT, Peer, begin, card, release, serve_at, serve_board, settle, until, waiting,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::state::BoardState;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_snapshot_that_is_older_than_applied_events_takes_nothing_back() {
    begin();
    serve_board(1, &[card(1, "One", "unclaimed", 1)]);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    crate::support::hold("GET", TASKS);
    peer.event("task_of_a_future_kind", &json!({}));
    until("the fetch has begun", || waiting("GET", TASKS) == 1).await;
    // The server read its answer at 2; these are 3, 4 and 5.
    peer.event("task_created", &card(2, "Two", "unclaimed", 1));
    peer.event("task_updated", &card(1, "One, changed", "unclaimed", 2));
    peer.event("task_deleted", &json!({ "task_id": "3-p1" }));
    until("they are applied", || title(page.value, 2).is_some()).await;
    release(
        "GET",
        TASKS,
        Some(2),
        &json!([
            card(1, "One", "unclaimed", 1),
            card(3, "Gone since", "unclaimed", 1)
        ]),
    );
    settle().await;
    until("the answer is applied", || {
        fetches() == 2 && waiting("GET", TASKS) == 0
    })
    .await;
    assert_eq!(title(page.value, 1).as_deref(), Some("One, changed"));
    assert_eq!(title(page.value, 2).as_deref(), Some("Two"));
    assert_eq!(title(page.value, 3), None);
}

#[wasm_bindgen_test]
async fn a_snapshot_is_not_shown_before_the_newer_events_are_applied_to_it() {
    begin();
    serve_board(1, &[card(1, "One", "unclaimed", 1)]);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    let seen: Rc<RefCell<Vec<String>>> = Rc::default();
    let owner = Owner::new();
    owner.with(|| {
        let (seen, row) = (Rc::clone(&seen), page.value.task(&id(1)).unwrap());
        Effect::new(move |_| seen.borrow_mut().push(row.get().title));
    });
    crate::support::hold("GET", TASKS);
    peer.event("task_of_a_future_kind", &json!({}));
    until("the fetch has begun", || waiting("GET", TASKS) == 1).await;
    peer.event("task_updated", &card(1, "Newer", "unclaimed", 2));
    until("it is seen", || {
        seen.borrow().last().is_some_and(|last| last == "Newer")
    })
    .await;
    let older = json!([
        card(1, "One", "unclaimed", 1),
        card(2, "Two", "unclaimed", 1)
    ]);
    release("GET", TASKS, Some(2), &older);
    until("the answer is applied", || title(page.value, 2).is_some()).await;
    settle().await;
    assert_eq!(*seen.borrow(), ["One", "Newer"]);
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn agents_that_a_reset_removed_do_not_come_back_with_an_older_snapshot() {
    const AGENTS: &str = "projects/p1/agents";
    begin();
    serve_board(1, &[]);
    crate::support::hold("GET", AGENTS);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    until("they are asked for", || waiting("GET", AGENTS) == 1).await;
    let reset = json!({ "reset_count": 0, "killed_sessions": ["a1"], "tasks": [] });
    peer.event("tasks_reset", &reset);
    let agent = |name: &str| json!({ "id": name, "task_id": "1-p1", "started_at": crate::support::NOW, "is_alive": true });
    release("GET", AGENTS, Some(1), &json!([agent("a1"), agent("a2")]));
    let names = || {
        let agents = page.value.agents().get_untracked();
        agents
            .into_iter()
            .map(|agent| agent.id.to_string())
            .collect::<Vec<_>>()
    };
    until("they are shown", || !names().is_empty()).await;
    assert_eq!(names(), ["a2"]);
}

#[wasm_bindgen_test]
async fn a_resync_fetches_anew_and_goes_on_from_there() {
    begin();
    serve_board(
        5,
        &[
            card(1, "Before", "unclaimed", 1),
            card(2, "Gone", "unclaimed", 1),
        ],
    );
    let page = open_board();
    let peer = Peer::accept(0, 5).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    serve_board(40, &[card(1, "After", "merged", 9)]);
    *peer.seq.borrow_mut() = 40;
    peer.control(
        "sys.resync",
        &json!({ "stream": PROJECT, "epoch": crate::support::EPOCH, "seq": 40, "reason": "too_many" }),
    );
    until("the snapshot", || {
        title(page.value, 1).as_deref() == Some("After")
    })
    .await;
    assert_eq!(title(page.value, 2), None);
    until("subscribed again", || {
        peer.pump();
        peer.subscribed
            .borrow()
            .iter()
            .filter(|stream| *stream == PROJECT)
            .count()
            >= 2
    })
    .await;
    peer.event("task_created", &card(3, "Next", "unclaimed", 1));
    until("the next event", || title(page.value, 3).is_some()).await;
}

fn leases(paths: &[&str]) -> Value {
    let leases: Vec<Value> = (1..)
        .zip(paths)
        .map(|(id, path)| {
            json!({ "id": id, "agent": "a1", "path": path, "exclusive": true, "granted_at": crate::support::NOW,
                "expires_at": crate::support::NOW, "conflicts": [] })
        })
        .collect();
    json!({ "leases": leases })
}

fn leased(board: BoardState) -> Vec<String> {
    let leases = board.leases().get_untracked();
    leases.into_iter().map(|lease| lease.path).collect()
}

#[wasm_bindgen_test]
async fn leases_that_were_read_take_nothing_newer_back_and_are_read_until_they_could_be() {
    begin();
    serve_board(1, &[]);
    crate::support::hold("GET", LEASES);
    let page = open_board();
    let peer = Peer::accept(0, 1).await;
    loaded(page.value).await;
    peer.subscribed(PROJECT).await;
    until("they are asked for", || waiting("GET", LEASES) == 1).await;
    peer.event("file_locks_update", &leases(&["src/new.rs"]));
    until("the event is applied", || {
        leased(page.value) == ["src/new.rs"]
    })
    .await;
    release("GET", LEASES, Some(1), &leases(&["src/old.rs"]));
    settle().await;
    assert_eq!(leased(page.value), ["src/new.rs"]);

    crate::support::refuse("GET", LEASES, 0, &json!(null));
    peer.event("task_of_a_future_kind", &json!({}));
    until("that they could not be read is known", || {
        page.value.refresh_error().get_untracked().is_some()
    })
    .await;
    serve_at("GET", LEASES, 3, &leases(&["src/newest.rs"]));
    until("they are read without being asked", || {
        leased(page.value) == ["src/newest.rs"]
    })
    .await;
    assert_eq!(page.value.refresh_error().get_untracked(), None);
}
