//! A held card that is no longer shown leaves the hand.

use super::{carry, drag, event_by, nothing_is_held, nothing_was_sent, three, told};
use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use tasktree_board::state::Filter;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_held_card_that_is_deleted_leaves_the_hand_at_once_and_the_focus_goes_to_the_next() {
    for pointer in ["mouse", "touch", "keyboard"] {
        let (page, peer) = live(Locale::En, &three()).await;
        let dragged = if pointer == "keyboard" {
            carry(&page).await;
            None
        } else {
            Some(drag(&page, pointer).await)
        };
        let gone = json!({ "task_id": task(1) });
        event_by(&peer, "human:ann", "task_deleted", &gone);
        until("the hand is empty", || {
            count(&page.root, ".drag-ghost, [data-held], [data-over]") == 0
        })
        .await;
        let expected = "#1 was not moved. Task #1 was deleted by ann meanwhile.";
        assert_eq!(told(&page).await, expected, "{pointer}");
        until("the next card has the focus", || {
            focused() == Some(task(2).to_string())
        })
        .await;
        match dragged {
            Some((board, over)) => point("pointerup", &board, over, pointer),
            None => key("Escape"),
        }
        frame().await;
        nothing_is_held(&page);
        nothing_was_sent(&peer);
    }
}

#[wasm_bindgen_test]
async fn a_held_card_that_the_filter_hides_is_put_back_with_words() {
    for by_keyboard in [true, false] {
        let (page, peer) = live(Locale::En, &three()).await;
        if by_keyboard {
            carry(&page).await;
        } else {
            drag(&page, "mouse").await;
        }
        page.value.set_filter(Filter {
            text: "#2".into(),
            ..Filter::default()
        });
        until("the hand is empty", || {
            count(&page.root, ".drag-ghost, [data-held], [data-over]") == 0
        })
        .await;
        let expected = "#1 returned to its place: the filter hides it now.";
        assert_eq!(told(&page).await, expected);
        assert_eq!(announced(), expected);
        until("the card that is left has the focus", || {
            focused() == Some(task(2).to_string())
        })
        .await;
        nothing_was_sent(&peer);
    }
}

#[wasm_bindgen_test]
async fn a_held_card_that_is_missing_from_the_next_snapshot_leaves_the_hand() {
    let (page, peer) = live(Locale::En, &three()).await;
    drag(&page, "mouse").await;
    serve_at(
        "GET",
        "projects/p1/tasks",
        12,
        &json!([ranked(2, 0, "unclaimed")]),
    );
    let history = format!("projects/p1/tasks/{}/history", task(1));
    let deleted =
        json!([{ "seq": 11, "type": "task_deleted", "timestamp": NOW, "actor": "agent:ada" }]);
    serve("GET", &history, &deleted);
    page.value.retry();
    let expected = "#1 was not moved. Task #1 was deleted by ada meanwhile.";
    assert_eq!(told(&page).await, expected);
    nothing_is_held(&page);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_held_card_leaves_the_hand_when_its_board_goes() {
    let (page, peer) = live(Locale::En, &three()).await;
    drag(&page, "mouse").await;
    page.value.is_shown.set(false);
    frame().await;
    assert_eq!(count(&page.root, ".task-board, .drag-ghost"), 0);
    nothing_was_sent(&peer);
}
