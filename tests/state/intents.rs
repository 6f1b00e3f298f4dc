//! The board's state: a person's change is visible at once, and rolled back if it is refused.

use crate::support::{
    PROJECT, Page, Peer, begin, card, outcome, run, serve_board, settle, until, whole,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{BoardState, Load, provide_board};
use tasktree_protocol::{Maybe, NewTask, ProjectId, Status, TaskId, TaskPatch};
use wasm_bindgen_test::wasm_bindgen_test;

async fn live_board(tasks: &[Value]) -> (Page<BoardState>, Peer) {
    begin();
    serve_board(10, tasks);
    let page = run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    });
    let peer = Peer::accept(0, 10).await;
    until("the board is loaded", || {
        page.value.load().get_untracked() == Load::Ready
    })
    .await;
    peer.subscribed(PROJECT).await;
    (page, peer)
}

fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

fn column(board: BoardState, status: Status) -> Vec<u64> {
    board
        .column(status)
        .get_untracked()
        .iter()
        .filter_map(|id| Some(board.card(id)?.number))
        .collect()
}

#[wasm_bindgen_test]
async fn a_move_is_seen_at_once_and_stays_when_it_is_accepted() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 1)]).await;
    let board = page.value;
    let (row, pending) = (board.task(&id(1)).unwrap(), board.pending(&id(1)));
    let done = outcome(board.move_task(id(1), Status::InProgress));
    assert_eq!(row.get_untracked().status, Status::InProgress);
    assert_eq!(
        (
            column(board, Status::Unclaimed),
            column(board, Status::InProgress)
        ),
        (vec![], vec![1])
    );
    assert!(pending.get_untracked());
    let (command, sent) = peer.command().await;
    assert_eq!(sent["args"]["patch"], json!({ "status": "in_progress" }));
    // The event comes before the answer; it is ours, so it flashes nothing.
    let mut event = peer.next("task_updated", &card(1, "One", "in_progress", 2));
    event["cause"] = command.as_str().into();
    crate::support::socket_receive(0, &event.to_string());
    until("it is no longer pending", || !pending.get_untracked()).await;
    assert_eq!(board.flash(&id(1)).get_untracked(), None);
    peer.accept_command(&command, &card(1, "One", "in_progress", 2));
    until("the outcome", || done.borrow().is_some()).await;
    assert_eq!(done.take(), Some(Ok(())));
    assert_eq!(column(board, Status::InProgress), [1]);
}

#[wasm_bindgen_test]
async fn a_refused_move_goes_back_and_says_why() {
    let (page, peer) = live_board(&[
        card(1, "One", "unclaimed", 1),
        card(2, "Two", "unclaimed", 1),
    ])
    .await;
    let board = page.value;
    let done = outcome(board.move_task(id(1), Status::InProgress));
    let (command, _) = peer.command().await;
    assert_eq!(column(board, Status::InProgress), [1]);
    peer.refuse_command(&command, "blocked", "Task #1 waits for #2.");
    until("the outcome", || done.borrow().is_some()).await;
    let error = done.take().unwrap().unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("blocked", "Task #1 waits for #2.")
    );
    assert_eq!(
        (
            column(board, Status::Unclaimed),
            column(board, Status::InProgress)
        ),
        (vec![1, 2], vec![])
    );
    assert!(!board.pending(&id(1)).get_untracked());
}

#[wasm_bindgen_test]
async fn what_others_change_meanwhile_is_kept_when_an_intent_is_refused() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 1)]).await;
    let board = page.value;
    let done = outcome(board.move_task(id(1), Status::Merged));
    let (command, _) = peer.command().await;
    peer.event("task_updated", &card(1, "Renamed", "up_next", 2));
    until("the new title shows", || {
        board.card(&id(1)).unwrap().title == "Renamed"
    })
    .await;
    assert_eq!(
        board.card(&id(1)).unwrap().status,
        Status::Merged,
        "the intent still lies over it"
    );
    peer.refuse_command(&command, "forbidden", "Not yours.");
    until("the outcome", || done.borrow().is_some()).await;
    let now = board.card(&id(1)).unwrap();
    assert_eq!(
        (now.title.as_str(), now.status),
        ("Renamed", Status::UpNext),
        "what is left is the server's truth"
    );
}

#[wasm_bindgen_test]
async fn changes_of_one_task_go_one_after_the_other_and_are_answered_each_by_itself() {
    let (page, peer) = live_board(&[
        card(1, "One", "unclaimed", 1),
        card(2, "Two", "unclaimed", 1),
    ])
    .await;
    let board = page.value;
    let first = outcome(board.move_task(id(1), Status::UpNext));
    let second = outcome(board.update_task(id(1), titled("Uno"), Some(1), |_| false));
    let other = outcome(board.move_task(id(2), Status::UpNext));
    let (one, sent) = peer.command().await;
    assert_eq!(sent["args"]["patch"], json!({ "status": "up_next" }));
    let (three, sent) = peer.command().await;
    assert_eq!(sent["args"]["task"], "2-p1", "another task does not wait");
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "the second waits");
    peer.accept_command(&one, &card(1, "One", "up_next", 2));
    until("the first", || first.borrow().is_some()).await;
    let now = board.card(&id(1)).unwrap();
    assert_eq!((now.title.as_str(), now.status), ("Uno", Status::UpNext));
    assert!(board.pending(&id(1)).get_untracked());
    let (two, sent) = peer.command().await;
    assert_eq!(sent["args"]["if_rev"], 1);
    conflict(&peer, &two, &card(1, "Eins", "up_next", 3));
    until("the second", || second.borrow().is_some()).await;
    assert_eq!(
        board.card(&id(1)).unwrap().title,
        "Eins",
        "the refusal shows the row that it was refused for"
    );
    peer.accept_command(&three, &card(2, "Two", "up_next", 2));
    until("the other", || other.borrow().is_some()).await;
}

fn titled(title: &str) -> TaskPatch {
    TaskPatch {
        title: Maybe::Value(title.into()),
        ..TaskPatch::default()
    }
}

/// Refuses a command because the row is now `current`.
fn conflict(peer: &Peer, command: &str, current: &Value) {
    let error =
        json!({ "code": "conflict", "message": "Somebody was faster.", "current": current });
    peer.control(
        "sys.result",
        &json!({ "id": command, "ok": false, "error": error }),
    );
}

#[wasm_bindgen_test]
async fn a_move_is_made_on_the_row_that_somebody_else_has_renamed_meanwhile() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 4)]).await;
    let board = page.value;
    let done = outcome(board.move_task(id(1), Status::InProgress));
    let (first, sent) = peer.command().await;
    assert_eq!(sent["args"]["if_rev"], 4, "of the version that was seen");
    conflict(&peer, &first, &whole(1, "Renamed", "unclaimed", 5));
    let (again, sent) = peer.command().await;
    assert_ne!(
        again, first,
        "the server remembers the first with its refusal"
    );
    assert_eq!(sent["args"]["if_rev"], 5);
    // Its event names the second id; it is ours all the same, and flashes nothing.
    let mut event = peer.next("task_updated", &card(1, "Renamed", "in_progress", 6));
    event["cause"] = again.as_str().into();
    crate::support::socket_receive(0, &event.to_string());
    until("it is no longer pending", || {
        !board.pending(&id(1)).get_untracked()
    })
    .await;
    assert_eq!(board.flash(&id(1)).get_untracked(), None);
    peer.accept_command(&again, &card(1, "Renamed", "in_progress", 6));
    until("the outcome", || done.borrow().is_some()).await;
    assert_eq!(done.take(), Some(Ok(())));
    let now = board.card(&id(1)).unwrap();
    assert_eq!(
        (now.title.as_str(), now.status),
        ("Renamed", Status::InProgress)
    );
}

#[wasm_bindgen_test]
async fn of_two_who_move_a_task_the_later_one_hears_where_it_is() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 4)]).await;
    let board = page.value;
    let done = outcome(board.move_task(id(1), Status::InProgress));
    let (command, _) = peer.command().await;
    conflict(&peer, &command, &whole(1, "One", "completed", 5));
    until("the outcome", || done.borrow().is_some()).await;
    let error = done.take().unwrap().unwrap_err();
    assert_eq!(error.code, "conflict");
    assert_eq!(column(board, Status::Completed), [1]);
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "theirs stands");
}

#[wasm_bindgen_test]
async fn a_removed_task_is_gone_at_once_and_can_be_brought_back() {
    let (page, peer) = live_board(&[
        card(1, "One", "unclaimed", 1),
        card(2, "Two", "unclaimed", 1),
    ])
    .await;
    let board = page.value;
    let done = outcome(board.delete_task(id(1)));
    assert_eq!(column(board, Status::Unclaimed), [2]);
    let (command, _) = peer.command().await;
    peer.refuse_command(&command, "internal", "The disk is full.");
    until("the refusal", || done.borrow().is_some()).await;
    assert_eq!(column(board, Status::Unclaimed), [1, 2]);

    let done = outcome(board.delete_task(id(1)));
    let (command, _) = peer.command().await;
    peer.accept_command(&command, &Value::Null);
    until("the removal", || done.borrow().is_some()).await;
    assert_eq!(column(board, Status::Unclaimed), [2]);
    let back = outcome(board.restore_task(id(1)));
    let (command, sent) = peer.command().await;
    assert_eq!(sent["op"], "restore_task");
    peer.accept_command(&command, &card(1, "One", "unclaimed", 3));
    until("it is back", || back.borrow().is_some()).await;
    assert_eq!(column(board, Status::Unclaimed), [1, 2]);
}

#[wasm_bindgen_test]
async fn a_late_answer_does_not_bring_back_what_somebody_has_removed_since() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 1)]).await;
    let board = page.value;
    let moved = outcome(board.move_task(id(1), Status::UpNext));
    let (command, _) = peer.command().await;
    peer.event("task_deleted", &json!({ "task_id": id(1) }));
    until("it is gone", || board.card(&id(1)).is_none()).await;
    peer.accept_command(&command, &card(1, "One", "up_next", 2));
    until("the answer came", || moved.borrow().is_some()).await;
    assert!(board.card(&id(1)).is_none());
}

#[wasm_bindgen_test]
async fn a_new_task_is_on_the_board_when_the_server_has_made_it() {
    let (page, peer) = live_board(&[]).await;
    let board = page.value;
    let done = outcome(board.create_task(NewTask {
        title: "New".into(),
        ..NewTask::default()
    }));
    let (command, _) = peer.command().await;
    peer.accept_command(&command, &card(1, "New", "unclaimed", 1));
    until("it is made", || done.borrow().is_some()).await;
    assert_eq!(done.take().unwrap().map(|card| card.number), Ok(1));
    assert_eq!(column(board, Status::Unclaimed), [1]);
}

#[wasm_bindgen_test]
async fn texts_too_long_for_a_frame_go_by_http() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 1)]).await;
    crate::support::refuse(
        "PUT",
        "projects/p1/tasks/1-p1",
        412,
        &json!({ "detail": "The task has changed.", "current": card(1, "Changed", "unclaimed", 4) }),
    );
    let patch = TaskPatch {
        prompt: Maybe::Value("x".repeat(100_000)),
        ..TaskPatch::default()
    };
    let error = page
        .value
        .update_task(id(1), patch, Some(1), |_| false)
        .await
        .unwrap_err();
    assert_eq!(error.code, "conflict");
    assert!(error.current.is_some());
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    assert_eq!(page.value.card(&id(1)).unwrap().title, "Changed");
}

#[wasm_bindgen_test]
async fn an_intent_outlives_the_component_that_had_it() {
    let (page, peer) = live_board(&[card(1, "One", "unclaimed", 1)]).await;
    let board = page.value;
    // The outcome is not awaited.
    drop(board.move_task(id(1), Status::UpNext));
    let (command, _) = peer.command().await;
    peer.accept_command(&command, &card(1, "One", "up_next", 2));
    until("it is no longer pending", || {
        !board.pending(&id(1)).get_untracked()
    })
    .await;
    assert_eq!(column(board, Status::UpNext), [1]);
}
