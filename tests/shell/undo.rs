//! A reset of all tasks is undone from the page: by people who may, once, and with a message about
//! the result.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::activity::feed::ActivityFeed;
use tasktree_board::i18n::Locale;
use tasktree_board::state::provide_access;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

/// Returns the data of a reset event that can be undone with that id.
fn reset(undo: &str) -> Value {
    json!({ "reset_count": 2, "killed_sessions": ["a1"], "tasks": [], "undo": undo })
}

/// Returns the same event as it is in the log.
fn logged(seq: u64, undo: &str) -> Value {
    json!({ "type": "tasks_reset", "project_id": PROJECT, "data": reset(undo), "timestamp": NOW, "seq": seq,
        "epoch": EPOCH, "actor": "human:bob" })
}

fn undoable(undo: &str) -> Value {
    json!({ "id": undo, "kind": "tasks_reset", "made_at": NOW, "made_by": "human:bob" })
}

fn serve_project(role: &str, events: &[Value], undos: &[Value]) {
    serve_board(10, &[]);
    serve("GET", "session", &session(role));
    let project =
        json!({ "id": PROJECT, "name": "First", "path": "", "created_at": NOW, "updated_at": NOW });
    serve("GET", "projects", &json!([project]));
    serve("GET", "projects/p1/logs", &json!({ "lines": [] }));
    let events = json!({ "epoch": EPOCH, "seq": 10, "events": events });
    serve("GET", "projects/p1/events", &events);
    serve("GET", "projects/p1/undo", &json!(undos));
}

/// Opens the events of a project in which `old` was undone before, and `new` was not.
async fn feed(locale: Locale, role: &str) -> (Page<Ended>, Peer) {
    begin();
    let events = [logged(4, "old"), logged(5, "new")];
    serve_project(role, &events, &[undoable("new")]);
    let page = open(locale, || {
        provide_access();
        view! { <ActivityFeed project=PROJECT.into()/> }.into_any()
    });
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("both resets are listed", || {
        all(&page, ".feed-row").len() == 2
    })
    .await;
    settle().await;
    (page, peer)
}

fn undo_buttons(page: &Page<Ended>) -> Vec<HtmlElement> {
    all(page, ".feed-row .button")
}

async fn told(page: &Page<Ended>, words: &str) {
    until(words, || {
        find(page, ".toast-text").is_some_and(|toast| text(&toast) == words)
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_reset_is_undone_from_the_list_of_events() {
    let (page, _peer) = feed(Locale::En, "editor").await;
    let buttons = undo_buttons(&page);
    assert_eq!(buttons.len(), 1, "what was undone before is not offered");
    assert!(
        all(&page, ".feed-row")[0].contains(Some(&buttons[0])),
        "the newest is the first"
    );
    assert_eq!(text(&buttons[0]), "Undo");
    assert_eq!(buttons[0].tab_index(), 0, "Tab reaches it");
    buttons[0].focus().unwrap();
    assert_eq!(document().active_element().unwrap(), *buttons[0]);

    buttons[0].click();
    settle().await;
    assert_eq!(waiting("POST", "projects/p1/undo/new"), 1);
    assert!(undo_buttons(&page).is_empty(), "it is not asked for twice");
    let undone = json!({ "tasks": ["1-p1", "2-p1"], "agents": ["a1"], "skipped": [] });
    release("POST", "projects/p1/undo/new", None, &undone);
    told(&page, "The reset was undone: 2 tasks, 1 agent.").await;
    assert!(undo_buttons(&page).is_empty());
}

#[wasm_bindgen_test]
async fn what_an_undo_leaves_as_it_is_is_told_with_the_reasons() {
    let (page, _peer) = feed(Locale::ZhCn, "admin").await;
    let skipped: Vec<String> = (2..=5).map(|n| format!("Task #{n} has changed.")).collect();
    let undone = json!({ "tasks": ["1-p1"], "agents": [], "skipped": skipped });
    serve("POST", "projects/p1/undo/new", &undone);
    undo_buttons(&page)[0].click();
    told(
        &page,
        "已撤销重置：1 个任务。保持不变的有：Task #2 has changed. Task #3 has changed. Task #4 has changed. …",
    )
    .await;
}

#[wasm_bindgen_test]
async fn a_reset_that_was_undone_elsewhere_meanwhile_says_so_and_is_not_offered_again() {
    let (page, _peer) = feed(Locale::En, "editor").await;
    refuse(
        "POST",
        "projects/p1/undo/new",
        404,
        &json!({ "detail": "Undo not found" }),
    );
    undo_buttons(&page)[0].click();
    told(
        &page,
        "The reset was not undone. It was already undone, or is older than 30 days.",
    )
    .await;
    assert!(undo_buttons(&page).is_empty());
}

#[wasm_bindgen_test]
async fn an_undo_that_failed_says_why_and_can_be_tried_again() {
    let (page, _peer) = feed(Locale::En, "editor").await;
    refuse(
        "POST",
        "projects/p1/undo/new",
        503,
        &json!({ "detail": "The disk is full. Nothing was changed." }),
    );
    undo_buttons(&page)[0].click();
    told(
        &page,
        "The reset was not undone. The disk is full. Nothing was changed.",
    )
    .await;
    until("it is offered again", || undo_buttons(&page).len() == 1).await;
}

#[wasm_bindgen_test]
async fn viewers_and_agents_read_of_a_reset_and_are_not_offered_to_undo_it() {
    for role in ["viewer", "agent"] {
        let (page, peer) = feed(Locale::En, role).await;
        until("it is not offered", || undo_buttons(&page).is_empty()).await;
        peer.event("tasks_reset", &reset("newest"));
        until("it is told", || all(&page, ".feed-row").len() == 3).await;
        assert!(undo_buttons(&page).is_empty(), "{role}");
    }
}

#[wasm_bindgen_test]
async fn a_reset_without_an_undo_is_an_event_like_any_other() {
    let (page, peer) = feed(Locale::En, "editor").await;
    let mut older = reset("");
    older.as_object_mut().unwrap().remove("undo");
    peer.event("tasks_reset", &older);
    until("it is told", || all(&page, ".feed-row").len() == 3).await;
    assert_eq!(undo_buttons(&page).len(), 1);
}

/// Opens the whole app with the events of the project, and sends a reset; `then` receives the
/// toast's text.
async fn app(role: &str, locale: &str, then: impl AsyncFnOnce(&Page<Ended>, String)) {
    begin();
    serve_project(role, &[], &[]);
    let storage = window().local_storage().unwrap().unwrap();
    storage.set_item("tasktree.locale", locale).unwrap();
    let at = go("/p/p1/activity");
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("the page knows who one is, and what happened", || {
        all(&page, ".panel-empty").len() == 2 && all(&page, "[aria-label^='ann ']").len() == 1
    })
    .await;
    peer.event("tasks_reset", &reset("new"));
    until("the reset is told", || {
        all(&page, ".toast").len() == 1 && all(&page, ".feed-row").len() == 1
    })
    .await;
    then(&page, text(&one(&page, ".toast-text"))).await;
    drop(page);
    storage.remove_item("tasktree.locale").unwrap();
    go(&at);
}

#[wasm_bindgen_test]
async fn a_reset_is_told_as_it_comes_with_a_button_that_undoes_it() {
    app("editor", "en", async |page, told| {
        assert_eq!(told, "2 tasks reset by a1");
        let in_feed = || all(page, ".feed-row .button").len();
        assert_eq!(in_feed(), 1, "and it is offered where it is kept");
        let button = all(page, ".toast-action").remove(0);
        assert_eq!((text(&button).as_str(), button.tab_index()), ("Undo", 0));
        let undone = json!({ "tasks": ["1-p1", "2-p1"], "agents": [], "skipped": [] });
        serve("POST", "projects/p1/undo/new", &undone);
        button.click();
        until("it says what came of it", || {
            all(page, ".toast-text")
                .first()
                .is_some_and(|toast| text(toast) == "The reset was undone: 2 tasks.")
        })
        .await;
        assert_eq!(in_feed(), 0);
        assert_eq!(requests("POST projects/p1/undo/new").len(), 1);
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_viewer_is_told_of_a_reset_as_it_comes_and_no_more() {
    app("viewer", "zh-CN", async |page, told| {
        assert_eq!(told, "2 个任务已重置（a1）");
        assert!(all(page, ".toast-action, .feed-row .button").is_empty());
    })
    .await;
}
