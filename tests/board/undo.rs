//! Every move can be undone: from its message, and with Ctrl+Z.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

fn two() -> [Value; 2] {
    [ranked(1, 0, "unclaimed"), ranked(2, 0, "unclaimed")]
}

/// Receives the next command, which must make that change to that version of the task, and accepts
/// it with the next version.
async fn accept(peer: &Peer, number: u64, patch: &Value, rev: u64) {
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["task"], json!(task(number)), "{command}");
    assert_eq!(command["args"]["patch"], *patch, "{command}");
    assert_eq!(command["args"]["if_rev"], rev, "{command}");
    answer(peer, &id, number, patch, rev + 1).await;
}

async fn answer(peer: &Peer, id: &str, number: u64, patch: &Value, rev: u64) {
    let mut row = card(number, &format!("Task {number}"), "unclaimed", rev);
    let fields = patch.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(fields);
    let mut event = peer.next("task_updated", &row);
    event["cause"] = id.into();
    socket_receive(peer.index, &event.to_string());
    peer.accept_command(id, &row);
    frame().await;
}

fn status(name: &str) -> Value {
    json!({ "status": name })
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    let commands = peer.commands.borrow();
    assert!(commands.is_empty(), "{commands:?}");
}

async fn focus(page: &Page<OpenBoard>, number: u64) {
    card_of(page, number).focus().unwrap();
    frame().await;
}

async fn until_told(page: &Page<OpenBoard>, expected: &str) {
    until(expected, || text(&page.root).contains(expected)).await;
}

/// Moves task 1 from TODO to UP NEXT by the given means.
async fn move_by(page: &Page<OpenBoard>, way: &str) {
    match way {
        "drag" => {
            let (board, held) = (element(&page.root, ".task-board"), card_of(page, 1));
            let over = middle(&column(page, "up_next"));
            point("pointerdown", &held, middle(&held), "mouse");
            point("pointermove", &board, over, "mouse");
            point("pointerup", &board, over, "mouse");
        }
        "carry" => {
            focus(page, 1).await;
            for name in [" ", "ArrowRight", " "] {
                key(name);
                frame().await;
            }
        }
        "menu" => {
            element(&card_of(page, 1), ".task-card-menu").click();
            frame().await;
            element(&page.root, ".menu-item:nth-child(2)").click();
        }
        _ => {
            focus(page, 1).await;
            shift_key("ArrowRight");
        }
    }
}

#[wasm_bindgen_test]
async fn every_way_to_move_a_card_can_be_undone_from_its_message_and_by_key() {
    for way in ["drag", "carry", "menu", "key"] {
        for by_key in [false, true] {
            let (page, peer) = live(Locale::En, &two()).await;
            move_by(&page, way).await;
            accept(&peer, 1, &status("up_next"), 1).await;
            until_told(&page, "#1 moved to UP NEXT").await;
            assert_eq!(text(&element(&page.root, ".toast-action")), "Undo");
            if by_key {
                assert!(undo_key());
            } else {
                element(&page.root, ".toast-action").click();
            }
            accept(&peer, 1, &status("unclaimed"), 2).await;
            assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#2"], "{way}");
            until("it is said", || announced() == "#1 is back in TODO").await;
            assert_eq!(count(&page.root, ".toast"), 0, "nothing is left to undo");
            assert!(!undo_key(), "the key is the browser's again");
        }
    }
}

#[wasm_bindgen_test]
async fn the_key_walks_back_the_newest_first_and_in_chinese() {
    let (page, peer) = live(Locale::ZhCn, &two()).await;
    focus(&page, 1).await;
    shift_key("ArrowRight");
    accept(&peer, 1, &status("up_next"), 1).await;
    shift_key("ArrowRight");
    accept(&peer, 1, &status("in_progress"), 2).await;
    focus(&page, 2).await;
    shift_key("ArrowRight");
    accept(&peer, 2, &status("up_next"), 1).await;
    assert_eq!(
        count(&page.root, ".toast"),
        2,
        "of the moves of a card the last is offered"
    );
    undo_key();
    accept(&peer, 2, &status("unclaimed"), 2).await;
    assert_eq!(announced(), "#2 已移回“待办”");
    undo_key();
    accept(&peer, 1, &status("up_next"), 3).await;
    undo_key();
    accept(&peer, 1, &status("unclaimed"), 4).await;
    assert_eq!(announced(), "#1 已移回“待办”");
    assert!(!undo_key());
}

#[wasm_bindgen_test]
async fn keys_pressed_quickly_undo_one_move_each() {
    let (page, peer) = live(Locale::En, &two()).await;
    focus(&page, 1).await;
    shift_key("ArrowRight");
    accept(&peer, 1, &status("up_next"), 1).await;
    shift_key("ArrowRight");
    // The second is not answered yet.
    assert!(undo_key() && undo_key() && !undo_key());
    accept(&peer, 1, &status("in_progress"), 2).await;
    accept(&peer, 1, &status("up_next"), 3).await;
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], status("unclaimed"));
    until("it is seen at once", || {
        cards_in(&page, "unclaimed") == ["#1", "#2"]
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_field_with_text_in_it_has_its_own_undo() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    let field = element(&page.root, "#elsewhere");
    field.focus().unwrap();
    assert!(!undo_key());
    field.set_attribute("type", "checkbox").unwrap();
    assert!(undo_key(), "nobody types in a checkbox");
    accept(&peer, 1, &status("unclaimed"), 2).await;
}

#[wasm_bindgen_test]
async fn the_session_that_a_move_has_ended_is_restored_with_it() {
    let mut held = ranked(1, 0, "in_progress");
    held["session"] = "ada".into();
    let (page, peer) = live(Locale::En, &[held]).await;
    focus(&page, 1).await;
    shift_key("ArrowLeft");
    accept(&peer, 1, &status("up_next"), 1).await;
    undo_key();
    let before = json!({ "status": "in_progress", "session": "ada" });
    accept(&peer, 1, &before, 2).await;
    assert_eq!(cards_in(&page, "in_progress"), ["#1"]);
}

#[wasm_bindgen_test]
async fn a_move_is_not_undone_over_what_somebody_else_did_since() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    let mut claimed = card(1, "Task 1", "in_progress", 3);
    claimed["session"] = "ada".into();
    peer.event("task_updated", &claimed);
    frame().await;
    assert!(undo_key());
    until_told(
        &page,
        "The move of #1 was not undone. Task #1 was claimed by ada meanwhile.",
    )
    .await;
    assert!(!undo_key(), "it is over");
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_change_that_arrives_between_the_key_and_the_server_is_not_overwritten() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    undo_key();
    let (id, _) = peer.command().await;
    let theirs = whole(1, "Task 1", "completed", 3);
    let mut event = peer.next("task_updated", &card(1, "Task 1", "completed", 3));
    event["actor"] = "human:ann".into();
    socket_receive(peer.index, &event.to_string());
    let error = json!({ "code": "conflict", "message": "Changed.", "current": theirs });
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": error }),
    );
    until_told(
        &page,
        "The move of #1 was not undone. Meanwhile ann has moved it to DONE.",
    )
    .await;
    assert_eq!(cards_in(&page, "completed"), ["#1"]);
}

#[wasm_bindgen_test]
async fn another_title_since_is_no_reason_to_keep_a_move() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    peer.event("task_updated", &card(1, "Renamed", "up_next", 3));
    frame().await;
    undo_key();
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["if_rev"], 2, "the version after the move");
    let current = whole(1, "Renamed", "up_next", 3);
    let error = json!({ "code": "conflict", "message": "Changed.", "current": current });
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": error }),
    );
    accept(&peer, 1, &status("unclaimed"), 3).await;
}

#[wasm_bindgen_test]
async fn what_the_server_refuses_to_undo_can_be_tried_again() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    undo_key();
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "internal", "The disk is full.");
    until_told(&page, "The move of #1 was not undone. The disk is full.").await;
    undo_key();
    accept(&peer, 1, &status("unclaimed"), 2).await;
}

#[wasm_bindgen_test]
async fn a_move_that_was_not_sent_yet_is_never_sent_once_it_is_undone() {
    let (page, peer) = live(Locale::En, &two()).await;
    socket_finish(peer.index, 1006);
    frame().await;
    move_by(&page, "key").await;
    until("it waits", || cards_in(&page, "up_next") == ["#1"]).await;
    assert!(undo_key());
    until("it is back", || {
        cards_in(&page, "unclaimed") == ["#1", "#2"]
    })
    .await;
    assert_eq!(announced(), "#1 is back in TODO");
    assert_eq!(count(&page.root, ".toast"), 0);
}

#[wasm_bindgen_test]
async fn the_offer_to_undo_goes_with_the_board() {
    let (page, peer) = live(Locale::En, &two()).await;
    move_by(&page, "key").await;
    accept(&peer, 1, &status("up_next"), 1).await;
    assert_eq!(count(&page.root, ".toast"), 1);
    page.value.is_shown.set(false);
    until("it is gone", || count(&page.root, ".toast") == 0).await;
}

/// Opens a board on which task 1 is being deleted, from its drawer.
async fn deleting() -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(10, &two());
    for part in ["/history", "/comments"] {
        let path = format!("projects/p1/tasks/1-p1{part}");
        serve("GET", &path, &json!([]));
    }
    serve("GET", "projects/p1/questions", &json!([]));
    serve(
        "GET",
        "projects/p1/tasks/1-p1",
        &whole(1, "Task 1", "unclaimed", 1),
    );
    let is_open = RwSignal::new(true);
    let page = open_with(Locale::En, move || {
        view! { <button id="close" on:click=move |_| is_open.set(false)></button>
        <Show when=move || is_open.get()><TaskDrawer number=1 /></Show> }
        .into_any()
    });
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-drawer-head [aria-label=Delete]") == 1
    })
    .await;
    element(&page.root, ".task-drawer-head [aria-label=Delete]").click();
    element(&page.root, "#close").click();
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#2"]);
    (page, peer)
}

async fn deleted() -> (Page<OpenBoard>, Peer) {
    let (page, peer) = deleting().await;
    let (id, command) = peer.command().await;
    assert_eq!(command["op"], "delete_task", "{command}");
    peer.accept_command(&id, &Value::Null);
    until_told(&page, "#1 was deleted.").await;
    (page, peer)
}

async fn restored(page: &Page<OpenBoard>, peer: &Peer) {
    let (id, command) = peer.command().await;
    assert_eq!(command["op"], "restore_task", "{command}");
    peer.accept_command(&id, &card(1, "Task 1", "unclaimed", 3));
    frame().await;
    assert_eq!(cards_in(page, "unclaimed"), ["#1", "#2"]);
    until("it is said", || announced() == "#1 is back in TODO").await;
    assert_eq!(count(&page.root, ".toast"), 0, "nothing is left to undo");
    assert!(!undo_key(), "the key is the browser's again");
}

#[wasm_bindgen_test]
async fn a_deletion_is_undone_from_its_message_and_by_key() {
    for by_key in [false, true] {
        let (page, peer) = deleted().await;
        if by_key {
            assert!(undo_key());
        } else {
            element(&page.root, ".toast-action").click();
        }
        restored(&page, &peer).await;
    }
}

#[wasm_bindgen_test]
async fn moves_and_deletions_are_undone_in_the_order_in_which_they_were_made() {
    let (page, peer) = deleted().await;
    focus(&page, 2).await;
    shift_key("ArrowRight");
    accept(&peer, 2, &status("up_next"), 1).await;
    assert!(undo_key());
    accept(&peer, 2, &status("unclaimed"), 2).await;
    assert!(undo_key());
    restored(&page, &peer).await;
}

#[wasm_bindgen_test]
async fn a_deletion_that_is_undone_before_its_answer_is_undone_after_it() {
    let (page, peer) = deleting().await;
    let (id, _) = peer.command().await;
    assert!(undo_key());
    nothing_was_sent(&peer);
    peer.accept_command(&id, &Value::Null);
    restored(&page, &peer).await;
}

#[wasm_bindgen_test]
async fn a_deletion_that_is_refused_leaves_nothing_to_undo() {
    let (page, peer) = deleting().await;
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "forbidden", "Not you.");
    until_told(&page, "#1 was not deleted.").await;
    assert!(!undo_key());
}
