//! The board's state: snapshots and events together, coalesced fetches, and older servers.

mod fetches;
mod older_servers;
mod snapshots;

use crate::support::{PROJECT, Page, requests, run, until};
use leptos::prelude::*;
use tasktree_board::net::{ConnectionState, provide_websocket};
use tasktree_board::state::{BoardState, Load, provide_board};
use tasktree_protocol::{ProjectId, TaskId};

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

fn page_state() -> ConnectionState {
    let owner = Owner::new();
    owner.with(|| tasktree_board::net::use_websocket().state.get_untracked())
}
