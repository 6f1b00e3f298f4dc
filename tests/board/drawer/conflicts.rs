//! Concurrent changes of a field are shown, and neither text is lost.

use super::{open_task, serve_task, title_field, type_title, whole, write_title};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

/// Opens a task whose title a person has begun to write, and somebody else has changed since.
async fn in_conflict() -> (Page<OpenBoard>, Peer) {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Mine");
    serve_task(&whole("Theirs", "", 5));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
    until("the conflict is shown at once", || {
        count(&page.root, "[data-kind=conflict]") == 1
    })
    .await;
    (page, peer)
}

#[wasm_bindgen_test]
async fn a_newer_value_is_shown_instead_of_being_lost() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Theirs", "", 5) } }),
    );
    until("the conflict is shown", || {
        count(&page.root, "[data-kind=conflict]") == 1
    })
    .await;
    assert_eq!(
        text(&element(&page.root, "[data-kind=conflict] blockquote")),
        "Theirs"
    );
    assert_eq!(
        title_field(&page).value(),
        "Mine",
        "what was written is still there"
    );
    // Mine over theirs as they were shown: any other value would be a conflict again.
    element(&page.root, "[data-kind=conflict] [data-look=danger]").click();
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "Mine" }));
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Theirs", "", 5) } }),
    );
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["if_rev"], json!(5));
}

#[wasm_bindgen_test]
async fn what_was_begun_before_somebody_elses_change_is_not_written_over_it() {
    let (page, peer) = in_conflict().await;
    assert_eq!(
        text(&element(&page.root, "[data-kind=conflict] blockquote")),
        "Theirs"
    );
    key("Enter");
    title_field(&page).blur().unwrap();
    settle().await;
    peer.pump();
    assert!(
        peer.commands.borrow().is_empty(),
        "nothing is sent before the choice is made"
    );
    element(&page.root, "[data-kind=conflict] [data-look=danger]").click();
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "Mine" }));
    assert_eq!(
        command["args"]["if_rev"],
        json!(5),
        "it names the version that was shown"
    );
}

#[wasm_bindgen_test]
async fn who_leaves_without_choosing_is_told_that_what_they_wrote_was_not_saved() {
    let (page, peer) = in_conflict().await;
    element(&page.root, "#back").click();
    let said = || text(&element(&page.root, ".toasts"));
    until("it is said", || {
        said().contains("Your changes to #1 were not saved.")
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
    // The text can be copied; a browser that lets no page copy shows it.
    element(&page.root, ".toast-action").click();
    until("it was copied or shown", || {
        announced() == "Copied" || said().contains("Mine")
    })
    .await;
}

#[wasm_bindgen_test]
async fn who_leaves_while_an_older_text_is_on_its_way_is_in_no_conflict_with_it() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "A");
    let (first, _) = peer.command().await;
    type_title(&page, "AB");
    element(&page.root, "#back").click();
    peer.accept_command(&first, &card(1, "A", "unclaimed", 5));
    let (second, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "AB" }));
    peer.control(
        "sys.result",
        &json!({ "id": second, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("A", "", 5) } }),
    );
    let (_, again) = peer.command().await;
    assert_eq!(again["args"]["patch"], json!({ "title": "AB" }));
    assert_eq!(again["args"]["if_rev"], json!(5));
}

#[wasm_bindgen_test]
async fn who_chooses_in_a_conflict_by_the_keyboard_is_in_the_field_again() {
    for choice in ["[data-look=danger]", ".button:first-child"] {
        let (page, _peer) = in_conflict().await;
        let button = element(&page.root, &format!("[data-kind=conflict] {choice}"));
        button.focus().unwrap();
        button.click();
        until("the focus is in the field", || {
            document().active_element().as_ref() == Some(title_field(&page).as_ref())
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn a_field_in_which_nothing_is_written_shows_what_others_write() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Older");
    type_title(&page, "Old");
    serve_task(&whole("Theirs", "", 5));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 5));
    until("it is shown", || title_field(&page).value() == "Theirs").await;
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
}

#[wasm_bindgen_test]
async fn a_value_that_is_stored_without_its_spaces_is_no_change_by_others() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "New ");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New" }));
    hold("GET", "projects/p1/tasks/1-p1");
    peer.accept_command(&id, &card(1, "New", "unclaimed", 5));
    until("it is saved", || text(&page.root).contains("Saved")).await;
    type_title(&page, "New one");
    settle().await;
    assert!(
        !text(&page.root).contains("Saved"),
        "what is typed now is not"
    );
    until("it is asked for", || {
        waiting("GET", "projects/p1/tasks/1-p1") > 0
    })
    .await;
    release(
        "GET",
        "projects/p1/tasks/1-p1",
        None,
        &whole("New", "described", 5),
    );
    until("it was read again", || {
        text(&page.root).contains("described")
    })
    .await;
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
    assert_eq!(title_field(&page).value(), "New one");
    key("Enter");
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New one" }));
}

#[wasm_bindgen_test]
async fn a_field_does_not_keep_what_was_saved_and_changed_since() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    serve_task(&whole("Theirs", "later", 6));
    peer.event("task_updated", &card(1, "Theirs", "unclaimed", 6));
    until("it was read again", || text(&page.root).contains("later")).await;
    assert_eq!(title_field(&page).value(), "Mine", "not answered yet");
    // The answer was lost with the connection, and is sent again.
    peer.accept_command(&id, &card(1, "Mine", "unclaimed", 5));
    until("the newest is shown", || {
        title_field(&page).value() == "Theirs"
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_change_of_another_field_is_no_conflict() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": { "code": "conflict", "message": "It has changed.",
        "current": whole("Old", "described meanwhile", 5) } }),
    );
    let (_, command) = peer.command().await;
    assert_eq!(
        command["args"]["if_rev"],
        json!(5),
        "it is tried again by itself"
    );
    assert_eq!(count(&page.root, "[data-kind=conflict]"), 0);
}
