//! A page whose changes outlive it, and what is stored of them.

// Every test binary has its own copy of this module and uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic
)]

use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::shell::unsent_list::UnsentList;
use tasktree_board::components::shell::unsent_reports::UnsentReports;
use tasktree_board::i18n::provide_i18n;
use tasktree_board::net::{ConnectionState, WebSocketHandle, provide_websocket};
use tasktree_board::state::unsent::Keeping;
use tasktree_board::state::{
    BoardState, Load, Unsent, provide_access, provide_board, provide_unsent,
};
use tasktree_board::ui::provide_toasts;
use tasktree_protocol::{NewTask, ProjectId, TaskId};

use super::support::{
    self, PROJECT, Page, Peer, card, kept_changes, mount, outcome, serve, serve_board,
    socket_count, socket_finish, until,
};

/// Handles of an open page.
#[derive(Clone, Copy)]
pub struct Held {
    pub socket: WebSocketHandle,
    pub unsent: Unsent,
    pub board: BoardState,
}

/// Answers requests for the session.
pub fn sign_in(credential: &str, person: &str) {
    let mut session = support::session("editor");
    session["credential"] = credential.into();
    session["person"] = json!({ "id": person, "name": person });
    serve("GET", "session", &session);
}

/// Opens a live page that shows the waiting changes and the reports.
pub async fn open() -> (Page<Held>, Peer) {
    let index = socket_count();
    let page = mount(|| {
        provide_i18n();
        provide_toasts();
        let socket = provide_websocket(None);
        provide_access();
        let unsent = provide_unsent();
        let board = provide_board(ProjectId::from(PROJECT));
        let held = Held {
            socket,
            unsent,
            board,
        };
        (held, view! { <UnsentReports/><UnsentList/> })
    });
    let peer = Peer::accept(index, 10).await;
    let board = page.value.board;
    until("the board is loaded", || {
        board.load().get_untracked() == Load::Ready
    })
    .await;
    peer.subscribed(PROJECT).await;
    let unsent = page.value.unsent;
    until("changes would be kept", || {
        unsent.keeping.get_untracked() == Keeping::Beyond
    })
    .await;
    (page, peer)
}

/// Opens a page and loses its connection.
pub async fn open_cut() -> Page<Held> {
    let (page, peer) = open().await;
    socket_finish(peer.index, 1006);
    let state = page.value.socket.state;
    until("it is not live", || {
        state.get_untracked() != ConnectionState::Live
    })
    .await;
    page
}

/// Answers requests for a board of two tasks.
pub fn serve_two() {
    serve_board(
        10,
        &[
            card(1, "One", "unclaimed", 1),
            card(2, "Two", "unclaimed", 1),
        ],
    );
}

/// Returns the stored changes, in their order.
pub fn kept() -> Vec<Value> {
    serde_json::from_str(&kept_changes()).unwrap()
}

/// Returns the id of a task.
pub fn id(number: u64) -> TaskId {
    TaskId::new(number, &ProjectId::from(PROJECT))
}

/// Requests a new task on a page without a connection, and ends the page.
pub async fn leave_new_task_behind(title: &str) -> String {
    let page = open_cut().await;
    let _answer = outcome(page.value.board.create_task(NewTask {
        title: title.into(),
        ..NewTask::default()
    }));
    until("it is kept", || kept().len() == 1).await;
    kept()[0]["id"].as_str().unwrap().to_owned()
}

/// Provides the unsent changes of another page, on the same connection.
pub fn provide_unsent_again() -> Unsent {
    provide_websocket(None);
    provide_access();
    let unsent = provide_unsent();
    // In the board, the view of the reports does this.
    unsent.keep();
    unsent
}
