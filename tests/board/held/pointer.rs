//! Pointers whose release or capture is lost, and lists that scroll during a drag.

use super::{drag, nothing_is_held, nothing_was_sent, three};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_pointer_that_the_browser_takes_away_ends_the_drag_and_the_next_click_opens_a_card() {
    for kind in ["pointercancel", "lostpointercapture"] {
        let (page, peer) = live(Locale::En, &three()).await;
        let (board, over) = drag(&page, "touch").await;
        // The card loses the finger to the board at the pick-up: that is not an end.
        let card = card_of(&page, 1);
        point("lostpointercapture", &card, over, "touch");
        frame().await;
        assert_eq!(count(&page.root, "[data-held]"), 1);
        point(kind, &board, over, "touch");
        frame().await;
        nothing_is_held(&page);
        assert_eq!(announced(), "#1 stays in TODO", "{kind}");
        point("pointerup", &board, over, "touch");
        frame().await;
        nothing_was_sent(&peer);
        let path = || window().location().pathname().unwrap();
        let before = path();
        point("click", &card, over, "touch");
        assert_eq!(path(), "/p/p1/t/1", "{kind}");
        window().history().unwrap().back().unwrap();
        until("it is where it was", || path() == before).await;
    }
}

#[wasm_bindgen_test]
async fn a_drop_lands_after_the_list_has_scrolled_under_the_finger_and_lost_the_card() {
    let tasks: Vec<Value> = (1..=80).map(|n| ranked(n, 0, "unclaimed")).collect();
    let (page, peer) = live(Locale::En, &tasks).await;
    let (board, over) = drag(&page, "touch").await;
    let list = element(&column(&page, "unclaimed"), ".virtual-list");
    list.set_scroll_top(4_000);
    until("other cards are mounted", || {
        count(&page.root, ".task-card") > 1 && find_card(&page, 3).is_none()
    })
    .await;
    // Its element disappears too, as it does when the list creates its rows again.
    if let Some(row) = card_of(&page, 1).parent_element() {
        row.remove();
    }
    point("pointermove", &board, over, "touch");
    point("pointerup", &board, over, "touch");
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["task"], json!(task(1)));
    assert_eq!(command["args"]["patch"], json!({ "status": "up_next" }));
    until("it is in its column", || {
        cards_in(&page, "up_next") == ["#1"]
    })
    .await;
    nothing_is_held(&page);
}

#[wasm_bindgen_test]
async fn a_held_card_at_an_edge_scrolls_the_columns_and_the_list_until_it_is_put_down() {
    let tasks: Vec<Value> = (1..=80).map(|n| ranked(n, 0, "unclaimed")).collect();
    let (page, _peer) = live(Locale::En, &tasks).await;
    let board = element(&page.root, ".task-board");
    let columns = element(&page.root, ".columns");
    board.style().set_property("width", "400px").unwrap();
    // Beyond the window there is no element under the pointer.
    board.scroll_into_view_with_bool(false);
    let list = element(&column(&page, "unclaimed"), ".virtual-list");
    let held = card_of(&page, 1);
    point("pointerdown", &held, middle(&held), "mouse");
    let edges = list.get_bounding_client_rect();
    let low = (edges.left() + 100.0, edges.bottom() - 2.0);
    point("pointermove", &board, low, "mouse");
    until("the list scrolls", || list.scroll_top() > 200).await;
    let edges = columns.get_bounding_client_rect();
    let right = (edges.right() - 2.0, edges.top() + 200.0);
    point("pointermove", &board, right, "mouse");
    until("the columns scroll", || columns.scroll_left() > 100).await;
    key("Escape");
    frame().await;
    let at = columns.scroll_left();
    pass(100).await;
    assert_eq!(columns.scroll_left(), at);
}

#[wasm_bindgen_test]
async fn a_button_that_went_up_unheard_ends_the_drag() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, over) = drag(&page, "mouse").await;
    point("pointermove:up", &board, over, "mouse");
    frame().await;
    nothing_is_held(&page);
    point("pointerup", &board, over, "mouse");
    frame().await;
    nothing_was_sent(&peer);
}
