//! A task whose agent failed is retried by any agent, or given to a chosen one.

use crate::board_page::*;
use crate::support::*;
use serde_json::{Value, json};
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

fn agent(id: &str, status: &str, held: Option<u64>) -> Value {
    let task = held.map(|number| format!("{number}-p1"));
    json!({
        "id": id, "task_id": task.clone().unwrap_or_default(), "task_title": "",
        "generation": task.map(|_| 1), "status": status, "is_alive": true, "started_at": NOW,
        "last_heartbeat": NOW,
    })
}

/// Opens a board on which ada has failed at the first task, bob works on the second, and cy is
/// free.
async fn open_failed(locale: Locale, role: &str) -> (Page<OpenBoard>, Peer) {
    begin();
    serve("GET", "session", &session(role));
    serve_board(
        10,
        &[ranked(1, 0, "unclaimed"), ranked(2, 0, "in_progress")],
    );
    let agents = [
        agent("ada", "failed", None),
        agent("bob", "working", Some(2)),
        agent("cy", "idle", None),
    ];
    serve_at("GET", "projects/p1/agents", 10, &json!(agents));
    serve_at("GET", "projects", 10, &json!([]));
    serve_attention(&[attention_item(71, "failed", 1, "3 tests failed")]);
    let page = open_attended(locale);
    let peer = Peer::accept(0, 10).await;
    ready(&page).await;
    peer.subscribed(PROJECT).await;
    until("the failure is shown", || {
        count(&page.root, "[data-attention=failed]") == 1
    })
    .await;
    settle().await;
    (page, peer)
}

/// Receives the next command, which must make that change, and accepts it.
async fn accept(peer: &Peer, patch: &Value, rev: u64) {
    let (id, command) = peer.command().await;
    assert_eq!(command["args"]["task"], json!(task(1)), "{command}");
    assert_eq!(command["args"]["patch"], *patch, "{command}");
    let mut row = card(1, "Task 1", "unclaimed", rev);
    let fields = patch.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(fields);
    peer.event("task_updated", &row);
    peer.accept_command(&id, &row);
    frame().await;
}

async fn until_told(page: &Page<OpenBoard>, expected: &str) {
    until(expected, || text(&page.root).contains(expected)).await;
}

#[wasm_bindgen_test]
async fn retry_puts_the_task_next_by_its_button_and_by_r_and_is_undone() {
    for way in ["button", "key"] {
        let (page, peer) = open_failed(Locale::En, "editor").await;
        if way == "button" {
            let retry = element(&page.root, ".task-card-answer");
            assert_eq!(text(&retry), "Retry");
            retry.click();
        } else {
            card_of(&page, 1).focus().unwrap();
            key("r");
        }
        accept(&peer, &json!({ "status": "up_next" }), 2).await;
        until_told(&page, "Undo").await;
        assert_eq!(cards_in(&page, "up_next"), ["#1"]);
        press_with("z", "Control");
        accept(&peer, &json!({ "status": "unclaimed" }), 3).await;
        until("it is back", || cards_in(&page, "unclaimed") == ["#1"]).await;
    }
}

#[wasm_bindgen_test]
async fn reassign_offers_the_agents_and_gives_the_task_to_a_free_one() {
    let (page, peer) = open_failed(Locale::ZhCn, "editor").await;
    card_of(&page, 1).focus().unwrap();
    key("a");
    until("the agents are offered", || {
        count(&page.root, ".menu-item") == 2
    })
    .await;
    let lines = page.root.query_selector_all(".menu-item").unwrap();
    let line = |at| lines.get(at).unwrap().text_content().unwrap();
    // Who has failed is not offered, and who is busy cannot be chosen.
    assert_eq!(line(0), "cy");
    assert!(
        line(1).contains("bob") && line(1).contains("#2"),
        "{}",
        line(1)
    );
    element(&page.root, ".menu-item[aria-disabled]").click();
    assert_eq!(count(&page.root, ".menu-item"), 2);
    element(&page.root, ".menu-item").click();
    let given = json!({ "status": "in_progress", "session": "cy" });
    accept(&peer, &given, 2).await;
    until_told(&page, "#1 已改派给 cy").await;
    assert!(cards_in(&page, "in_progress").contains(&"#1".to_owned()));
    press_with("z", "Control");
    let back = json!({ "status": "unclaimed", "session": null });
    accept(&peer, &back, 3).await;
    until("it is back", || cards_in(&page, "unclaimed") == ["#1"]).await;
}

#[wasm_bindgen_test]
async fn the_menu_of_the_card_has_both_and_other_cards_and_viewers_have_none() {
    let (page, _peer) = open_failed(Locale::En, "editor").await;
    element(&card_of(&page, 1), ".task-card-menu").click();
    until("the menu is open", || count(&page.root, ".menu-item") == 7).await;
    element(&page.root, ".menu-item:last-of-type").click();
    until("the agents are offered", || {
        count(&page.root, ".menu-item") == 2
    })
    .await;
    key("Escape");
    until("it is closed", || count(&page.root, ".menu-item") == 0).await;
    card_of(&page, 2).focus().unwrap();
    key("a");
    settle().await;
    assert_eq!(count(&page.root, ".menu-item"), 0);
    drop(page);
    let (page, peer) = open_failed(Locale::En, "viewer").await;
    until("the role is known", || {
        count(&page.root, ".task-card-answer") == 0
    })
    .await;
    card_of(&page, 1).focus().unwrap();
    key("r");
    settle().await;
    peer.pump();
    assert!(peer.commands.borrow().is_empty());
}
