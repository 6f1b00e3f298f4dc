//! Cards move by keys, by menu, by mouse and by finger. A refused move comes back with its reason,
//! and the focus stays.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

fn three() -> [Value; 3] {
    [
        ranked(1, 0, "unclaimed"),
        ranked(2, 0, "unclaimed"),
        ranked(5, 0, "up_next"),
    ]
}

/// Receives the next command, which must move that task to that status, and accepts it.
async fn accept_move(peer: &Peer, number: u64, status: &str) {
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["task"], json!(task(number)), "{command}");
    assert_eq!(
        command["args"]["patch"],
        json!({ "status": status }),
        "{command}"
    );
    let row = card(number, &format!("Task {number}"), status, 2);
    peer.event("task_updated", &row);
    peer.accept_command(&id, &row);
    frame().await;
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    assert!(
        peer.commands.borrow().is_empty(),
        "{:?}",
        peer.commands.borrow()
    );
}

async fn focus(page: &Page<OpenBoard>, number: u64) {
    card_of(page, number).focus().unwrap();
    frame().await;
}

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
async fn who_closes_the_form_for_a_new_task_is_at_what_opens_it() {
    let (page, _peer) = live(Locale::En, &[ranked(1, 0, "unclaimed")]).await;
    key("c");
    until("the form has the focus", || {
        let active = document().active_element();
        active.is_some_and(|active| matches!(active.closest(".add-task"), Ok(Some(_))))
    })
    .await;
    key("Escape");
    until("the focus is at the button", || {
        let button = element(&page.root, ".column-head .icon-button");
        document().active_element().as_ref() == Some(button.as_ref())
    })
    .await;
    assert_eq!(count(&page.root, ".add-task"), 0);
}

#[wasm_bindgen_test]
async fn the_next_task_can_be_typed_while_the_last_is_on_its_way_and_a_refused_one_comes_back() {
    let (page, peer) = live(Locale::En, &[ranked(1, 0, "unclaimed")]).await;
    key("c");
    until("the form is there", || {
        count(&page.root, ".add-task input") >= 1
    })
    .await;
    let field = || element(&page.root, ".add-task input").unchecked_into::<HtmlInputElement>();
    let add = |title: &str| {
        field().set_value(title);
        field()
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
        element(&page.root, ".add-task-actions .button").click();
    };
    add("First");
    let (first, sent) = peer.command().await;
    assert!(sent["args"].to_string().contains("First"), "{sent}");
    settle().await;
    assert_eq!(field().value(), "");
    field().set_value("Sec");
    field()
        .dispatch_event(&web_sys::Event::new("input").unwrap())
        .unwrap();
    peer.accept_command(&first, &card(2, "First", "unclaimed", 1));
    settle().await;
    assert_eq!(field().value(), "Sec");
    add("Second");
    let (second, _) = peer.command().await;
    peer.refuse_command(&second, "invalid", "No.");
    until("it came back", || field().value() == "Second").await;
}

#[wasm_bindgen_test]
async fn what_is_typed_of_a_task_stays_when_the_board_gets_its_first() {
    let (page, peer) = live(Locale::En, &[]).await;
    key("c");
    let find = || page.root.query_selector(".add-task input").unwrap();
    until("the form is there", || find().is_some()).await;
    let field = || find().unwrap().unchecked_into::<HtmlInputElement>();
    field().set_value("Half a tit");
    field()
        .dispatch_event(&web_sys::Event::new("input").unwrap())
        .unwrap();
    peer.event("task_created", &card(1, "By an agent", "unclaimed", 1));
    until("the board has columns", || {
        find_card(&page, 1).is_some() && find().is_some()
    })
    .await;
    assert_eq!(field().value(), "Half a tit");
    assert!(asks_before_leaving());
    until("and the focus", || {
        document().active_element().as_ref() == Some(field().as_ref())
    })
    .await;
    key("Escape");
    until("the form is closed", || find().is_none()).await;
    key("c");
    until("it is there again", || find().is_some()).await;
    assert_eq!(field().value(), "Half a tit");
}

#[wasm_bindgen_test]
async fn what_is_typed_of_a_task_outlives_its_form_and_its_project() {
    let typed = "A title without a task";
    {
        let (page, _peer) = live(Locale::En, &three()).await;
        key("c");
        let find = || page.root.query_selector(".add-task input").unwrap();
        until("the form is there", || find().is_some()).await;
        let field = find().unwrap().unchecked_into::<HtmlInputElement>();
        field.set_value(typed);
        field
            .dispatch_event(&web_sys::Event::new("input").unwrap())
            .unwrap();
        key("Escape");
        until("the form is closed", || find().is_none()).await;
        assert!(asks_before_leaving());
    }
    let page = open(Locale::En);
    let _peer = Peer::accept(1, 10).await;
    ready(&page).await;
    let find = || page.root.query_selector(".add-task input").unwrap();
    until("the form is there again", || find().is_some()).await;
    let field = find().unwrap().unchecked_into::<HtmlInputElement>();
    assert_eq!(field.value(), typed);
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
