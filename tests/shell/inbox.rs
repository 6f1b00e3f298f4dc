//! The inbox over all projects, and the notices of what is new in it.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const QUESTIONS: &str = "projects/p1/questions";

fn project(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "path": "", "created_at": NOW, "updated_at": NOW })
}

/// Items of two projects, out of order.
fn items() -> [Value; 4] {
    let mut elsewhere = attention_item(3, "silent", 9, "");
    elsewhere["project"] = "p2".into();
    elsewhere["task"] = "9-p2".into();
    elsewhere["agent"] = "bob".into();
    let mut clash = attention_item(4, "lease_conflict", 1, "src/cart.rs");
    clash["other"] = "eve".into();
    [
        attention_item(2, "failed", 1, "3 tests failed"),
        clash,
        elsewhere,
        question_item(1, 7, "Which branch?"),
    ]
}

fn answer_everything(items: &[Value]) {
    begin();
    serve_board(10, &[card(1, "Pay by card", "in_progress", 1)]);
    serve_at("GET", "projects/p2/tasks", 10, &json!([]));
    serve_at("GET", "projects/p2/agents", 10, &json!([]));
    serve_at("GET", "projects/p2/leases", 10, &json!({ "leases": [] }));
    let projects = json!([project(PROJECT, "Shop"), project("p2", "Bank")]);
    serve_at("GET", "projects", 10, &projects);
    serve("GET", "session", &session("editor"));
    let question = json!({
        "id": 7, "agent": "ada", "task_id": "1-p1", "kind": "question", "text": "Which branch?",
        "options": ["main", "next"], "asked_at": NOW, "answers": [],
    });
    serve("GET", QUESTIONS, &json!([question]));
    serve("GET", "projects/p2/questions", &json!([]));
    serve_attention(items);
    for item in items {
        let id = item["id"].as_u64().unwrap();
        let project = item["project"].as_str().unwrap();
        let marked =
            json!({ "person": "ann", "project": project, "id": id, "seen": true, "done": false });
        serve("PUT", &format!("attention/{project}/{id}"), &marked);
    }
}

/// Opens the app at the inbox. Returns the former address too.
async fn inbox(items: &[Value]) -> (Page<Ended>, Peer, String) {
    answer_everything(items);
    let before = go("/inbox");
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed("*").await;
    until("the inbox is loaded", || {
        find(&page, ".inbox-row, .inbox-list .inbox-empty h2").is_some()
    })
    .await;
    settle().await;
    (page, peer, before)
}

fn rows(page: &Page<Ended>) -> Vec<String> {
    let agent = |row: &web_sys::HtmlElement| {
        let name = row.query_selector("strong").unwrap();
        text(&name.unwrap())
    };
    all(page, ".inbox-row").iter().map(agent).collect()
}

fn chosen(page: &Page<Ended>) -> String {
    let row = one(page, ".inbox-row[aria-current]");
    text(&row.query_selector("strong").unwrap().unwrap())
}

/// Presses a key on the focused element.
fn press(key: &str) {
    let press = js_sys::Function::new_with_args(
        "key",
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))",
    );
    press
        .call1(&wasm_bindgen::JsValue::NULL, &key.into())
        .unwrap();
}

fn announced() -> String {
    text(&document().get_element_by_id("announcer").unwrap())
}

fn changed(peer: &Peer, seq: u64, data: &Value) {
    socket_receive(peer.index, &system_event(seq, "attention_changed", data));
}

/// Waits until a page with a board has the items that need attention.
pub(crate) async fn until_items_are_known(page: &Page<Ended>) {
    until("the items are known", || {
        find(page, ".attention-strip .attention-parts").is_some()
            && requests("GET attention").len() == 1
    })
    .await;
    settle().await;
}

#[wasm_bindgen_test]
async fn the_inbox_has_the_items_of_all_projects_in_groups_and_shows_the_first() {
    let (page, _peer, before) = inbox(&items()).await;
    let groups: Vec<String> = all(&page, ".inbox-group > h2")
        .iter()
        .map(|head| text(head))
        .collect();
    assert_eq!(
        groups,
        ["Needs you1", "Failed1", "Stuck1", "File conflicts1"]
    );
    assert_eq!(rows(&page), ["ada", "ada", "bob", "ada and eve"]);
    assert_eq!(chosen(&page), "ada");
    let row = text(&all(&page, ".inbox-row")[2]);
    assert!(row.contains("Bank #9") && row.contains("Silent"), "{row}");
    until("the task is named", || {
        text(&one(&page, ".inbox-item > h2")) == "Pay by card"
    })
    .await;
    until("the question can be answered", || {
        find(&page, ".inbox-item .answer-box").is_some()
    })
    .await;
    until("it was seen", || {
        requests("PUT attention/p1/1")[0].body == r#"{"seen":true}"#
    })
    .await;
    assert_eq!(document().title(), "(4) Inbox \u{b7} TaskTree");
    let link = one(&page, ".inbox-link");
    assert_eq!(link.get_attribute("aria-label").unwrap(), "Inbox, 4 items");
    assert_eq!(text(&link), "4");
    go(&before);
}

#[wasm_bindgen_test]
async fn keys_walk_through_the_inbox_and_mark_its_items() {
    let (page, _peer, before) = inbox(&items()).await;
    press("j");
    settle().await;
    assert_eq!(text(&one(&page, ".inbox-text")), "3 tests failed");
    let focused = document().active_element().unwrap();
    assert_eq!(focused.get_attribute("aria-current").unwrap(), "true");
    press("j");
    settle().await;
    assert_eq!(chosen(&page), "bob");
    press("k");
    settle().await;
    assert_eq!(text(&one(&page, ".inbox-text")), "3 tests failed");
    let done = json!({ "person": "ann", "project": PROJECT, "id": 2, "seen": true, "done": true });
    serve("PUT", "attention/p1/2", &done);
    press("e");
    until("it has left the list", || rows(&page).len() == 3).await;
    assert_eq!(chosen(&page), "bob", "the next one is chosen");
    let sent = requests("PUT attention/p1/2");
    assert_eq!(sent.last().unwrap().body, r#"{"done":true}"#);
    let snoozed = json!({ "person": "ann", "project": "p2", "id": 3, "seen": true, "done": false, "snoozed_until": "2099-01-01T00:00:00Z" });
    serve("PUT", "attention/p2/3", &snoozed);
    press("s");
    until("it is snoozed", || rows(&page).len() == 2).await;
    assert_eq!(document().title(), "(2) Inbox \u{b7} TaskTree");
    let tabs = all(&page, ".inbox-tab");
    assert_eq!(text(&tabs[1]), "Snoozed1");
    tabs[2].click();
    settle().await;
    assert_eq!(text(&one(&page, ".inbox-group > h2")), "Failed1");
    assert!(text(&one(&page, ".inbox-bar")).contains("Move to open"));
    go(&before);
}

#[wasm_bindgen_test]
async fn r_goes_to_the_answer_a_digit_chooses_one_and_enter_opens_the_task() {
    let (page, _peer, before) = inbox(&items()).await;
    until("the question can be answered", || {
        find(&page, ".inbox-item .answer-box").is_some()
    })
    .await;
    press("r");
    let field = document().active_element().unwrap();
    assert_eq!(field.tag_name(), "TEXTAREA");
    press("j");
    settle().await;
    assert_eq!(rows(&page).len(), 4, "letters in a field are letters");
    field
        .unchecked_ref::<web_sys::HtmlElement>()
        .blur()
        .unwrap();
    let answer = json!({ "id": 9, "question": 7, "by": "human:ann", "text": "next", "at": NOW, "late": false });
    serve("POST", "projects/p1/questions/7/answers", &answer);
    press("2");
    until("the answer is sent", || {
        let sent = requests("POST projects/p1/questions/7/answers");
        sent.first()
            .is_some_and(|sent| sent.body == r#"{"text":"next"}"#)
    })
    .await;
    one(&page, ".inbox-row[aria-current]").focus().unwrap();
    press("Enter");
    until("the task is open", || {
        window().location().pathname().unwrap() == "/p/p1/t/1"
    })
    .await;
    go(&before);
}

#[wasm_bindgen_test]
async fn an_address_chooses_its_item_which_stays_when_it_is_no_longer_open() {
    answer_everything(&items());
    let before = go("/inbox?item=2");
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed("*").await;
    until("the item is shown", || {
        find(&page, ".inbox-text").is_some_and(|it| text(&it) == "3 tests failed")
    })
    .await;
    let pane = one(&page, ".inbox").get_attribute("data-pane").unwrap();
    assert_eq!(pane, "detail", "a narrow window shows the item");
    changed(&peer, 11, &json!({ "closed": [2] }));
    until("it says so", || find(&page, ".inbox-resolved").is_some()).await;
    assert_eq!(text(&one(&page, ".inbox-text")), "3 tests failed");
    assert_eq!(rows(&page), ["ada", "bob", "ada and eve"]);
    go(&before);
}

#[wasm_bindgen_test]
async fn an_empty_inbox_an_older_server_and_a_failure_each_say_so() {
    let (page, _peer, before) = inbox(&[]).await;
    assert_eq!(text(&one(&page, ".inbox-list h2")), "Nothing needs you");
    assert_eq!(document().title(), "Inbox \u{b7} TaskTree");
    drop(page);
    go(&before);

    answer_everything(&[]);
    refuse("GET", "attention", 404, &json!({ "detail": "Not found" }));
    let before = go("/inbox");
    let page = open_app();
    until("the words", || {
        find(&page, ".inbox-list h2").is_some_and(|it| text(&it).contains("too old"))
    })
    .await;
    drop(page);
    go(&before);

    answer_everything(&[]);
    refuse("GET", "attention", 400, &json!({ "detail": "Broken" }));
    let before = go("/inbox");
    let page = open_app();
    until("the failure", || {
        find(&page, ".inbox-list [role=alert]").is_some()
    })
    .await;
    serve_attention(&items());
    one(&page, ".inbox-list [role=alert] .button").click();
    until("the items", || rows(&page).len() == 4).await;
    go(&before);
}

#[wasm_bindgen_test]
async fn a_new_item_is_announced_counted_and_marked_on_the_icon_of_every_page() {
    answer_everything(&[]);
    let before = go("/p/p1");
    let icon = document().create_element("link").unwrap();
    icon.set_attribute("rel", "icon").unwrap();
    icon.set_attribute("href", "data:plain").unwrap();
    document().head().unwrap().append_child(&icon).unwrap();
    let page = open_app();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed("*").await;
    until_items_are_known(&page).await;
    assert_eq!(document().title(), "Shop \u{b7} TaskTree");
    changed(
        &peer,
        11,
        &json!({ "opened": [question_item(1, 7, "Which branch?")] }),
    );
    until("it is announced", || {
        announced() == "Needs you: ada, p1, Which branch?"
    })
    .await;
    assert_eq!(document().title(), "(1) Shop \u{b7} TaskTree");
    let href = icon.get_attribute("href").unwrap();
    assert!(href.contains("circle"), "{href}");
    let opened = [
        attention_item(2, "failed", 1, "broken"),
        attention_item(3, "silent", 1, ""),
    ];
    changed(&peer, 12, &json!({ "opened": opened }));
    until("they are announced together", || {
        announced() == "2 new items in the inbox"
    })
    .await;
    changed(&peer, 13, &json!({ "closed": [1, 2, 3] }));
    until("the icon is plain", || {
        icon.get_attribute("href").unwrap() == "data:plain"
    })
    .await;
    assert_eq!(document().title(), "Shop \u{b7} TaskTree");
    icon.remove();
    go(&before);
}
