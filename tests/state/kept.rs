//! Changes that outlive their page: kept in the browser's storage, adopted by another page, and
//! sent or reported once.

use crate::kept_page::*;
use crate::support::{
    EPOCH, Peer, begin, card, fill_storage, mount, outcome, pass, settle, socket_count, until,
};
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::state::unsent::Keeping;
use tasktree_protocol::Status;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_change_of_a_page_that_is_gone_is_sent_by_the_next_one_under_the_same_id() {
    begin();
    serve_two();
    sign_in("c1", "ann");
    let name = leave_new_task_behind("Survivor").await;
    assert_eq!(kept().len(), 1, "the page is gone, and its change is not");
    let (page, peer) = open().await;
    let (command, sent) = peer.command().await;
    assert_eq!(command, name);
    assert_eq!(sent["args"]["task"]["title"], "Survivor");
    assert_eq!(
        sent["args"]["bound"],
        json!({ "epoch": EPOCH, "caller": "c1" })
    );
    assert!(kept()[0]["sent_ms"].is_i64(), "noted before it is sent");
    peer.accept_command(&command, &card(3, "Survivor", "unclaimed", 1));
    until("it is kept no longer", || kept().is_empty()).await;
    assert!(page.value.unsent.reports.get_untracked().is_empty());
    drop(page);
    let (_page, peer) = open().await;
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "it is not sent twice");
}

#[wasm_bindgen_test]
async fn a_change_for_a_project_that_was_replaced_is_reported_with_its_text_until_it_is_dismissed()
{
    begin();
    serve_two();
    sign_in("c1", "ann");
    leave_new_task_behind("Lost words").await;
    let (page, peer) = open().await;
    let (command, _) = peer.command().await;
    peer.refuse_command(&command, "replaced", "The project was replaced.");
    until("it is reported", || {
        page.root
            .text_content()
            .unwrap()
            .contains("The project was replaced.")
    })
    .await;
    assert!(page.root.text_content().unwrap().contains("Lost words"));
    drop(page);
    // Nobody has read it yet.
    let (page, peer) = open().await;
    until("it is reported still", || {
        page.value.unsent.reports.get_untracked().len() == 1
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "and not sent");
    let button = page.root.query_selector(".unsent-report .button");
    wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(button.unwrap().unwrap()).click();
    until("it is forgotten", || kept().is_empty()).await;
    until("it is gone", || {
        page.root
            .query_selector(".unsent-report")
            .unwrap()
            .is_none()
    })
    .await;
}

#[wasm_bindgen_test]
async fn nobody_sends_or_sees_the_changes_of_somebody_else() {
    begin();
    serve_two();
    sign_in("c1", "ann");
    leave_new_task_behind("Private").await;
    sign_in("c2", "ben");
    let (page, peer) = open().await;
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    assert!(page.value.unsent.changes.get_untracked().is_empty());
    assert!(!page.root.text_content().unwrap().contains("Private"));
    drop(page);
    sign_in("c1", "ann");
    let (_page, peer) = open().await;
    let (_, sent) = peer.command().await;
    assert_eq!(sent["args"]["task"]["title"], "Private");
}

#[wasm_bindgen_test]
async fn what_a_living_page_keeps_is_left_to_it() {
    begin();
    serve_two();
    sign_in("c1", "ann");
    let page = open_cut().await;
    let _answer = outcome(page.value.board.move_task(id(1), Status::UpNext));
    until("it is kept", || kept().len() == 1).await;
    let second = mount(|| (provide_unsent_again(), ()));
    pass(100).await;
    assert!(second.value.changes.get_untracked().is_empty());
    assert_eq!(page.value.unsent.changes.get_untracked().len(), 1);
    drop(page);
    // Now it is gone.
    until("the other takes it over", || {
        second.value.changes.get_untracked().len() == 1
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_storage_without_room_is_said_where_changes_wait() {
    begin();
    serve_two();
    sign_in("c1", "ann");
    let page = open_cut().await;
    let unsent = page.value.unsent;
    assert_eq!(unsent.keeping.get_untracked(), Keeping::Beyond);
    fill_storage();
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

#[wasm_bindgen_test]
async fn a_change_that_is_discarded_or_answered_is_kept_no_longer() {
    begin();
    serve_two();
    sign_in("c1", "ann");
    let page = open_cut().await;
    let Held {
        unsent,
        board,
        socket,
    } = page.value;
    let _dropped = outcome(board.move_task(id(1), Status::UpNext));
    let answered = outcome(board.move_task(id(2), Status::UpNext));
    until("both are kept", || kept().len() == 2).await;
    unsent.discard(&unsent.changes.get_untracked()[0].id);
    until("one is left", || kept().len() == 1).await;
    let index = socket_count();
    socket.retry_now();
    let peer = Peer::accept(index, 10).await;
    let (command, _) = peer.command().await;
    peer.accept_command(&command, &card(2, "Two", "up_next", 2));
    until("it is answered", || answered.borrow().is_some()).await;
    until("nothing is kept", || kept().is_empty()).await;
}
