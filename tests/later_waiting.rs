//! Actions before the second part of the program has loaded, and their effect afterwards.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/shell_page.rs"]
mod shell_page;
mod support;

use leptos::prelude::provide_context;
use serde_json::{Value, json};
use shell_page::*;
use support::*;
use tasktree_board::later::Later;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const LOCALE: &str = "tasktree.locale";

fn storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

/// Page at an address, without its second part. The tests' own address is restored when it is
/// dropped.
struct Waiting {
    page: Page<Ended>,
    later: Later,
    at: String,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        go(&self.at);
        storage().remove_item(LOCALE).unwrap();
    }
}

fn open(address: &str) -> Waiting {
    open_with(address, || ())
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

/// Opens a page as [`open`] does, with other answers of the server.
fn open_with(address: &str, answers: impl FnOnce()) -> Waiting {
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
    answers();
    let at = go(address);
    let later = Later::away();
    let page = open_app_below(move || provide_context(later));
    Waiting { page, later, at }
}

fn tasks() -> [Value; 2] {
    [ranked(1, 1, "unclaimed"), ranked(2, 2, "unclaimed")]
}

#[wasm_bindgen_test]
async fn a_board_is_shown_and_goes_on_from_there() {
    let waiting = open_board().await;
    let cards = || all(&waiting.page, ".task-card").len();
    assert_eq!(socket_count(), 0);
    waiting.later.retry();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    peer.event("task_created", &card(3, "New", "unclaimed", 1));
    until("what happens is shown", || cards() == 3).await;
    assert_eq!(requests("GET projects/p1/tasks").len(), 1, "read once");
}

#[wasm_bindgen_test]
async fn what_an_older_backend_gave_without_a_position_is_read_again() {
    let waiting = open_with("/p/p1", || {
        serve("GET", "projects/p1/tasks", &json!(tasks()));
    });
    let cards = || all(&waiting.page, ".task-card").len();
    until("the tasks are shown", || cards() == 2).await;
    let before = requests("GET projects/p1/tasks").len();
    serve("GET", "projects/p1/tasks", &json!(tasks()[..1]));
    waiting.later.retry();
    until("they are read again", || cards() == 1).await;
    assert!(requests("GET projects/p1/tasks").len() > before);
}

#[wasm_bindgen_test]
async fn of_two_menus_that_were_asked_for_the_last_one_opens() {
    let waiting = open_board().await;
    let menus = || all(&waiting.page, ".task-card-menu");
    menus()[0].click();
    menus()[1].click();
    settle().await;
    assert!(find(&waiting.page, "[role=menu]").is_none());
    waiting.later.retry();
    until("a menu opens", || {
        find(&waiting.page, "[role=menu]").is_some()
    })
    .await;
    let open = all(&waiting.page, "[role=menu]");
    let name = open[0].get_attribute("aria-label").unwrap_or_default();
    assert_eq!((open.len(), name.contains("#2")), (1, true), "{name}");
}

#[wasm_bindgen_test]
async fn a_board_that_was_left_before_is_not_followed() {
    let waiting = open_board().await;
    one(&waiting.page, ".brand").click();
    until("the board is gone", || {
        find(&waiting.page, ".task-card").is_none()
    })
    .await;
    waiting.later.retry();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed("*").await;
    assert!(
        !peer
            .subscribed
            .borrow()
            .iter()
            .any(|stream| stream == PROJECT)
    );
}

#[wasm_bindgen_test]
async fn in_the_place_of_another_page_something_loads() {
    let waiting = open("/p/p1/activity");
    let loads = || find(&waiting.page, "main .later[aria-busy=true]").is_some();
    until("something loads", loads).await;
    assert!(find(&waiting.page, "#feed-title").is_none());
    waiting.later.retry();
    until("the page is there", || {
        find(&waiting.page, "#feed-title").is_some()
    })
    .await;
    assert!(!loads());
}

#[wasm_bindgen_test]
async fn the_panel_of_the_connection_opens_and_is_filled_later() {
    let waiting = open_board().await;
    one(&waiting.page, ".connection-badge").click();
    let filled = || find(&waiting.page, ":popover-open dl").is_some();
    until("it is open", || {
        find(&waiting.page, ":popover-open .later").is_some()
    })
    .await;
    assert!(!filled());
    waiting.later.retry();
    until("it is filled", filled).await;
}

#[wasm_bindgen_test]
async fn where_it_cannot_be_had_the_page_says_so_until_it_can() {
    let waiting = open_board().await;
    waiting.later.fail();
    let badge = || text(&one(&waiting.page, ".connection-badge"));
    let said = || find(&waiting.page, ".later-notice[role=alert]").is_some();
    until("it is said", said).await;
    until("nothing connects", || badge().contains("Not connected")).await;
    one(&waiting.page, ".later-notice .button").click();
    until("nothing is said any more", || !said()).await;
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("it is live", || {
        // Another stream may be subscribed to after that one.
        peer.pump();
        badge().contains("Live")
    })
    .await;
}
