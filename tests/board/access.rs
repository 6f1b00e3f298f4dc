//! The board offers only what the role allows, and all roles read the same.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::task::drawer::TaskDrawer;
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

/// Selector of the controls that change a task, anywhere on the page.
const CONTROLS: &str = ".task-card-menu, .column-head button, .task-drawer :is(input, textarea, select), .markdown-empty, \
    .task-links button, .markdown-field button";

/// Returns a task with a value in every kind of field.
fn described() -> Value {
    let mut row = whole(1, "Read me", "in_progress", 3);
    row["description"] = json!("Some **words**");
    row["branch"] = json!("feature/read");
    row["priority"] = json!(2);
    row["dependencies"] = json!(["2-p1"]);
    row["owned_files"] = json!(["src/a.rs", "src/b.rs"]);
    row
}

/// Opens a live board in that role, with task 1 open over it.
async fn open_as(role: &str) -> (Page<OpenBoard>, Peer) {
    begin();
    serve("GET", "session", &session(role));
    open_task().await
}

async fn open_task() -> (Page<OpenBoard>, Peer) {
    let mut first = card(1, "Read me", "in_progress", 3);
    first["dependencies"] = json!(["2-p1"]);
    first["priority"] = json!(2);
    serve_board(
        10,
        &[first, ranked(2, 0, "unclaimed"), ranked(3, 0, "unclaimed")],
    );
    serve("GET", "projects/p1/tasks/1-p1", &described());
    serve("GET", "projects/p1/tasks/1-p1/history", &json!([]));
    let page = open_with(Locale::En, || view! { <TaskDrawer number=1 /> }.into_any());
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the task is shown", || {
        count(&page.root, ".task-title-field") == 1
    })
    .await;
    frame().await;
    (page, peer)
}

/// Opens the same as a viewer, once the page knows the role.
async fn open_as_viewer() -> (Page<OpenBoard>, Peer) {
    let (page, peer) = open_as("viewer").await;
    nothing_is_offered(&page).await;
    (page, peer)
}

async fn nothing_is_offered(page: &Page<OpenBoard>) {
    until("nothing that changes a task is offered", || {
        count(&page.root, CONTROLS) == 0
    })
    .await;
}

/// Returns the names of the drawer's icon buttons.
fn buttons(page: &Page<OpenBoard>) -> Vec<String> {
    let found = page
        .root
        .query_selector_all(".task-drawer .icon-button")
        .unwrap();
    let name = |at| {
        let button: web_sys::Element = found.get(at).unwrap().unchecked_into();
        button.get_attribute("aria-label").unwrap()
    };
    (0..found.length()).map(name).collect()
}

fn told(page: &Page<OpenBoard>) -> Vec<String> {
    let found = page.root.query_selector_all(".toast-text").unwrap();
    (0..found.length())
        .map(|at| found.get(at).unwrap().text_content().unwrap())
        .collect()
}

fn nothing_was_sent(peer: &Peer) {
    peer.pump();
    let commands = peer.commands.borrow();
    assert!(commands.is_empty(), "{commands:?}");
    for method in ["POST", "PUT", "DELETE"] {
        assert!(requests(method).is_empty(), "{:?}", requests(method));
    }
}

async fn focus(page: &Page<OpenBoard>, number: u64) {
    card_of(page, number).focus().unwrap();
    frame().await;
}

#[wasm_bindgen_test]
async fn an_empty_board_offers_its_first_task_to_whoever_may_add_one() {
    for (role, expected) in [("editor", 1), ("viewer", 0)] {
        begin();
        serve("GET", "session", &session(role));
        serve_board(10, &[]);
        let page = open_with(Locale::En, || ().into_any());
        let peer = Peer::accept(0, 10).await;
        ready(&page).await;
        peer.subscribed(PROJECT).await;
        until(
            &format!("the empty board is a board for the {role}"),
            || {
                count(&page.root, ".board-empty h1") == 1
                    && count(&page.root, ".board-empty > button") == expected
            },
        )
        .await;
    }
}

#[wasm_bindgen_test]
async fn a_viewer_reads_a_task_as_text_that_can_be_selected() {
    let (page, peer) = open_as_viewer().await;
    let drawer = element(&page.root, ".task-drawer");
    let words = text(&drawer);
    for expected in [
        "Read me",
        "WORKING",
        "High",
        "feature/read",
        "src/a.rs\nsrc/b.rs",
        "Some words",
        "#2",
    ] {
        assert!(words.contains(expected), "{expected} in {words}");
    }
    assert_eq!(text(&element(&drawer, ".markdown strong")), "words");
    assert_eq!(count(&drawer, ".task-links a"), 1, "dependencies lead on");
    assert_eq!(buttons(&page), ["Copy link", "Close"]);
    assert_eq!(
        select_text(&element(&drawer, ".task-title-field")),
        "Read me"
    );
    assert!(
        count(&drawer, ".field-text:empty") > 0,
        "what is not given is marked as such"
    );
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_viewer_still_goes_from_card_to_card_and_opens_them() {
    let (page, peer) = open_as_viewer().await;
    let at = window().location().pathname().unwrap();
    focus(&page, 2).await;
    key("ArrowDown");
    frame().await;
    assert_eq!(focused(), Some(task(3).to_string()));
    let link = element(&card_of(&page, 3), ".task-card-title");
    assert_eq!(link.get_attribute("href").as_deref(), Some("/p/p1/t/3"));
    key("Enter");
    until("the address is the task's", || {
        window().location().pathname().unwrap() == "/p/p1/t/3"
    })
    .await;
    nothing_was_sent(&peer);
    drop(page);
    go(&at);
}

#[wasm_bindgen_test]
async fn what_a_viewer_asks_for_by_keyboard_is_refused_in_words_and_not_sent() {
    let (page, peer) = open_as_viewer().await;
    focus(&page, 2).await;
    for name in [" ", "m", "c", "ArrowRight"] {
        if name == "ArrowRight" {
            shift_key(name);
        } else {
            key(name);
        }
        frame().await;
        assert_eq!(told(&page), ["Your role does not allow this."], "{name}");
        assert_eq!(
            count(&page.root, "[data-held], .menu-item, .add-task"),
            0,
            "{name}"
        );
        assert_eq!(focused(), Some(task(2).to_string()), "{name}");
        element(&page.root, ".toast .icon-button").click();
        frame().await;
        focus(&page, 2).await;
    }
    assert_eq!(cards_in(&page, "unclaimed"), ["#2", "#3"]);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn a_viewer_cannot_pick_a_card_up_with_a_mouse_or_a_finger() {
    let (page, peer) = open_as_viewer().await;
    let (board, held) = (element(&page.root, ".task-board"), card_of(&page, 2));
    let (x, y) = middle(&held);
    let over = middle(&column(&page, "up_next"));
    point("pointerdown", &held, (x, y), "mouse");
    point("pointermove", &board, (x + 20.0, y), "mouse");
    point("pointermove", &board, over, "mouse");
    frame().await;
    assert_eq!(
        count(&page.root, ".drag-ghost, [data-held], [data-over]"),
        0
    );
    point("pointerup", &board, over, "mouse");
    point("pointerdown", &held, (x, y), "touch");
    pass(400).await;
    assert_eq!(count(&page.root, ".drag-ghost, [data-held]"), 0);
    point("pointerup", &board, (x, y), "touch");
    frame().await;
    assert_eq!(cards_in(&page, "unclaimed"), ["#2", "#3"]);
    nothing_was_sent(&peer);
}

#[wasm_bindgen_test]
async fn an_editor_is_offered_all_of_it_and_a_move_is_sent() {
    let (page, peer) = open_as("editor").await;
    assert_eq!(count(&page.root, ".task-card-menu"), 3);
    assert_eq!(count(&page.root, ".column-head button"), 1);
    assert!(count(&page.root, ".task-drawer input") >= 3);
    assert!(count(&page.root, ".task-drawer textarea") >= 6);
    assert_eq!(count(&page.root, ".task-drawer select"), 2);
    assert_eq!(
        buttons(&page),
        [
            "Copy link",
            "Delete",
            "Close",
            "Edit",
            "Edit",
            "Remove blocker #2"
        ]
    );
    assert_eq!(count(&page.root, ".field-text:not(.muted)"), 0);
    focus(&page, 2).await;
    shift_key("ArrowRight");
    let (_, command) = peer.command().await;
    assert_eq!(command["args"]["patch"], json!({ "status": "up_next" }));
    assert!(told(&page).is_empty(), "{:?}", told(&page));
}

#[wasm_bindgen_test]
async fn an_agent_changes_tasks_and_is_not_offered_to_delete_or_restore_them() {
    let (page, peer) = open_as("agent").await;
    until("deleting is not offered", || {
        !buttons(&page).contains(&"Delete".to_owned())
    })
    .await;
    assert_eq!(count(&page.root, ".task-card-menu"), 3);
    assert!(count(&page.root, ".task-drawer textarea") >= 6);
    peer.event("task_deleted", &json!({ "task_id": task(1) }));
    until("it says that the task is gone", || {
        text(&page.root).contains("This task was deleted.")
    })
    .await;
    assert_eq!(count(&page.root, ".task-drawer-body .button"), 0);
}

#[wasm_bindgen_test]
async fn what_is_offered_follows_the_role_when_it_becomes_known_and_when_it_changes() {
    begin();
    let (page, peer) = open_task().await;
    until("it is asked who one is", || waiting("GET", "session") == 1).await;
    // Nothing is known yet: the server decides. A person starts to write.
    assert_eq!(count(&page.root, ".task-card-menu"), 3);
    element(&page.root, ".markdown-field .icon-button").click();
    until("the text is open for writing", || {
        count(&page.root, ".markdown-area") == 1
    })
    .await;
    release("GET", "session", None, &session("viewer"));
    nothing_is_offered(&page).await;
    assert_eq!(text(&element(&page.root, ".markdown")), "Some words");
    // Another person has signed in.
    serve("GET", "session", &session("editor"));
    socket_finish(peer.index, 4500);
    until("it is offered again", || {
        count(&page.root, ".task-card-menu") == 3
            && count(&page.root, ".task-drawer select") == 2
            && buttons(&page).contains(&"Delete".to_owned())
    })
    .await;
}
