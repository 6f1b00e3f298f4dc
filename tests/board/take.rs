//! A task is taken from the agent that works on it only after the person has agreed.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

fn held_by_ada(rev: u64) -> Value {
    let mut row = card(3, "Task 3", "in_progress", rev);
    row["session"] = "ada".into();
    row["holder"] = "ada".into();
    row
}

/// Refuses the newest command because ada works on task 3, and waits until the page asks.
async fn claimed_by_ada(page: &Page<OpenBoard>, peer: &Peer) {
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
}

/// Opens a board on which a move of ada's task to DONE was refused by the server.
async fn refused(locale: Locale) -> (Page<OpenBoard>, Peer) {
    let (page, peer) = live(locale, &[held_by_ada(4), ranked(5, 0, "in_progress")]).await;
    card_of(&page, 3).focus().unwrap();
    frame().await;
    shift_key("ArrowRight");
    claimed_by_ada(&page, &peer).await;
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

/// Does the same on an English page, where the question is checked too.
async fn claimed(page: &Page<OpenBoard>, peer: &Peer) {
    claimed_by_ada(page, peer).await;
    let title = text(&element(&page.root, "dialog[open] h2"));
    assert_eq!(title, "ada is working on #3. Take it over?");
}

/// Opens the drawer of ada's task, with another session written and Enter pressed.
async fn edited() -> (Page<OpenBoard>, Peer) {
    begin();
    serve_board(10, &[held_by_ada(4)]);
    let mut task = whole(3, "Task 3", "in_progress", 4);
    task["session"] = "ada".into();
    serve("GET", "projects/p1/tasks/3-p1", &task);
    serve("GET", "projects/p1/tasks/3-p1/history", &json!([]));
    serve("GET", "projects/p1/tasks/3-p1/comments", &json!([]));
    serve("GET", "projects/p1/questions", &json!([]));
    let page = open_with(Locale::En, || view! { <TaskDrawer number=3 /> }.into_any());
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, "[aria-label=Agent]") == 1
    })
    .await;
    let field = session_field(&page);
    field.focus().unwrap();
    field.set_value("bob");
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
    settle().await;
    key("Enter");
    claimed(&page, &peer).await;
    (page, peer)
}

fn session_field(page: &Page<OpenBoard>) -> web_sys::HtmlInputElement {
    element(&page.root, "[aria-label=Agent]").unchecked_into()
}

#[wasm_bindgen_test]
async fn a_session_that_is_edited_over_a_live_claim_is_asked_about_and_then_names_the_agent() {
    let (page, peer) = edited().await;
    element(&page.root, "dialog[open] .dialog-foot button:last-child").click();
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["take"], "ada");
    assert_eq!(command["args"]["patch"], json!({ "session": "bob" }));
    let mut task = whole(3, "Task 3", "in_progress", 5);
    task["session"] = "bob".into();
    serve("GET", "projects/p1/tasks/3-p1", &task);
    peer.accept_command(&id, &task);
    until("it is stored", || text(&page.root).contains("Saved")).await;
    assert_eq!(session_field(&page).value(), "bob");
}

#[wasm_bindgen_test]
async fn who_leaves_the_task_to_its_agent_finds_the_session_as_it_was() {
    let (page, peer) = edited().await;
    element(&page.root, "dialog[open] .dialog-foot button").click();
    until("the field is as it was", || {
        session_field(&page).value() == "ada"
    })
    .await;
    until("it is closed", || count(&page.root, "dialog[open]") == 0).await;
    let active = document().active_element().unwrap();
    assert_eq!(active.get_attribute("aria-label").unwrap(), "Agent");
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn an_undo_that_would_take_a_task_from_an_agent_is_asked_about() {
    for takes in [true, false] {
        let (page, peer) = live(Locale::En, &[held_by_ada(4)]).await;
        card_of(&page, 3).focus().unwrap();
        frame().await;
        shift_key("ArrowRight");
        let (id, _) = peer.command().await;
        let mut done = held_by_ada(5);
        done["status"] = "completed".into();
        peer.accept_command(&id, &done);
        until("the move is confirmed", || {
            count(&page.root, "[data-pending]") == 0
        })
        .await;
        frame().await;
        assert!(undo_key());
        claimed(&page, &peer).await;
        if !takes {
            element(&page.root, "dialog[open] .dialog-foot button").click();
            until("it is closed", || count(&page.root, "dialog[open]") == 0).await;
            nothing_was_sent(&peer);
            assert!(undo_key(), "it can still be undone");
            claimed(&page, &peer).await;
        }
        element(&page.root, "dialog[open] .dialog-foot button:last-child").click();
        let (id, command) = peer.command().await;
        assert_eq!(command["args"]["take"], "ada");
        assert_eq!(command["args"]["patch"]["status"], "in_progress");
        peer.accept_command(&id, &held_by_ada(6));
        frame().await;
        assert_eq!(cards_in(&page, "in_progress"), ["#3"]);
        assert!(!undo_key(), "nothing is left to undo");
    }
}
