//! Cards and the strip of a board on which agents need a person.

use crate::board_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

const QUESTIONS: &str = "projects/p1/questions";
const ANSWERS: &str = "projects/p1/questions/7/answers";

fn question(answers: &[Value]) -> Value {
    json!({
        "id": 7, "agent": "ada", "task_id": "1-p1", "generation": 1, "kind": "question",
        "text": "Which branch?", "options": [], "asked_at": NOW, "closed_at": null,
        "outcome": null, "answers": answers,
    })
}

fn answer(late: bool) -> Value {
    json!({
        "id": 9, "question": 7, "by": "human:ann", "text": "main", "at": NOW, "late": late,
        "sent_again_at": null, "delivered_at": null, "read_at": null,
    })
}

fn held(number: u64) -> Value {
    let mut card = card(number, &format!("Task {number}"), "in_progress", 1);
    card["session"] = "ada".into();
    card["holder"] = "ada".into();
    card
}

fn waiting() -> Value {
    json!({
        "id": "ada", "task_id": "1-p1", "task_title": "Task 1", "generation": 1,
        "status": "waiting", "is_alive": true, "started_at": NOW, "last_heartbeat": NOW,
        "waiting_for": { "kind": "question", "text": "Which branch?", "since": NOW, "request": "7" },
    })
}

/// Opens a board with three tasks in progress; ada works on the first.
async fn attended(locale: Locale, role: &str, items: &[Value]) -> (Page<OpenBoard>, Peer) {
    begin();
    serve("GET", "session", &session(role));
    let mut urgent = ranked(2, 1, "in_progress");
    urgent["title"] = "Urgent".into();
    serve_board(10, &[held(1), urgent, ranked(3, 2, "in_progress")]);
    serve_at("GET", "projects/p1/agents", 10, &json!([waiting()]));
    serve_at("GET", "projects", 10, &json!([]));
    serve("GET", QUESTIONS, &json!([question(&[])]));
    serve_attention(items);
    let page = open_attended(locale);
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the items are shown", || {
        items.is_empty() || count(&page.root, "[data-attention]") > 0
    })
    .await;
    frame().await;
    (page, peer)
}

fn changed(peer: &Peer, seq: u64, data: &Value) {
    socket_receive(peer.index, &system_event(seq, "attention_changed", data));
}

fn area(page: &Page<OpenBoard>) -> web_sys::HtmlTextAreaElement {
    element(&page.root, ".task-card-reply textarea").unchecked_into()
}

async fn type_answer(page: &Page<OpenBoard>, written: &str) {
    let area = area(page);
    area.set_value(written);
    let event = web_sys::Event::new("input").unwrap();
    area.dispatch_event(&event).unwrap();
    settle().await;
}

#[wasm_bindgen_test]
async fn a_card_shows_the_question_comes_first_and_is_answered_with_r_and_enter() {
    let items = [question_item(70, 7, "Which branch?")];
    let (page, peer) = attended(Locale::En, "editor", &items).await;
    assert_eq!(cards_in(&page, "in_progress"), ["#1", "#2", "#3"]);
    let card = card_of(&page, 1);
    assert_eq!(card.get_attribute("data-attention").unwrap(), "waiting");
    assert_eq!(text(&element(&card, ".task-card-asked")), "Which branch?");
    assert!(text(&card).contains("Needs you"));
    assert_eq!(text(&element(&card, ".task-card-answer")), "Reply");
    card.focus().unwrap();
    key("r");
    until("the field has the focus", || {
        count(&page.root, ".task-card-reply textarea:focus") == 1
    })
    .await;
    serve("POST", ANSWERS, &answer(false));
    serve("GET", QUESTIONS, &json!([question(&[answer(false)])]));
    type_answer(&page, "main").await;
    press_init(r#"{"key":"Enter","shiftKey":true}"#);
    assert!(requests(&format!("POST {ANSWERS}")).is_empty());
    key("Enter");
    until("it is sent", || {
        requests(&format!("POST {ANSWERS}")).len() == 1
    })
    .await;
    until("its delivery is shown", || {
        text(&card_of(&page, 1)).contains("Queued: delivered with the next report of ada")
    })
    .await;
    let mut answered = question_item(70, 7, "Which branch?");
    answered["answered"] = true.into();
    changed(&peer, 11, &json!({ "opened": [answered] }));
    until("the card says so", || {
        let card = text(&card_of(&page, 1));
        card.contains("Answered, waiting for the agent") && card.contains("queued")
    })
    .await;
    changed(&peer, 12, &json!({ "closed": [70] }));
    until("the order is the former one", || {
        cards_in(&page, "in_progress") == ["#2", "#3", "#1"]
    })
    .await;
    assert_eq!(count(&page.root, ".task-card-asked"), 0);
}

#[wasm_bindgen_test]
async fn escape_closes_the_form_and_keeps_the_text() {
    let items = [question_item(70, 7, "Which branch?")];
    let (page, _peer) = attended(Locale::En, "editor", &items).await;
    element(&page.root, ".task-card-answer").click();
    until("the form is open", || {
        count(&page.root, ".task-card-reply textarea") == 1
    })
    .await;
    type_answer(&page, "half a thou").await;
    area(&page).focus().unwrap();
    key("Escape");
    until("it is closed", || {
        count(&page.root, ".task-card-reply") == 0
    })
    .await;
    until("the card has the focus", || {
        focused().as_deref() == Some("1-p1")
    })
    .await;
    key("r");
    until("the form is open again", || {
        count(&page.root, ".task-card-reply textarea") == 1
    })
    .await;
    assert_eq!(area(&page).value(), "half a thou");
    type_answer(&page, "").await;
}

#[wasm_bindgen_test]
async fn an_answer_to_a_question_that_is_over_is_kept_as_late_with_a_way_to_send_it_again() {
    let items = [question_item(70, 7, "Which branch?")];
    let (page, peer) = attended(Locale::En, "editor", &items).await;
    card_of(&page, 1).focus().unwrap();
    key("r");
    until("the form is open", || {
        count(&page.root, ".task-card-reply textarea") == 1
    })
    .await;
    type_answer(&page, "main").await;
    let mut over = question(&[answer(true)]);
    over["closed_at"] = NOW.into();
    over["outcome"] = "resumed".into();
    serve("POST", ANSWERS, &answer(true));
    serve("GET", QUESTIONS, &json!([over]));
    changed(&peer, 11, &json!({ "closed": [70] }));
    area(&page).focus().unwrap();
    key("Enter");
    until("it is late", || {
        let card = text(&card_of(&page, 1));
        card.contains("Late: ada did not get it") && card.contains("Send again")
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_agent_that_takes_answers_in_its_terminal_only_says_where_that_is() {
    let mut item = question_item(70, 7, "May I run it?");
    item["answerable"] = false.into();
    item["machine"] = "laptop-1".into();
    item["folder"] = "/src/shop".into();
    let (page, _peer) = attended(Locale::En, "editor", &[item]).await;
    let hint = "Answer in its terminal: laptop-1 \u{b7} /src/shop";
    assert_eq!(text(&element(&page.root, ".task-card-terminal")), hint);
    assert_eq!(count(&page.root, ".task-card-answer"), 0);
    card_of(&page, 1).focus().unwrap();
    key("r");
    settle().await;
    assert_eq!(count(&page.root, ".task-card-reply"), 0);
}

#[wasm_bindgen_test]
async fn a_permission_is_approved_in_words_and_a_viewer_only_reads() {
    let mut item = question_item(70, 7, "May I run it?");
    item["wait"] = "permission".into();
    let (page, _peer) = attended(Locale::ZhCn, "editor", &[item.clone()]).await;
    assert_eq!(text(&element(&page.root, ".task-card-answer")), "批准");
    drop(page);
    let (page, _peer) = attended(Locale::ZhCn, "viewer", &[item]).await;
    until("the role is known", || {
        count(&page.root, ".task-card-answer") == 0
    })
    .await;
    assert!(text(&card_of(&page, 1)).contains("需要您处理"));
}

#[wasm_bindgen_test]
async fn a_failed_agent_and_one_without_progress_are_told_with_their_reasons() {
    let items = [
        attention_item(71, "failed", 3, "3 tests failed"),
        attention_item(72, "no_progress", 2, "cargo test"),
        attention_item(73, "contradicted", 1, "no commit"),
    ];
    let (page, _peer) = attended(Locale::En, "editor", &items).await;
    let failed = card_of(&page, 3);
    assert_eq!(failed.get_attribute("data-attention").unwrap(), "failed");
    assert_eq!(
        text(&element(&failed, ".task-card-asked")),
        "3 tests failed"
    );
    assert_eq!(text(&element(&failed, ".task-card-state")), "Failed");
    let slow = text(&card_of(&page, 2));
    assert!(
        slow.contains("No progress") && slow.contains("last: cargo test"),
        "{slow}"
    );
    // What can wait changes nothing about a card.
    assert!(!card_of(&page, 1).has_attribute("data-attention"));
    assert_eq!(cards_in(&page, "in_progress"), ["#2", "#3", "#1"]);
}

#[wasm_bindgen_test]
async fn a_file_conflict_of_two_agents_is_told_on_the_card_of_each() {
    let mut item = attention_item(74, "lease_conflict", 1, "src/cart.rs");
    item["agent"] = "bob".into();
    item["other"] = "ada".into();
    item["task"] = Value::Null;
    let (page, _peer) = attended(Locale::En, "editor", &[item]).await;
    let card = card_of(&page, 1);
    let kind = card.get_attribute("data-attention").unwrap();
    assert_eq!(kind, "lease_conflict");
    let words = text(&card);
    assert!(
        words.contains("File conflict") && words.contains("src/cart.rs"),
        "{words}"
    );
    assert_eq!(cards_in(&page, "in_progress"), ["#1", "#2", "#3"]);
}

#[wasm_bindgen_test]
async fn the_strip_counts_each_kind_and_filters_by_it() {
    let before = go("/p/p1");
    let items = [
        question_item(70, 7, "Which branch?"),
        attention_item(71, "failed", 3, "3 tests failed"),
    ];
    let (page, peer) = attended(Locale::En, "editor", &items).await;
    let parts = || text(&element(&page.root, ".attention-parts"));
    assert_eq!(parts(), "1 needs you1 failed");
    let failed = element(&page.root, ".attention-part[data-kind=failed]");
    failed.click();
    until("the address has the filter", || {
        let search = window().location().search().unwrap();
        search == "?q=is%3Afailed"
    })
    .await;
    until("it is pressed", || {
        failed.get_attribute("aria-pressed").unwrap() == "true"
    })
    .await;
    failed.click();
    until("the filter is gone", || {
        window().location().search().unwrap().is_empty()
    })
    .await;
    changed(&peer, 11, &json!({ "closed": [70, 71] }));
    until("all is calm", || parts() == "All running").await;
    assert_eq!(
        text(&element(&page.root, ".attention-agents")),
        "1 of 1 agents active"
    );
    go(&before);
}
