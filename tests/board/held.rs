//! A card that is held: it never overwrites concurrent changes, and nothing of the gesture outlives
//! it.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;
use tasktree_board::state::Filter;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

fn three() -> [Value; 3] {
    [
        ranked(1, 0, "unclaimed"),
        ranked(2, 0, "unclaimed"),
        ranked(5, 0, "up_next"),
    ]
}

/// Returns task 1 in its second version, with those fields changed.
fn changed(fields: &Value) -> Value {
    let mut row = card(1, "Task 1", "unclaimed", 2);
    let fields = fields.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(fields);
    row
}

/// Sends an event by that actor.
fn event_by(peer: &Peer, actor: &str, kind: &str, data: &Value) {
    let mut event = peer.next(kind, data);
    event["actor"] = actor.into();
    socket_receive(peer.index, &event.to_string());
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    let commands = peer.commands.borrow();
    assert!(commands.is_empty(), "{commands:?}");
}

fn nothing_is_held(page: &Page<OpenBoard>) {
    let left = ".drag-ghost, [data-held], [data-over], [data-dragging]";
    assert_eq!(count(&page.root, left), 0);
}

/// Picks task 1 up with the space bar and carries it over UP NEXT.
async fn carry(page: &Page<OpenBoard>) {
    card_of(page, 1).focus().unwrap();
    frame().await;
    for name in [" ", "ArrowRight"] {
        key(name);
        frame().await;
    }
    assert!(column(page, "up_next").has_attribute("data-over"));
}

/// Picks task 1 up with a pointer and holds it over UP NEXT. Returns the board and the position of
/// the pointer.
async fn drag(page: &Page<OpenBoard>, pointer: &str) -> (HtmlElement, (f64, f64)) {
    let (board, held) = (element(&page.root, ".task-board"), card_of(page, 1));
    point("pointerdown", &held, middle(&held), pointer);
    let over = middle(&column(page, "up_next"));
    if pointer == "touch" {
        until("the finger has picked it up", || {
            held.has_attribute("data-held")
        })
        .await;
    }
    point("pointermove", &board, over, pointer);
    frame().await;
    assert!(column(page, "up_next").has_attribute("data-over"));
    (board, over)
}

async fn told(page: &Page<OpenBoard>) -> String {
    until("it is said", || count(&page.root, ".toast-text") > 0).await;
    text(&element(&page.root, ".toast-text"))
}

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

#[wasm_bindgen_test]
async fn keys_with_modifiers_stay_the_browsers_and_the_systems() {
    let (page, peer) = live(Locale::En, &three()).await;
    let keys = [
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "Home",
        "End",
        "Enter",
        " ",
        "Escape",
        "m",
        "c",
        "j",
        "/",
        "z",
    ];
    let other = if command() == "Meta" {
        "Control"
    } else {
        "Meta"
    };
    let modifiers = ["Alt", "Control", "Meta", "Alt+Shift", "Control+Shift"];
    for state in ["focused", "held", "menu"] {
        card_of(&page, 5).focus().unwrap();
        frame().await;
        match state {
            "held" => key(" "),
            "menu" => key("m"),
            _ => {}
        }
        frame().await;
        let before = document().active_element();
        for name in keys {
            for modifier in modifiers {
                assert!(!press_with(name, modifier), "{state}: {modifier}+{name}");
            }
        }
        assert!(!press_with("z", other));
        frame().await;
        assert_eq!(document().active_element(), before, "{state}");
        assert_eq!(cards_in(&page, "up_next"), ["#5"]);
        let is_open = [("held", "[data-held]"), ("menu", ".menu-item")];
        for (which, selector) in is_open {
            assert_eq!(state == which, count(&page.root, selector) > 0, "{state}");
        }
        key("Escape");
        frame().await;
    }
    nothing_was_sent(&peer);
}
