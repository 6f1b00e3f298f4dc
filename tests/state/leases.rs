//! Changes that outlive their page where the browser has no locks: on pages that are served by http
//! on a local network.

use crate::kept_page::*;
use crate::support::{
    Page, Peer, begin, card, fill_storage, hide_locks, mount, outcome, pass, put_clock_forward,
    resume_page, set_storage, settle, socket_count, storage_text, until,
};
use leptos::prelude::*;
use tasktree_board::state::HANDED_OVER;
use tasktree_board::state::unsent::Keeping;
use tasktree_protocol::Status;
use tasktree_protocol::unsent::{CLAIM_MS, GONE_MS};
use wasm_bindgen_test::wasm_bindgen_test;

fn begin_without_locks() {
    begin();
    hide_locks();
    serve_two();
    sign_in("c1", "ann");
}

/// Ends a page as a crash does: it cannot leave its lease to others.
fn crash(page: Page<Held>) {
    let stored = storage_text();
    drop(page);
    set_storage(&stored);
}

/// Waits for longer than a claim takes.
async fn pass_claim() {
    pass(CLAIM_MS as u32 + 500).await;
}

#[wasm_bindgen_test]
async fn a_change_of_a_page_that_crashed_is_sent_by_the_next_one_when_its_stamp_is_old() {
    begin_without_locks();
    let page = open_cut().await;
    let _answer = outcome(page.value.board.move_task(id(1), Status::UpNext));
    until("it is kept", || kept().len() == 1).await;
    let name = kept()[0]["id"].as_str().unwrap().to_owned();
    crash(page);
    // For all that is known, it may be alive.
    let (page, peer) = open().await;
    pass_claim().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "too early");
    drop(page);
    put_clock_forward(GONE_MS as f64);
    let (page, peer) = open().await;
    let (command, sent) = peer.command().await;
    assert_eq!(command, name);
    assert_eq!(sent["args"]["patch"]["status"], "up_next");
    assert!(kept()[0]["sent_ms"].is_i64(), "noted before it is sent");
    peer.accept_command(&command, &card(1, "One", "up_next", 2));
    until("it is kept no longer", || kept().is_empty()).await;
    crash(page);
    put_clock_forward(GONE_MS as f64);
    let (_page, peer) = open().await;
    pass_claim().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "it is not sent twice");
}

#[wasm_bindgen_test]
async fn what_a_living_page_keeps_is_left_to_it_until_it_is_closed() {
    begin_without_locks();
    let page = open_cut().await;
    let _answer = outcome(page.value.board.move_task(id(1), Status::UpNext));
    until("it is kept", || kept().len() == 1).await;
    let second = mount(|| (provide_unsent_again(), ()));
    pass_claim().await;
    assert!(second.value.changes.get_untracked().is_empty());
    assert_eq!(page.value.unsent.changes.get_untracked().len(), 1);
    drop(page);
    // It has left its lease to others.
    resume_page();
    until("the other takes it over", || {
        second.value.changes.get_untracked().len() == 1
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_page_that_wakes_leaves_what_was_taken_over_to_the_new_owner() {
    begin_without_locks();
    let page = open_cut().await;
    let Held {
        unsent,
        board,
        socket,
    } = page.value;
    let first = outcome(board.move_task(id(1), Status::UpNext));
    until("it is kept", || kept().len() == 1).await;
    let name = kept()[0]["id"].as_str().unwrap().to_owned();
    // Its timers stand still meanwhile.
    put_clock_forward(GONE_MS as f64);
    let second = mount(|| (provide_unsent_again(), ()));
    until("the other takes it over", || {
        second.value.changes.get_untracked().len() == 1
    })
    .await;
    resume_page();
    until("it is handed over", || {
        unsent.changes.get_untracked().is_empty()
    })
    .await;
    until("its author is told", || first.borrow().is_some()).await;
    assert_eq!(
        first.borrow().clone().unwrap().unwrap_err().code,
        HANDED_OVER
    );
    // Changes that follow are kept as before.
    let _answer = outcome(board.move_task(id(2), Status::UpNext));
    until("both are kept", || kept().len() == 2).await;
    assert_eq!(unsent.keeping.get_untracked(), Keeping::Beyond);
    let index = socket_count();
    socket.retry_now();
    let peer = Peer::accept(index, 10).await;
    let mut sent = [peer.command().await.0, peer.command().await.0];
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "each is sent once");
    sent.sort_by_key(|id| *id != name);
    assert_eq!(sent[0], name);
    peer.accept_command(&sent[0], &card(1, "One", "up_next", 2));
    peer.accept_command(&sent[1], &card(2, "Two", "up_next", 2));
    until("nothing is kept", || kept().is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_storage_without_room_is_said_where_changes_wait() {
    begin_without_locks();
    let page = open_cut().await;
    let unsent = page.value.unsent;
    assert_eq!(unsent.keeping.get_untracked(), Keeping::Beyond);
    fill_storage();
    let second = mount(|| (provide_unsent_again(), ()));
    until("it is known before the first change", || {
        second.value.keeping.get_untracked() == Keeping::Full
    })
    .await;
    let _answer = outcome(page.value.board.move_task(id(1), Status::UpNext));
    until("it is said", || {
        unsent.keeping.get_untracked() == Keeping::Full
    })
    .await;
    settle().await;
    let said = page.root.query_selector("[data-keeping=full]").unwrap();
    let said = said.unwrap().text_content().unwrap();
    assert!(said.contains("storage is full or blocked"), "{said}");
}
