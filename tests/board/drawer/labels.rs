//! The field for labels.

use super::{open_task, whole};
use crate::board_page::*;
use crate::support::*;
use serde_json::json;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

/// Types into the field for labels.
fn type_label(page: &Page<OpenBoard>, label: &str) {
    let field: web_sys::HtmlInputElement =
        element(&page.root, ".word-field input").unchecked_into();
    field.focus().unwrap();
    field.set_value(label);
    let event = web_sys::Event::new("input").unwrap();
    field.dispatch_event(&event).unwrap();
}

#[wasm_bindgen_test]
async fn labels_are_added_and_removed_by_key_and_completed_from_those_of_the_project() {
    let (page, peer) = open_task(&whole("Title", "", 1)).await;
    let mut other = card(2, "Other", "unclaimed", 1);
    other["labels"] = json!(["Backend", "ui"]);
    peer.event("task_created", &other);
    let offers = || text(&element(&page.root, ".word-offers"));
    let chips = || count(&page.root, ".word-chip");
    until("the labels of the project are offered", || {
        type_label(&page, "b");
        offers() == "Backend"
    })
    .await;
    key("ArrowDown");
    frame().await;
    key("Enter");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"]["labels"], json!(["Backend"]));
    until("the label is shown at once", || chips() == 1).await;
    let mut stored = card(1, "Title", "unclaimed", 2);
    stored["labels"] = json!(["Backend"]);
    peer.accept_command(&id, &stored);
    // The same word in other letters changes nothing; a comma ends a word.
    type_label(&page, "BACKEND, second");
    key("Enter");
    let (id, command) = peer.command().await;
    assert_eq!(
        command["args"]["patch"]["labels"],
        json!(["Backend", "second"])
    );
    stored["labels"] = json!(["Backend", "second"]);
    stored["rev"] = 3.into();
    peer.accept_command(&id, &stored);
    until("both are shown", || chips() == 2).await;
    // An empty field: Backspace removes the last.
    type_label(&page, "");
    key("Backspace");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"]["labels"], json!(["Backend"]));
    stored["labels"] = json!(["Backend"]);
    stored["rev"] = 4.into();
    peer.accept_command(&id, &stored);
    type_label(&page, &"x".repeat(51));
    key("Enter");
    until("the fault is shown", || {
        text(&page.root).contains("A label has at most 50 characters.")
    })
    .await;
    let field: web_sys::HtmlInputElement =
        element(&page.root, ".word-field input").unchecked_into();
    assert_eq!(field.value().len(), 51, "what was typed stays");
}
