//! The board's state without a connection: a person's changes wait visibly, and are sent, merged or
//! refused after a reconnect.

use crate::support::{
    PROJECT, Page, Peer, asks_before_leaving, begin, card, outcome, pass, put_clock_forward, run,
    serve_board, settle, socket_count, socket_finish, until,
};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::net::{ConnectionState, WebSocketHandle, provide_websocket};
use tasktree_board::state::{BoardState, DISCARDED, Load, Unsent, provide_board, provide_unsent};
use tasktree_protocol::{NewTask, ProjectId, Status, TaskId};
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Clone, Copy)]
struct Held {
    socket: WebSocketHandle,
    unsent: Unsent,
    board: BoardState,
    /// Set while somebody is writing.
    written: RwSignal<bool>,
}

fn hold() -> Held {
    let socket = provide_websocket(None);
    let (unsent, written) = (provide_unsent(), RwSignal::new(false));
    unsent.hold_while(move || written.get());
    Held {
        socket,
        unsent,
        board: provide_board(ProjectId::from(PROJECT)),
        written,
    }
}

/// Opens a board with two tasks and loses its connection.
async fn cut_board() -> Page<Held> {
    begin();
    serve_board(
        10,
        &[
            card(1, "One", "unclaimed", 1),
            card(2, "Two", "unclaimed", 1),
        ],
    );
    let page = run(hold);
    let peer = Peer::accept(0, 10).await;
    let board = page.value.board;
    until("the board is loaded", || {
        board.load().get_untracked() == Load::Ready
    })
    .await;
    peer.subscribed(PROJECT).await;
    socket_finish(0, 1006);
    let state = page.value.socket.state;
    until("it is not live", || {
        state.get_untracked() != ConnectionState::Live
    })
    .await;
    page
}

/// Restores the connection.
async fn reconnect(page: &Page<Held>) -> Peer {
    page.value.socket.retry_now();
    let peer = Peer::accept(1, 10).await;
    peer.subscribed(PROJECT).await;
    peer
}

fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

#[wasm_bindgen_test]
async fn a_move_without_a_connection_is_seen_waits_in_the_list_and_is_sent_later() {
    let page = cut_board().await;
    let Held { unsent, board, .. } = page.value;
    assert!(!unsent.is_waiting.get_untracked());
    let done = outcome(board.move_task(id(1), Status::UpNext));
    assert_eq!(board.card(&id(1)).unwrap().status, Status::UpNext);
    assert!(unsent.is_waiting.get_untracked());
    assert_eq!(unsent.changes.get_untracked().len(), 1);
    let peer = reconnect(&page).await;
    let (command, sent) = peer.command().await;
    assert_eq!(sent["args"]["patch"], json!({ "status": "up_next" }));
    assert!(!unsent.is_waiting.get_untracked(), "it is under way");
    peer.accept_command(&command, &card(1, "One", "up_next", 2));
    until("the outcome", || done.borrow().is_some()).await;
    assert_eq!(done.take(), Some(Ok(())));
    assert!(unsent.changes.get_untracked().is_empty());
}

#[wasm_bindgen_test]
async fn of_several_moves_of_one_task_the_last_one_stands() {
    let page = cut_board().await;
    let board = page.value.board;
    let first = outcome(board.move_task(id(1), Status::UpNext));
    let second = outcome(board.move_task(id(1), Status::InProgress));
    let peer = reconnect(&page).await;
    let (one, sent) = peer.command().await;
    assert_eq!(sent["args"]["patch"]["status"], "up_next");
    peer.accept_command(&one, &card(1, "One", "up_next", 2));
    let (two, sent) = peer.command().await;
    assert_eq!(sent["args"]["patch"]["status"], "in_progress");
    peer.accept_command(&two, &card(1, "One", "in_progress", 3));
    until("both", || {
        first.borrow().is_some() && second.borrow().is_some()
    })
    .await;
    assert_eq!(board.card(&id(1)).unwrap().status, Status::InProgress);
}

#[wasm_bindgen_test]
async fn what_somebody_else_did_meanwhile_is_told_when_the_move_is_refused() {
    let page = cut_board().await;
    let board = page.value.board;
    let done = outcome(board.move_task(id(1), Status::UpNext));
    let peer = reconnect(&page).await;
    let (command, sent) = peer.command().await;
    assert_eq!(sent["args"]["if_rev"], 1);
    let current = crate::support::whole(1, "One", "merged", 7);
    let error = json!({ "code": "conflict", "message": "It has changed.", "current": current });
    peer.control(
        "sys.result",
        &json!({ "id": command, "ok": false, "error": error }),
    );
    until("the outcome", || done.borrow().is_some()).await;
    assert_eq!(done.take().unwrap().unwrap_err().code, "conflict");
    assert_eq!(board.card(&id(1)).unwrap().status, Status::Merged);
}

#[wasm_bindgen_test]
async fn a_waiting_change_can_be_discarded_and_is_never_sent() {
    let page = cut_board().await;
    let Held { unsent, board, .. } = page.value;
    let dropped = outcome(board.move_task(id(1), Status::UpNext));
    let kept = outcome(board.move_task(id(2), Status::UpNext));
    let first = unsent.changes.get_untracked()[0].id.clone();
    unsent.discard(&first);
    until("it is said", || dropped.borrow().is_some()).await;
    assert_eq!(dropped.take().unwrap().unwrap_err().code, DISCARDED);
    assert_eq!(board.card(&id(1)).unwrap().status, Status::Unclaimed);
    let peer = reconnect(&page).await;
    let (command, sent) = peer.command().await;
    assert_eq!(sent["args"]["task"], "2-p1");
    // A command that is under way cannot be discarded.
    unsent.discard(&command);
    peer.accept_command(&command, &card(2, "Two", "up_next", 2));
    until("the other", || kept.borrow().is_some()).await;
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_command_whose_answer_was_lost_is_sent_again_under_the_same_id() {
    begin();
    serve_board(10, &[card(1, "One", "unclaimed", 1)]);
    let page = run(hold);
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    let made = outcome(page.value.board.create_task(NewTask {
        title: "New".into(),
        ..NewTask::default()
    }));
    let (first, _) = peer.command().await;
    socket_finish(0, 1006);
    let peer = reconnect(&page).await;
    let (again, _) = peer.command().await;
    assert_eq!(again, first);
    peer.accept_command(&again, &card(2, "New", "unclaimed", 1));
    until("it is made", || made.borrow().is_some()).await;
    assert!(made.take().unwrap().is_ok());
}

#[wasm_bindgen_test]
async fn a_new_task_that_the_server_may_have_made_and_forgotten_is_reported_and_not_sent_again() {
    begin();
    serve_board(10, &[card(1, "One", "unclaimed", 1)]);
    let page = run(hold);
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    let made = outcome(page.value.board.create_task(NewTask {
        title: "New".into(),
        ..NewTask::default()
    }));
    peer.command().await;
    socket_finish(0, 1006);
    // Longer than the connection keeps it: from here it waits in the list.
    put_clock_forward(31_000.0);
    until("it waits in the list", || {
        page.value.unsent.is_waiting.get_untracked()
    })
    .await;
    pass(1_500).await;
    let tries = socket_count();
    put_clock_forward(10.0 * 60_000.0);
    // The page notices that it slept, and reconnects.
    until("it tries again", || socket_count() > tries).await;
    let peer = Peer::accept(socket_count() - 1, 10).await;
    until("there is an outcome", || made.borrow().is_some()).await;
    assert_eq!(made.take().unwrap().unwrap_err().code, "unsent");
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn leaving_the_page_is_asked_about_only_while_something_waits() {
    let page = cut_board().await;
    let Held {
        unsent,
        board,
        written,
        ..
    } = page.value;
    assert!(!asks_before_leaving());
    let done = outcome(board.move_task(id(1), Status::UpNext));
    until("it asks", asks_before_leaving).await;
    unsent.discard(&unsent.changes.get_untracked()[0].id);
    until("it is said", || done.borrow().is_some()).await;
    settle().await;
    assert!(!asks_before_leaving());
    written.set(true);
    until("it asks for what is being written", asks_before_leaving).await;
    written.set(false);
    until("it asks no more", || !asks_before_leaving()).await;
}

#[wasm_bindgen_test]
async fn more_than_so_many_do_not_wait() {
    let page = cut_board().await;
    let Held { unsent, board, .. } = page.value;
    let new = || {
        outcome(board.create_task(NewTask {
            title: "New".into(),
            ..NewTask::default()
        }))
    };
    let kept: Vec<_> = (0..tasktree_board::state::unsent::MOST_UNSENT)
        .map(|_| new())
        .collect();
    let refused = new();
    until("it is refused", || refused.borrow().is_some()).await;
    assert_eq!(refused.take().unwrap().unwrap_err().code, "unsent");
    assert!(kept.iter().all(|one| one.borrow().is_none()));
    assert_eq!(unsent.changes.get_untracked().len(), kept.len());
}
