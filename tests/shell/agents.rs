//! The page of agents: messages for lists that were not read, and rows that stay while their agents
//! change.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::i18n::Locale;
use tasktree_board::pages::agents::AgentsPage;
use tasktree_protocol::ProjectId;
use wasm_bindgen_test::wasm_bindgen_test;

const AGENTS: &str = "projects/p1/agents";

fn agents_page() -> Page<Ended> {
    open(Locale::En, || {
        view! { <AgentsPage project=ProjectId::from(PROJECT)/> }.into_any()
    })
}

#[wasm_bindgen_test]
async fn agents_that_could_not_be_read_are_not_said_to_be_none() {
    begin();
    serve_board(10, &[]);
    refuse("GET", AGENTS, 403, &json!({ "detail": "Not yours." }));
    let page = agents_page();
    let says = |words: &str| text(&page.root).contains(words);
    until("it says why", || {
        says("Agents and leases could not be loaded. Not yours.")
    })
    .await;
    assert_eq!(all(&page, "[role=alert]").len(), 1, "and that alone");
    let none = ["No agents yet", "No file leases"];
    assert!(
        !none.iter().any(|words| says(words)),
        "{}",
        text(&page.root)
    );
    serve_board(10, &[]);
    one(&page, "[role=alert] .button").click();
    until("there are none", || none.iter().all(|words| says(words))).await;
}

#[wasm_bindgen_test]
async fn a_list_that_could_not_be_read_again_says_that_it_may_lack_something() {
    begin();
    serve_board(10, &[]);
    let page = agents_page();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    let says = |words: &str| text(&page.root).contains(words);
    until("there are none", || says("No agents yet")).await;
    refuse("GET", AGENTS, 403, &json!({ "detail": "Not yours." }));
    peer.event("agent_of_a_future_kind", &json!({}));
    until("it says so", || {
        says("could not be refreshed") && says("Not yours.")
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_sign_of_life_takes_nobodys_focus() {
    begin();
    serve_board(10, &[card(1, "One", "in_progress", 1)]);
    let agent = |activity: &str| json!({ "id": "ada", "task_id": "1-p1", "task_title": "One", "started_at": NOW, "last_activity": activity, "is_alive": true });
    serve_at("GET", AGENTS, 10, &json!([agent("reads")]));
    let page = agents_page();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    until("the agent is listed", || find(&page, ".agent a").is_some()).await;
    let link = one(&page, ".agent a");
    link.focus().unwrap();
    peer.event("agent_status_update", &agent("writes"));
    until("its row follows", || text(&page.root).contains("writes")).await;
    assert_eq!(document().active_element().as_ref(), Some(link.as_ref()));
    assert_eq!(text(&link), "#1 One");
}

#[wasm_bindgen_test]
async fn a_row_that_moves_among_the_others_keeps_the_focus_and_takes_nobody_elses() {
    begin();
    let tasks = [
        card(1, "One", "in_progress", 1),
        card(2, "Two", "in_progress", 1),
    ];
    serve_board(10, &tasks);
    let agent = |id: &str, task: &str, status: &str| json!({ "id": id, "task_id": task, "task_title": task, "status": status, "started_at": NOW, "is_alive": true });
    let agents = [
        agent("ada", "1-p1", "running"),
        agent("bob", "2-p1", "running"),
    ];
    serve_at("GET", AGENTS, 10, &json!(agents));
    let page = agents_page();
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    let first = || all(&page, ".agent").first().map(|row| text(row));
    let is_first = |name: &str| first().is_some_and(|row| row.contains(name));
    until("both are listed", || all(&page, ".agent a").len() == 2).await;
    assert!(is_first("ada"));
    let link = one(&page, ".agent a");
    let has_focus = || document().active_element().as_ref() == Some(link.as_ref());
    link.focus().unwrap();
    peer.event("agent_status_update", &agent("ada", "1-p1", "completed"));
    until("her row goes below", || is_first("bob")).await;
    settle().await;
    assert!(has_focus(), "{}", text(&link));
    // And back, for whichever of the two rows is moved.
    peer.event("agent_status_update", &agent("ada", "1-p1", "waiting"));
    until("her row comes up", || is_first("ada")).await;
    settle().await;
    assert!(has_focus(), "{}", text(&link));
}
