//! Moving the focus and the cards by keys.

use super::{accept_move, focus, nothing_was_sent, three};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn arrows_and_letters_move_the_focus_between_cards_and_over_empty_columns() {
    let tasks = [
        ranked(1, 0, "unclaimed"),
        ranked(2, 0, "unclaimed"),
        ranked(9, 0, "completed"),
    ];
    let (page, _peer) = live(Locale::En, &tasks).await;
    focus(&page, 1).await;
    for (name, expected) in [
        ("ArrowDown", 2),
        ("j", 2),
        ("k", 1),
        ("End", 2),
        ("ArrowRight", 9),
        ("l", 9),
        ("h", 1),
        ("ArrowUp", 1),
    ] {
        key(name);
        frame().await;
        assert_eq!(focused(), Some(task(expected).to_string()), "after {name}");
    }
    assert_eq!(
        count(&page.root, ".task-card[tabindex='0']"),
        1,
        "Tab reaches one card"
    );
}

#[wasm_bindgen_test]
async fn space_picks_up_arrows_carry_and_space_drops() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 1).await;
    key(" ");
    frame().await;
    assert!(card_of(&page, 1).has_attribute("data-held"));
    assert!(announced().starts_with("#1 picked up"), "{}", announced());
    key("ArrowRight");
    frame().await;
    assert!(column(&page, "up_next").has_attribute("data-over"));
    assert_eq!(announced(), "UP NEXT, 2 of 5");
    nothing_was_sent(&peer);
    key(" ");
    accept_move(&peer, 1, "up_next").await;
    assert_eq!(cards_in(&page, "up_next"), ["#1", "#5"]);
    assert_eq!(announced(), "#1 moved to UP NEXT, 1 of 2");
    assert_eq!(
        focused(),
        Some(task(1).to_string()),
        "the focus went with the card"
    );
}

#[wasm_bindgen_test]
async fn escape_returns_a_held_card_and_sends_nothing() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 2).await;
    for name in [" ", "ArrowRight", "Escape"] {
        key(name);
        frame().await;
    }
    assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#2"]);
    assert_eq!(announced(), "#2 stays in TODO");
    assert_eq!(count(&page.root, "[data-held], [data-over]"), 0);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn shift_with_an_arrow_moves_at_once_and_says_so_in_chinese() {
    let (page, peer) = live(Locale::ZhCn, &three()).await;
    focus(&page, 5).await;
    shift_key("ArrowRight");
    frame().await;
    assert_eq!(
        cards_in(&page, "in_progress"),
        ["#5"],
        "the move is seen before the answer"
    );
    assert!(card_of(&page, 5).has_attribute("data-pending"));
    accept_move(&peer, 5, "in_progress").await;
    assert!(!card_of(&page, 5).has_attribute("data-pending"));
    assert_eq!(announced(), "#5 已移至“进行中”，第 1 个，共 1 个");
    assert_eq!(focused(), Some(task(5).to_string()));
}

#[wasm_bindgen_test]
async fn keys_of_an_input_method_and_in_fields_are_not_the_boards() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 1).await;
    for name in ["j", " ", "ArrowRight", "m", "c"] {
        composing_key(name);
    }
    frame().await;
    assert_eq!(focused(), Some(task(1).to_string()));
    element(&page.root, "#elsewhere").focus().unwrap();
    for name in ["j", "c", "m", " ", "/"] {
        key(name);
    }
    frame().await;
    assert_eq!(count(&page.root, ".add-task, [data-held], .menu-item"), 0);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn letters_can_be_switched_off_and_arrows_still_move() {
    let storage = window().local_storage().unwrap().unwrap();
    storage.set_item("tasktree.letter-keys", "off").unwrap();
    let (page, peer) = live(Locale::En, &three()).await;
    storage.remove_item("tasktree.letter-keys").unwrap();
    focus(&page, 1).await;
    key("m");
    key("c");
    frame().await;
    assert_eq!(count(&page.root, ".menu-item, .add-task form"), 0);
    key("ArrowDown");
    frame().await;
    assert_eq!(focused(), Some(task(2).to_string()));
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_refused_move_comes_back_and_says_why() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 1).await;
    shift_key("ArrowRight");
    frame().await;
    assert_eq!(cards_in(&page, "up_next"), ["#1", "#5"]);
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "blocked", "Task #1 waits for #7.");
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#2"]);
    assert_eq!(cards_in(&page, "up_next"), ["#5"]);
    assert!(
        text(&element(&page.root, ".toasts")).contains("#1 was not moved. Task #1 waits for #7.")
    );
    assert_eq!(
        focused(),
        Some(task(1).to_string()),
        "the focus came back with the card"
    );
}

#[wasm_bindgen_test]
async fn changes_from_elsewhere_never_move_the_focus() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 2).await;
    peer.event("task_updated", &card(1, "Task 1", "merged", 2));
    peer.event("task_updated", &card(5, "Task 5", "unclaimed", 2));
    frame().await;
    assert_eq!(focused(), Some(task(2).to_string()));
    // Somebody else moves the focused card: the focus goes with it.
    peer.event("task_updated", &card(2, "Task 2", "completed", 2));
    frame().await;
    assert_eq!(focused(), Some(task(2).to_string()));
    // The focus is elsewhere: the board does not claim it.
    element(&page.root, "#elsewhere").focus().unwrap();
    peer.event("task_updated", &card(2, "Task 2", "up_next", 3));
    frame().await;
    assert_eq!(document().active_element().unwrap().id(), "elsewhere");
}

#[wasm_bindgen_test]
async fn a_focused_card_that_is_deleted_gives_the_focus_to_the_next() {
    let (page, peer) = live(Locale::En, &three()).await;
    focus(&page, 1).await;
    peer.event("task_deleted", &json!({ "task_id": task(1) }));
    frame().await;
    frame().await;
    assert_eq!(focused(), Some(task(2).to_string()));
}
