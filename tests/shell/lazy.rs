//! The board before the lazy views have loaded, and the places of these views until then.

use leptos::prelude::provide_context;
use serde_json::{Value, json};
use tasktree_board::components::lazy::{Failure, Loader};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shell_page::*;
use crate::support::*;

#[wasm_bindgen(module = "/tests/support/input.js")]
extern "C" {
    fn press_with(key: &str, modifiers: &str) -> bool;
}

const LOCALE: &str = "tasktree.locale";

fn storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

/// Page at an address, without its lazy views. The tests' own address is restored when it is
/// dropped.
struct Waiting {
    page: Page<Ended>,
    loader: Loader,
    at: String,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        go(&self.at);
        storage().remove_item(LOCALE).unwrap();
    }
}

/// Opens a board with its two tasks.
async fn open_board() -> Waiting {
    let waiting = open("/p/p1");
    until("the tasks are shown", || {
        all(&waiting.page, ".task-card").len() == 2
    })
    .await;
    waiting
}

fn open(address: &str) -> Waiting {
    begin();
    storage().set_item(LOCALE, "en").unwrap();
    serve_board(10, &tasks());
    let project =
        json!({ "id": PROJECT, "name": "First", "path": "", "created_at": NOW, "updated_at": NOW });
    serve("GET", "projects", &json!([project]));
    serve("GET", "projects/p1/stats", &json!({ "total_tasks": 1 }));
    serve("GET", "projects/p1/logs", &json!([]));
    let events = json!({ "epoch": EPOCH, "seq": 10, "events": [] });
    serve("GET", "projects/p1/events", &events);
    let at = go(address);
    let loader = Loader::away();
    let page = open_app_below(move || provide_context(loader));
    Waiting { page, loader, at }
}

fn tasks() -> [Value; 2] {
    [ranked(1, 1, "unclaimed"), ranked(2, 2, "unclaimed")]
}

#[wasm_bindgen_test]
async fn a_board_is_live_without_them() {
    let waiting = open_board().await;
    let cards = || all(&waiting.page, ".task-card").len();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    peer.event("task_created", &card(3, "New", "unclaimed", 1));
    until("what happens is shown", || cards() == 3).await;
    until("the badge says so", || {
        // Another stream may be subscribed to after that one.
        peer.pump();
        text(&one(&waiting.page, ".connection-badge")).contains("Live")
    })
    .await;
    assert_eq!(requests("GET projects/p1/tasks").len(), 1, "read once");
    assert!(find(&waiting.page, ".lazy").is_none(), "nobody waits");
    // A menu opens with what it shows, once that has loaded.
    all(&waiting.page, ".task-card-menu")[1].click();
    until("a menu is on its way", || {
        find(&waiting.page, ".lazy[data-over][aria-busy=true]").is_some()
    })
    .await;
    waiting.loader.retry();
    until("a menu opens", || {
        find(&waiting.page, "[role=menu]:popover-open").is_some()
    })
    .await;
}

#[wasm_bindgen_test]
async fn in_the_place_of_another_page_something_loads() {
    let waiting = open("/p/p1/activity");
    let loads = || find(&waiting.page, "main .lazy[aria-busy=true]").is_some();
    until("something loads", loads).await;
    assert!(find(&waiting.page, "#feed-title").is_none());
    waiting.loader.retry();
    until("the page is there", || {
        find(&waiting.page, "#feed-title").is_some()
    })
    .await;
    assert!(find(&waiting.page, "main .lazy").is_none());
}

#[wasm_bindgen_test]
async fn the_panel_of_the_connection_opens_and_is_filled_later() {
    let waiting = open_board().await;
    one(&waiting.page, ".connection-badge").click();
    let filled = || find(&waiting.page, ":popover-open dl").is_some();
    until("it is open", || {
        find(&waiting.page, ":popover-open .lazy").is_some()
    })
    .await;
    assert!(!filled());
    waiting.loader.retry();
    until("it is filled", filled).await;
}

#[wasm_bindgen_test]
async fn a_view_that_cannot_be_loaded_says_so_until_it_can() {
    let waiting = open("/p/p1/agents");
    let said = || find(&waiting.page, "main .lazy [role=alert]").is_some();
    waiting.loader.fail(Failure::Unreachable);
    until("it is said", said).await;
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    one(&waiting.page, ".lazy .button").click();
    until("nothing is said any more", || !said()).await;
    until("the page is there", || {
        find(&waiting.page, "#agents-title").is_some()
    })
    .await;
}

#[wasm_bindgen_test]
async fn nobody_is_told_of_a_failure_before_a_view_is_wanted() {
    let waiting = open_board().await;
    waiting.loader.fail(Failure::Replaced);
    settle().await;
    let alert = || find(&waiting.page, ".lazy[data-over] [role=alert]");
    assert!(alert().is_none());
    press_with("?", "Shift");
    until("it is said", || alert().is_some()).await;
    let said = text(&alert().unwrap());
    assert!(
        said.contains("upgraded") && said.contains("Reload"),
        "{said}"
    );
}
