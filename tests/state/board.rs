//! The board's state: the changes of a message, and nothing else.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::support::{
    PROJECT, Page, Peer, begin, card, pass, ranked, requests, run, serve_board, settle,
    socket_receive, until,
};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{BoardState, Filter, Load, provide_board};
use tasktree_protocol::{ProjectId, Status, TaskId};
use wasm_bindgen_test::wasm_bindgen_test;

fn open_board() -> Page<BoardState> {
    run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    })
}

/// Opens a board that is loaded and live. Returns it with its server.
async fn live_board(seq: u64, tasks: &[serde_json::Value]) -> (Page<BoardState>, Peer) {
    serve_board(seq, tasks);
    let page = open_board();
    let peer = Peer::accept(0, seq).await;
    until("the board is loaded", || {
        page.value.load().get_untracked() == Load::Ready
    })
    .await;
    peer.subscribed(PROJECT).await;
    (page, peer)
}

fn column(board: BoardState, status: Status) -> Vec<String> {
    board
        .column(status)
        .get_untracked()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

/// Counts the runs of an effect over `reading`.
fn count_runs(reading: impl Fn() + 'static) -> Rc<Cell<u32>> {
    let runs = Rc::new(Cell::new(0));
    let counter = Rc::clone(&runs);
    Effect::new(move |_| {
        reading();
        counter.set(counter.get() + 1);
    });
    runs
}

#[wasm_bindgen_test]
async fn columns_are_sorted_by_priority_then_number_with_no_priority_last() {
    begin();
    let tasks = [
        ranked(4, 0, "unclaimed"),
        ranked(3, 2, "unclaimed"),
        ranked(2, 1, "unclaimed"),
        ranked(1, 2, "unclaimed"),
        ranked(5, 1, "merged"),
    ];
    let (page, _peer) = live_board(5, &tasks).await;
    let board = page.value;
    assert_eq!(
        column(board, Status::Unclaimed),
        ["2-p1", "1-p1", "3-p1", "4-p1"]
    );
    assert_eq!(column(board, Status::Merged), ["5-p1"]);
    assert_eq!(
        (
            board.count(Status::Unclaimed),
            board.total().get_untracked()
        ),
        (4, 5)
    );
    assert!(board.find(3) == Some(id(3)) && board.find(9).is_none());
    assert_eq!(
        requests("GET projects/p1/tasks").len(),
        1,
        "one fetch opens a board"
    );
}

#[wasm_bindgen_test]
async fn a_changed_title_runs_one_card_and_no_list() {
    begin();
    let tasks: Vec<_> = (1..=50)
        .map(|number| card(number, "Before", "unclaimed", 1))
        .collect();
    serve_board(50, &tasks);
    let counters: Rc<RefCell<Vec<Rc<Cell<u32>>>>> = Rc::default();
    let (page, peer) = live_board(50, &tasks).await;
    let board = page.value;
    let owner = Owner::new();
    owner.with(|| {
        for number in 1..=50 {
            let row = board.task(&id(number)).unwrap();
            counters.borrow_mut().push(count_runs(move || row.track()));
        }
        for status in Status::ALL {
            counters
                .borrow_mut()
                .push(count_runs(move || board.column(status).with(|_| ())));
        }
    });
    settle().await;
    let before: Vec<u32> = counters.borrow().iter().map(|runs| runs.get()).collect();
    peer.event("task_updated", &card(7, "After", "unclaimed", 2));
    until("the card shows it", || {
        board.card(&id(7)).is_some_and(|card| card.title == "After")
    })
    .await;
    settle().await;
    let runs: Vec<u32> = counters
        .borrow()
        .iter()
        .zip(&before)
        .map(|(runs, before)| runs.get() - before)
        .collect();
    assert_eq!(
        runs.iter().sum::<u32>(),
        1,
        "exactly one effect runs: {runs:?}"
    );
    assert_eq!(runs[6], 1, "and it is that card's");
    assert_eq!(
        requests("GET projects/p1/tasks").len(),
        1,
        "an event with its row needs no request"
    );

    // A move runs the card and the two lists concerned.
    peer.event("task_status_changed", &json!({ "task_id": "7-p1", "status": "in_progress", "task": card(7, "After", "in_progress", 3) }));
    until("the card has moved", || {
        column(board, Status::InProgress) == ["7-p1"]
    })
    .await;
    settle().await;
    let lists: Vec<u32> = counters.borrow()[50..]
        .iter()
        .zip(&before[50..])
        .map(|(runs, before)| runs.get() - before)
        .collect();
    assert_eq!(lists, [1, 0, 1, 0, 0]);
    owner.cleanup();
}

#[wasm_bindgen_test]
async fn other_projects_are_ignored() {
    begin();
    let (page, peer) = live_board(1, &[card(1, "Mine", "unclaimed", 1)]).await;
    let mut foreign = peer.next("task_updated", &card(1, "Foreign", "merged", 9));
    foreign["project_id"] = "p2".into();
    foreign["seq"] = 1.into();
    crate::support::socket_receive(0, &foreign.to_string());
    foreign["type"] = "task_of_an_unknown_kind".into();
    crate::support::socket_receive(0, &foreign.to_string());
    settle().await;
    crate::support::pass(400).await;
    assert_eq!(page.value.card(&id(1)).unwrap().title, "Mine");
    assert_eq!(requests("GET projects/p1/tasks").len(), 1);
}

#[wasm_bindgen_test]
async fn tasks_that_come_and_go_are_shown_and_an_old_version_changes_nothing() {
    begin();
    let (page, peer) = live_board(1, &[card(1, "One", "unclaimed", 5)]).await;
    let board = page.value;
    peer.event("task_created", &card(2, "Two", "up_next", 1));
    peer.event("task_updated", &card(1, "Stale", "merged", 4));
    peer.event("task_deleted", &json!({ "task_id": "2-p1" }));
    peer.event("task_created", &card(3, "Three", "up_next", 1));
    until("the last of them", || {
        column(board, Status::UpNext) == ["3-p1"]
    })
    .await;
    assert_eq!(column(board, Status::Unclaimed), ["1-p1"]);
    assert_eq!(board.card(&id(1)).unwrap().title, "One");
    assert!(board.card(&id(2)).is_none());
}

#[wasm_bindgen_test]
async fn what_a_task_waits_for_follows_the_tasks_that_it_waits_for() {
    begin();
    let mut waiting = card(3, "Waits", "unclaimed", 1);
    waiting["dependencies"] = json!(["1-p1", "2-p1", "99-p1"]);
    let (page, peer) = live_board(
        3,
        &[
            card(1, "One", "in_progress", 1),
            card(2, "Two", "unclaimed", 1),
            waiting,
        ],
    )
    .await;
    let board = page.value;
    let blocked_by = board.blocked_by(&id(3));
    assert_eq!(
        blocked_by.get_untracked(),
        [1, 2],
        "a dependency that is not there blocks nothing"
    );
    peer.event(
        "task_completed",
        &json!({ "task_id": "1-p1", "task": card(1, "One", "completed", 2) }),
    );
    until("one is done", || blocked_by.get_untracked() == [2]).await;
    peer.event("task_deleted", &json!({ "task_id": "2-p1" }));
    until("the other is gone", || {
        blocked_by.get_untracked().is_empty()
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_filter_shows_what_matches_and_follows_changes() {
    begin();
    let mut held = card(2, "Paint the fence", "in_progress", 1);
    held["session"] = "agent-7".into();
    let (page, peer) = live_board(
        3,
        &[
            card(1, "Mow the LAWN", "unclaimed", 1),
            held,
            card(3, "Paint the door", "unclaimed", 1),
        ],
    )
    .await;
    let board = page.value;
    let shows = |filter: Filter| {
        board.set_filter(filter);
        Status::ALL
            .iter()
            .flat_map(|status| column(board, *status))
            .collect::<Vec<_>>()
    };
    let words = |text: &str| Filter {
        text: text.into(),
        ..Filter::default()
    };
    assert_eq!(shows(words("paint")), ["3-p1", "2-p1"]);
    assert_eq!(shows(words("  PAINT door ")), ["3-p1"]);
    assert_eq!(shows(words("lawn")), ["1-p1"]);
    assert_eq!(shows(words("#2")), ["2-p1"]);
    assert_eq!(shows(words("agent-7")), ["2-p1"]);
    assert_eq!(
        shows(Filter {
            agent: Some("agent-7".into()),
            ..Filter::default()
        }),
        ["2-p1"]
    );
    assert_eq!(
        shows(Filter {
            statuses: vec![Status::InProgress],
            ..Filter::default()
        }),
        ["2-p1"]
    );
    assert!(
        shows(Filter {
            blocked: true,
            ..Filter::default()
        })
        .is_empty()
    );
    assert_eq!(shows(words("paint door")), ["3-p1"]);
    assert_eq!(board.count(Status::Unclaimed), 2, "counts are of all tasks");
    peer.event(
        "task_updated",
        &card(1, "Paint the door too", "unclaimed", 2),
    );
    until("the other card matches now", || {
        column(board, Status::Unclaimed) == ["1-p1", "3-p1"]
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_agent_is_shown_on_its_task_and_its_change_flashes_with_its_name() {
    begin();
    let (page, peer) = live_board(1, &[card(1, "One", "unclaimed", 1)]).await;
    let board = page.value;
    let (agent, flash) = (board.agent_on(&id(1)), board.flash(&id(1)));
    assert!(flash.get_untracked().is_none());
    let mut row = card(1, "One", "in_progress", 2);
    row["session"] = "a1".into();
    let registered = json!({ "id": "a1", "task_id": "1-p1", "started_at": crate::support::NOW, "is_alive": true });
    peer.event(
        "agent_spawned",
        &json!({ "task_id": "1-p1", "session": "a1", "agent": registered, "task": row }),
    );
    until("the agent is there", || {
        agent
            .get_untracked()
            .is_some_and(|agent| agent.id.as_str() == "a1")
    })
    .await;
    assert_eq!(
        flash.get_untracked().map(|(actor, _)| actor).as_deref(),
        Some("agent:a1")
    );
    let busy = json!({ "id": "a1", "task_id": "1-p1", "started_at": crate::support::NOW, "is_alive": true, "progress": 40, "last_activity": "Writes tests" });
    peer.event("agent_status_update", &busy);
    until("its progress", || {
        agent
            .get_untracked()
            .is_some_and(|agent| agent.progress == 40)
    })
    .await;
    // A heartbeat has no position in the log: it may be older than later events, so it states only
    // its own time.
    let alive = json!({ "id": "a1", "task_id": "1-p1", "started_at": crate::support::NOW, "is_alive": true, "progress": 5 });
    let beat = json!({ "type": "agent_status_update", "project_id": PROJECT, "data": alive, "timestamp": crate::support::NOW });
    socket_receive(0, &beat.to_string());
    until("when it was heard", || {
        agent
            .get_untracked()
            .is_some_and(|agent| agent.last_heartbeat.is_some() && agent.progress == 40)
    })
    .await;
    pass(600).await;
    assert_eq!(board.agents().get_untracked().len(), 1);
    assert_eq!(requests("GET projects/p1/tasks").len(), 1);
}

#[wasm_bindgen_test]
async fn a_burst_touches_a_card_once_a_frame_and_ends_right() {
    begin();
    let (page, peer) = live_board(1, &[card(1, "Start", "unclaimed", 1)]).await;
    let board = page.value;
    let owner = Owner::new();
    let row = board.task(&id(1)).unwrap();
    let runs = owner.with(|| count_runs(move || row.track()));
    settle().await;
    let before = runs.get();
    for rev in 2..=501 {
        peer.event(
            "task_updated",
            &card(1, &format!("Version {rev}"), "unclaimed", rev),
        );
    }
    until("the last", || {
        board.card(&id(1)).unwrap().title == "Version 501"
    })
    .await;
    settle().await;
    assert_eq!(
        board.task(&id(1)).unwrap().get_untracked().title,
        "Version 501"
    );
    assert!(
        runs.get() - before < 50,
        "500 events ran the card {} times",
        runs.get() - before
    );
    owner.cleanup();
}
