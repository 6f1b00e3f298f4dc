//! Fields are saved on their own; refused values stay in their fields, with the reason.

use super::{open_task, open_task_in, serve_task, title_field, type_title, whole, write_title};
use crate::board_page::*;
use crate::support::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_field_is_saved_by_itself_for_the_version_that_was_read() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "New");
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "title": "New" }));
    assert_eq!(command["args"]["if_rev"], json!(4));
    serve_task(&whole("New", "", 5));
    peer.event("task_updated", &card(1, "New", "unclaimed", 5));
    peer.accept_command(&id, &whole("New", "", 5));
    until("it says that it is saved", || {
        text(&page.root).contains("Saved")
    })
    .await;
    assert_eq!(title_field(&page).value(), "New");
    assert!(text(&card_of(&page, 1)).contains("New"));
}

#[wasm_bindgen_test]
async fn what_was_typed_is_saved_when_the_drawer_goes_away() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    type_title(&page, "Typed, not sent");
    element(&page.root, "#back").click();
    let (id, command) = peer.command().await;
    assert_eq!(
        command["args"]["patch"],
        json!({ "title": "Typed, not sent" })
    );
    assert_eq!(command["args"]["if_rev"], json!(4));
    peer.refuse_command(&id, "invalid", "A title may not say that.");
    until("the refusal is told, though its field is gone", || {
        text(&element(&page.root, ".toasts"))
            .contains("Your changes to #1 were not saved. A title may not say that.")
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_written_while_a_save_is_on_its_way_follows_it() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "A");
    let (first, _) = peer.command().await;
    write_title(&page, "AB");
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty(), "one after the other");
    peer.accept_command(&first, &card(1, "A", "unclaimed", 5));
    let (_, second) = peer.command().await;
    assert_eq!(second["args"]["patch"], json!({ "title": "AB" }));
}

#[wasm_bindgen_test]
async fn a_merge_order_that_is_no_number_is_refused_before_it_is_sent() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    element(&page.root, ".task-files summary").click();
    let field: web_sys::HtmlInputElement =
        element(&page.root, "[aria-label='Merge order']").unchecked_into();
    field.focus().unwrap();
    for (written, is_number) in [("soon", false), (" 12 ", true)] {
        field.set_value(written);
        let event = web_sys::Event::new("input").unwrap();
        field.dispatch_event(&event).unwrap();
        key("Enter");
        settle().await;
        let says = text(&page.root).contains("Enter a whole number.");
        assert_eq!(says, !is_number, "{written}");
    }
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "merge_order": 12 }));
}

#[wasm_bindgen_test]
async fn an_empty_title_is_refused_before_it_is_sent() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "  ");
    until("it says why", || {
        text(&page.root).contains("A task needs a title.")
    })
    .await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_title_that_was_pasted_and_is_too_long_is_kept_and_said() {
    let (page, _peer) = open_task(&whole("Title", "Words", 1)).await;
    let long = "\u{1f600}".repeat(501);
    write_title(&page, &long);
    until("it is said", || {
        text(&page.root).contains("A title has at most 500 characters")
    })
    .await;
    assert_eq!(title_field(&page).value(), long, "nothing is cut off");
    assert_eq!(
        title_field(&page).max_length(),
        -1,
        "the browser cuts nothing either"
    );
    type_title(&page, &"\u{1f600}".repeat(500));
    until("it is short enough", || {
        !text(&page.root).contains("A title has at most")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_refusal_is_shown_under_the_field_with_its_reason() {
    let (page, peer) = open_task(&whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "invalid", "A title may have 500 letters.");
    until("the reason is shown", || {
        text(&page.root).contains("A title may have 500 letters.")
    })
    .await;
    assert_eq!(title_field(&page).value(), "Mine");
}

#[wasm_bindgen_test]
async fn a_refusal_is_said_in_chinese_with_the_servers_own_words() {
    let (page, peer) = open_task_in(Locale::ZhCn, &whole("Old", "", 4)).await;
    write_title(&page, "Mine");
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "rate_limited", "Wait 3 s.");
    until("the refusal is shown", || {
        text(&page.root).contains("请求过于频繁，请稍后再试。（Wait 3 s.）")
    })
    .await;
}
