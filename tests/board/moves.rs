//! Cards move by keys, by menu, by mouse and by finger. A refused move comes back with its reason,
//! and the focus stays.

mod keys;
mod pointer;

use crate::board_page::*;
use crate::support::*;
use serde_json::{Value, json};

pub(crate) fn three() -> [Value; 3] {
    [
        ranked(1, 0, "unclaimed"),
        ranked(2, 0, "unclaimed"),
        ranked(5, 0, "up_next"),
    ]
}

/// Receives the next command, which must move that task to that status, and accepts it.
async fn accept_move(peer: &Peer, number: u64, status: &str) {
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["task"], json!(task(number)), "{command}");
    assert_eq!(
        command["args"]["patch"],
        json!({ "status": status }),
        "{command}"
    );
    let row = card(number, &format!("Task {number}"), status, 2);
    peer.event("task_updated", &row);
    peer.accept_command(&id, &row);
    frame().await;
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    assert!(
        peer.commands.borrow().is_empty(),
        "{:?}",
        peer.commands.borrow()
    );
}

async fn focus(page: &Page<OpenBoard>, number: u64) {
    card_of(page, number).focus().unwrap();
    frame().await;
}
