//! A task that an agent works on is taken from it only after the person has said so.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/board_page.rs"]
mod board_page;
mod support;

use board_page::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use support::*;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn held_by_ada(rev: u64) -> Value {
    let mut row = card(3, "Task 3", "in_progress", rev);
    row["session"] = "ada".into();
    row["holder"] = "ada".into();
    row
}

/// A board on which somebody has moved ada's task to DONE, and the server has refused it.
async fn refused(locale: Locale) -> (Page<OpenBoard>, Peer) {
    let (page, peer) = live(locale, &[held_by_ada(4), ranked(5, 0, "in_progress")]).await;
    card_of(&page, 3).focus().unwrap();
    frame().await;
    shift_key("ArrowRight");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["take"], Value::Null);
    let error = json!({
        "code": "claimed", "message": "Agent 'ada' is working on task #3.", "holder": "ada",
    });
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": error }),
    );
    until("it is asked", || {
        count(&page.root, "dialog[open] .dialog-foot button") == 2
    })
    .await;
    (page, peer)
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    let commands = peer.commands.borrow();
    assert!(commands.is_empty(), "{commands:?}");
}

#[wasm_bindgen_test]
async fn a_move_of_a_task_that_an_agent_works_on_is_asked_about_and_then_names_the_agent() {
    for (locale, title) in [
        (Locale::En, "ada is working on #3. Take it over?"),
        (Locale::ZhCn, "ada 正在处理 #3。要接管吗？"),
    ] {
        let (page, peer) = refused(locale).await;
        assert_eq!(cards_in(&page, "in_progress"), ["#3", "#5"]);
        assert_eq!(text(&element(&page.root, "dialog[open] h2")), title);
        let active = document().active_element().unwrap();
        assert!(
            active.closest("dialog").unwrap().is_some(),
            "the keyboard is in the dialog"
        );
        element(&page.root, "dialog[open] .dialog-foot button:last-child").click();
        let (id, command) = peer.command().await;
        assert_eq!(command["args"]["take"], "ada");
        assert_eq!(command["args"]["if_rev"], 4);
        assert_eq!(command["args"]["patch"], json!({ "status": "completed" }));
        peer.accept_command(&id, &card(3, "Task 3", "completed", 5));
        frame().await;
        assert_eq!(cards_in(&page, "completed"), ["#3"]);
        until("the focus is at the card", || {
            focused() == Some(task(3).to_string())
        })
        .await;
        assert_eq!(count(&page.root, "dialog[open]"), 0);
    }
}

#[wasm_bindgen_test]
async fn who_says_no_sends_nothing_and_is_at_the_card_again() {
    let (page, peer) = refused(Locale::En).await;
    element(&page.root, "dialog[open] .dialog-foot button").click();
    until("it is closed", || count(&page.root, "dialog[open]") == 0).await;
    until("the focus is at the card", || {
        focused() == Some(task(3).to_string())
    })
    .await;
    assert_eq!(cards_in(&page, "in_progress"), ["#3", "#5"]);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_task_that_somebody_else_has_taken_while_it_was_asked_is_not_taken_from_them() {
    let (page, peer) = refused(Locale::En).await;
    let mut now = held_by_ada(5);
    now["session"] = "bob".into();
    now["holder"] = "bob".into();
    peer.event("task_updated", &now);
    frame().await;
    element(&page.root, "dialog[open] .dialog-foot button:last-child").click();
    until("it is said", || {
        text(&page.root).contains("#3 was not moved. Task #3 was claimed by bob meanwhile.")
    })
    .await;
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn the_question_goes_with_its_task() {
    let (page, peer) = refused(Locale::En).await;
    peer.event("task_deleted", &json!({ "task_id": task(3) }));
    until("it is closed", || count(&page.root, "dialog[open]") == 0).await;
    until("it is said", || {
        text(&page.root).contains("Task #3 was deleted by a1 meanwhile.")
    })
    .await;
    until("the next card has the focus", || {
        focused() == Some(task(5).to_string())
    })
    .await;
    nothing_was_sent(&peer);
}
