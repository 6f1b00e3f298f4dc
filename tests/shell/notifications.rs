//! Notifications on the desktop: wanted by a person, shown while the page is hidden, and withdrawn
//! with their cause.

use crate::inbox::until_items_are_known;
use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

/// Replaces what a headless browser does not have: the person's permission, and a desktop.
const DESKTOP: &str = "
    window.desktop = { asked: 0, shown: [], isHidden: false, real: window.Notification };
    window.Notification = class {
        static permission = 'default';
        static async requestPermission() {
            desktop.asked++;
            return this.permission = desktop.answer;
        }
        constructor(title, options) {
            desktop.shown.push(Object.assign(this, options, { title, isClosed: false }));
        }
        close() {
            this.isClosed = true;
        }
    };
    Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => desktop.isHidden ? 'hidden' : 'visible',
    });";

const NO_DESKTOP: &str = "
    window.Notification = desktop.real;
    delete document.visibilityState;
    localStorage.removeItem('tasktree.notify');";

fn js(script: &str) -> String {
    let value = js_sys::eval(script).unwrap();
    value.as_string().unwrap_or_else(|| format!("{value:?}"))
}

/// Returns the notifications: title, text, tag, and whether each is still there.
fn shown() -> Value {
    let list =
        js("JSON.stringify(desktop.shown.map(it => [it.title, it.body, it.tag, !it.isClosed]))");
    serde_json::from_str(&list).unwrap()
}

fn asked() -> String {
    js("String(desktop.asked)")
}

/// Opens the board of a person whose answer to the browser's question is that.
async fn open_page(answer: &str) -> (Page<Ended>, Peer, String) {
    begin();
    js(DESKTOP);
    js(&format!("desktop.answer = '{answer}'"));
    serve_board(10, &[card(1, "Pay by card", "in_progress", 1)]);
    let project =
        json!({ "id": PROJECT, "name": "Shop", "path": "", "created_at": NOW, "updated_at": NOW });
    serve_at("GET", "projects", 10, &json!([project]));
    serve("GET", "session", &session("editor"));
    serve_attention(&[]);
    let before = go("/p/p1");
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed("*").await;
    until_items_are_known(&page).await;
    (page, peer, before)
}

fn leave(page: Page<Ended>, before: &str) {
    drop(page);
    js(NO_DESKTOP);
    go(before);
}

fn changed(peer: &Peer, seq: u64, data: &Value) {
    socket_receive(peer.index, &system_event(seq, "attention_changed", data));
}

fn announced() -> String {
    text(&document().get_element_by_id("announcer").unwrap())
}

/// Chooses "Desktop notifications" in the display menu.
async fn switch(page: &Page<Ended>) {
    one(page, ".icon-button[aria-label=Display]").click();
    until("the menu is open", || find(page, ".menu-item").is_some()).await;
    let item = all(page, ".menu-item")
        .into_iter()
        .find(|item| text(item) == "Desktop notifications");
    item.unwrap().click();
    settle().await;
}

#[wasm_bindgen_test]
async fn a_new_item_is_notified_once_while_the_page_is_hidden_and_withdrawn_with_its_cause() {
    let (page, peer, before) = open_page("granted").await;
    assert_eq!(asked(), "0", "nobody has asked for it");
    switch(&page).await;
    assert_eq!(asked(), "1");

    let question = question_item(1, 7, "Which branch?");
    changed(&peer, 11, &json!({ "opened": [question] }));
    until("it is announced", || announced().contains("Which branch?")).await;
    assert_eq!(shown(), json!([]), "the person sees the page");

    js("desktop.isHidden = true");
    let failed = attention_item(2, "failed", 1, "3 tests failed");
    changed(&peer, 12, &json!({ "opened": [failed.clone()] }));
    let body = "ada, p1, 3 tests failed";
    let notified = |is_there: bool| json!([["Failed", body, "tasktree-2", is_there]]);
    until("it is notified", || shown() == notified(true)).await;
    changed(&peer, 13, &json!({ "opened": [failed] }));
    let silent = attention_item(3, "silent", 1, "");
    changed(&peer, 14, &json!({ "opened": [silent] }));
    until("the other is notified", || shown()[1][2] == "tasktree-3").await;
    assert_eq!(shown().as_array().unwrap().len(), 2, "each one once");

    changed(&peer, 15, &json!({ "closed": [2] }));
    until("it is withdrawn", || shown()[0] == notified(false)[0]).await;
    assert_eq!(shown()[1][3], true, "its cause lasts");
    leave(page, &before);
}

#[wasm_bindgen_test]
async fn a_click_opens_the_item_in_the_inbox() {
    let (page, peer, before) = open_page("granted").await;
    switch(&page).await;
    js("desktop.isHidden = true");
    let failed = attention_item(2, "failed", 1, "3 tests failed");
    changed(&peer, 11, &json!({ "opened": [failed] }));
    until("it is notified", || shown()[0][2] == "tasktree-2").await;
    js("desktop.shown[0].onclick()");
    until("the item is shown", || {
        find(&page, ".inbox-text").is_some_and(|it| text(&it) == "3 tests failed")
    })
    .await;
    assert_eq!(window().location().pathname().unwrap(), "/inbox");
    leave(page, &before);
}

#[wasm_bindgen_test]
async fn without_the_permission_or_the_wish_nothing_is_notified() {
    let (page, peer, before) = open_page("denied").await;
    switch(&page).await;
    until("the refusal is told", || {
        text(&page.root).contains("Notifications are blocked")
    })
    .await;
    js("desktop.isHidden = true");
    let opened = json!({ "opened": [attention_item(2, "failed", 1, "broken")] });
    changed(&peer, 11, &opened);
    until("it is announced", || announced().contains("broken")).await;
    assert_eq!(shown(), json!([]));
    js("Notification.permission = 'granted'");
    let opened = json!({ "opened": [attention_item(3, "failed", 1, "again")] });
    changed(&peer, 12, &opened);
    until("it is announced", || announced().contains("again")).await;
    assert_eq!(shown(), json!([]), "the person did not want it");
    leave(page, &before);
}
