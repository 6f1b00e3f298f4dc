//! The menu of a card, whose task changes or disappears while the menu is open.

use super::{changed, event_by, nothing_was_sent, three, told};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_menu_of_a_card_that_is_deleted_closes_and_the_focus_goes_to_the_next() {
    let (page, peer) = live(Locale::En, &three()).await;
    card_of(&page, 1).focus().unwrap();
    frame().await;
    key("m");
    until("the menu has the focus", || {
        let active = document().active_element();
        active.is_some_and(|active| active.class_name() == "menu-item")
    })
    .await;
    peer.event("task_deleted", &json!({ "task_id": task(1) }));
    until("it is closed", || count(&page.root, ".menu-item") == 0).await;
    until("the next card has the focus", || {
        focused() == Some(task(2).to_string())
    })
    .await;
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn the_menu_of_a_card_moves_what_it_showed_when_it_was_opened() {
    let (page, peer) = live(Locale::En, &three()).await;
    card_of(&page, 1).focus().unwrap();
    frame().await;
    key("m");
    frame().await;
    let theirs = changed(&json!({ "status": "completed" }));
    event_by(&peer, "human:ann", "task_updated", &theirs);
    frame().await;
    element(&page.root, ".menu-item:nth-child(2)").click();
    let expected = "#1 was not moved. Meanwhile ann has moved it to DONE.";
    assert_eq!(told(&page).await, expected);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_menu_that_is_closed_gives_the_focus_to_its_card_wherever_that_is_now() {
    let (page, peer) = live(Locale::En, &three()).await;
    card_of(&page, 1).focus().unwrap();
    frame().await;
    key("m");
    until("the menu has the focus", || {
        let active = document().active_element();
        active.is_some_and(|active| active.class_name() == "menu-item")
    })
    .await;
    let theirs = changed(&json!({ "status": "completed" }));
    peer.event("task_updated", &theirs);
    until("the card has moved", || {
        cards_in(&page, "completed") == ["#1"]
    })
    .await;
    key("Escape");
    until("the card has the focus", || {
        focused() == Some(task(1).to_string())
    })
    .await;
}
