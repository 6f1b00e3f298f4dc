//! The board's state: snapshots and events together, coalesced fetches, and older servers.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::{
    PROJECT, Page, Peer, begin, card, pass, release, requests, run, serve, serve_at, serve_board,
    settle, until, waiting,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::net::{ConnectionState, provide_websocket};
use tasktree_board::state::{BoardState, Load, provide_board};
use tasktree_protocol::{Maybe, ProjectId, Status, TaskId, TaskPatch};
use wasm_bindgen_test::wasm_bindgen_test;

const TASKS: &str = "projects/p1/tasks";
const LEASES: &str = "projects/p1/leases";

fn open_board() -> Page<BoardState> {
    run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    })
}

async fn loaded(board: BoardState) {
    until("the board is loaded", || {
        board.load().get_untracked() == Load::Ready
    })
    .await;
}

fn title(board: BoardState, number: u64) -> Option<String> {
    board.card(&id(number)).map(|card| card.title)
}

fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

fn fetches() -> usize {
    requests("GET projects/p1/tasks").len()
}

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

fn page_state() -> ConnectionState {
    let owner = Owner::new();
    owner.with(|| tasktree_board::net::use_websocket().state.get_untracked())
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
