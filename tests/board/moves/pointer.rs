//! Moving cards by mouse, by finger and by their menu.

use super::{accept_move, nothing_was_sent, three};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_menu_of_a_card_moves_it_with_a_single_click() {
    let (page, peer) = live(Locale::En, &three()).await;
    element(&card_of(&page, 2), ".task-card-menu").click();
    frame().await;
    let lines = page.root.query_selector_all(".menu-item").unwrap();
    let names: Vec<String> = (0..lines.length())
        .map(|at| lines.get(at).unwrap().text_content().unwrap())
        .collect();
    assert_eq!(names, ["TODO", "UP NEXT", "WORKING", "DONE", "MERGED"]);
    assert_eq!(text(&element(&page.root, "[aria-checked=true]")), "TODO");
    element(&page.root, ".menu-item:nth-child(4)").click();
    accept_move(&peer, 2, "completed").await;
    assert_eq!(cards_in(&page, "completed"), ["#2"]);
    assert_eq!(focused(), Some(task(2).to_string()));
}

#[wasm_bindgen_test]
async fn a_mouse_drags_a_card_to_another_column() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 1));
    let (x, y) = middle(&held);
    point("pointerdown", &held, (x, y), "mouse");
    point("pointermove", &board, (x + 3.0, y), "mouse");
    frame().await;
    assert_eq!(
        count(&page.root, "[data-held]"),
        0,
        "three pixels are no drag"
    );
    point("pointermove", &board, (x + 20.0, y), "mouse");
    frame().await;
    assert!(card_of(&page, 1).has_attribute("data-held"));
    assert_eq!(count(&page.root, ".drag-ghost"), 1);
    let over = middle(&column(&page, "up_next"));
    point("pointermove", &board, over, "mouse");
    frame().await;
    assert!(column(&page, "up_next").has_attribute("data-over"));
    point("pointerup", &board, over, "mouse");
    accept_move(&peer, 1, "up_next").await;
    assert_eq!(cards_in(&page, "up_next"), ["#1", "#5"]);
    assert_eq!(
        count(&page.root, ".drag-ghost, [data-held], [data-over]"),
        0
    );
}

#[wasm_bindgen_test]
async fn a_drag_takes_no_click_that_is_not_its_own() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 1));
    let over = middle(&column(&page, "up_next"));
    point("pointerdown", &held, middle(&held), "mouse");
    point("pointermove", &board, over, "mouse");
    point("pointerup", &board, over, "mouse");
    accept_move(&peer, 1, "up_next").await;
    element(&card_of(&page, 5), ".task-card-menu").click();
    frame().await;
    assert_eq!(count(&page.root, ".menu-item"), 5);
}

#[wasm_bindgen_test]
async fn the_click_that_ends_a_drag_does_not_open_the_card() {
    let (page, _peer) = live(Locale::En, &three()).await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 1));
    let (x, y) = middle(&held);
    let path = || window().location().pathname().unwrap();
    let before = path();
    point("pointerdown", &held, (x, y), "mouse");
    point("pointermove", &board, (x + 20.0, y), "mouse");
    point("pointerup", &board, (x + 20.0, y), "mouse");
    point("click", &held, (x + 20.0, y), "mouse");
    assert_eq!(path(), before);
    // The next click is not part of the drag.
    point("click", &held, (x, y), "mouse");
    assert_eq!(path(), "/p/p1/t/1");
    window().history().unwrap().back().unwrap();
    until("it is where it was", || path() == before).await;
}

#[wasm_bindgen_test]
async fn escape_ends_a_drag_where_it_began() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 1));
    point("pointerdown", &held, middle(&held), "mouse");
    let over = middle(&column(&page, "up_next"));
    point("pointermove", &board, over, "mouse");
    frame().await;
    key("Escape");
    point("pointerup", &board, over, "mouse");
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#1", "#2"]);
    assert_eq!(
        count(&page.root, ".drag-ghost, [data-held], [data-over]"),
        0
    );
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_finger_that_rests_on_a_card_picks_it_up_and_one_that_slides_does_not() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 1));
    let (x, y) = middle(&held);
    point("pointerdown", &held, (x, y), "touch");
    point("pointermove", &board, (x, y + 20.0), "touch");
    pass(400).await;
    assert_eq!(count(&page.root, "[data-held]"), 0, "it scrolls");
    point("pointerup", &board, (x, y + 20.0), "touch");

    point("pointerdown", &held, (x, y), "touch");
    point("pointermove", &board, (x + 4.0, y), "touch");
    until("the card is picked up", || {
        card_of(&page, 1).has_attribute("data-held")
    })
    .await;
    let over = middle(&column(&page, "up_next"));
    point("pointermove", &board, over, "touch");
    point("pointerup", &board, over, "touch");
    accept_move(&peer, 1, "up_next").await;
    assert_eq!(cards_in(&page, "up_next"), ["#1", "#5"]);
}
