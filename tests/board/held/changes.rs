//! Concurrent changes of a held card are not overwritten, and their author is named.

use super::{carry, changed, drag, event_by, nothing_is_held, nothing_was_sent, three, told};
use crate::board_page::*;
use crate::support::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_card_that_was_claimed_while_it_was_carried_is_not_put_down() {
    for (locale, expected) in [
        (
            Locale::En,
            "#1 was not moved. Task #1 was claimed by ada meanwhile.",
        ),
        (Locale::ZhCn, "#1 未能移动。期间ada已认领任务 #1。"),
    ] {
        let (page, peer) = live(locale, &three()).await;
        carry(&page).await;
        let claimed = changed(&json!({ "status": "in_progress", "session": "ada" }));
        event_by(&peer, "agent:ada", "task_updated", &claimed);
        frame().await;
        assert_eq!(count(&page.root, "[data-held]"), 1, "the person decides");
        key(" ");
        assert_eq!(told(&page).await, expected);
        let toast = element(&page.root, ".toast");
        assert_eq!(toast.get_attribute("role").as_deref(), Some("alert"));
        assert_eq!(cards_in(&page, "in_progress"), ["#1"]);
        assert_eq!(focused(), Some(task(1).to_string()));
        nothing_is_held(&page);
        nothing_was_sent(&peer);
    }
}

#[wasm_bindgen_test]
async fn whatever_others_did_to_where_a_held_card_stands_is_not_overwritten_and_they_are_named() {
    for (fields, expected) in [
        (
            json!({ "status": "completed" }),
            "Meanwhile ann has moved it to DONE.",
        ),
        (
            json!({ "status": "up_next" }),
            "Meanwhile ann has moved it to UP NEXT.",
        ),
        (
            json!({ "session": "bob" }),
            "Task #1 was claimed by bob meanwhile.",
        ),
        (
            json!({ "priority": 1 }),
            "The priority of task #1 was changed by ann meanwhile.",
        ),
    ] {
        for pointer in ["mouse", "touch"] {
            let (page, peer) = live(Locale::En, &three()).await;
            let (board, over) = drag(&page, pointer).await;
            event_by(&peer, "human:ann", "task_updated", &changed(&fields));
            frame().await;
            point("pointerup", &board, over, pointer);
            let told = told(&page).await;
            assert_eq!(told, format!("#1 was not moved. {expected}"), "{pointer}");
            nothing_is_held(&page);
            nothing_was_sent(&peer);
        }
    }
}

#[wasm_bindgen_test]
async fn a_card_that_was_released_while_it_was_held_is_not_put_down() {
    let mut held = card(1, "Task 1", "unclaimed", 1);
    held["session"] = "bob".into();
    let (page, peer) = live(Locale::En, &[held, ranked(2, 0, "unclaimed")]).await;
    carry(&page).await;
    event_by(&peer, "human:ann", "task_updated", &changed(&json!({})));
    frame().await;
    key(" ");
    let expected = "#1 was not moved. Task #1 was released by ann meanwhile.";
    assert_eq!(told(&page).await, expected);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn another_title_is_no_reason_to_refuse_and_the_move_names_the_version_of_the_pick_up() {
    let (page, peer) = live(Locale::En, &three()).await;
    let (board, over) = drag(&page, "mouse").await;
    peer.event("task_updated", &changed(&json!({ "title": "Renamed" })));
    frame().await;
    point("pointerup", &board, over, "mouse");
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "status": "up_next" }));
    assert_eq!(command["args"]["if_rev"], 1);
}

#[wasm_bindgen_test]
async fn a_claim_that_arrives_between_the_drop_and_the_server_is_not_overwritten() {
    let (page, peer) = live(Locale::En, &three()).await;
    carry(&page).await;
    key(" ");
    let (id, _) = peer.command().await;
    let mut theirs = whole(1, "Task 1", "in_progress", 2);
    theirs["session"] = "ada".into();
    let error = json!({ "code": "conflict", "message": "Task #1 has changed.", "current": theirs });
    peer.control(
        "sys.result",
        &json!({ "id": id, "ok": false, "error": error }),
    );
    let expected = "#1 was not moved. Task #1 was claimed by ada meanwhile.";
    assert_eq!(told(&page).await, expected);
    assert_eq!(cards_in(&page, "in_progress"), ["#1"]);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_task_that_the_server_no_longer_has_is_said_to_be_deleted() {
    let (page, peer) = live(Locale::En, &three()).await;
    let deleted =
        json!([{ "seq": 11, "type": "task_deleted", "timestamp": NOW, "actor": "human:ann" }]);
    serve(
        "GET",
        &format!("projects/p1/tasks/{}/history", task(1)),
        &deleted,
    );
    carry(&page).await;
    key(" ");
    let (id, _) = peer.command().await;
    peer.refuse_command(&id, "not_found", "There is no task #1.");
    let expected = "#1 was not moved. Task #1 was deleted by ann meanwhile.";
    assert_eq!(told(&page).await, expected);
}
