//! The ways to begin: the demo, an agent, a file.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::project::first_run::FirstRun;
use tasktree_board::i18n::Locale;
use wasm_bindgen_test::wasm_bindgen_test;

fn open_ways() -> Page<Ended> {
    open(Locale::En, || {
        view! { <FirstRun project=PROJECT.into()/> }.into_any()
    })
}

#[wasm_bindgen_test]
async fn the_demo_starts_with_one_click_and_its_board_opens() {
    begin();
    serve("GET", "hooks", &json!([]));
    let page = open_ways();
    let start = || one(&page, ".first-card:first-child .button");
    refuse("POST", "demo", 404, &json!({ "detail": "Not found" }));
    start().click();
    until("the failure is told", || {
        find(&page, ".form-error")
            .is_some_and(|it| text(&it).starts_with("The demo was not started."))
    })
    .await;
    let demo = json!({ "project": "demo", "running": true });
    serve("POST", "demo", &demo);
    let before = go("/");
    start().click();
    until("its board is open", || {
        window().location().pathname().unwrap() == "/p/demo"
    })
    .await;
    assert_eq!(requests("POST demo")[1].body, r#"{"start":true}"#);
    go(&before);
}

#[wasm_bindgen_test]
async fn a_harness_is_connected_with_a_command_and_checked_off_at_its_first_event() {
    begin();
    serve("GET", "hooks", &json!([]));
    let page = open_ways();
    let command = || text(&one(&page, ".first-card .command code"));
    assert!(command().starts_with("tasktree connect claude --server http"));
    let choice = one(&page, ".first-choice select");
    js_sys::Reflect::set(&choice, &"value".into(), &"codex".into()).unwrap();
    let event = web_sys::Event::new("change").unwrap();
    choice.dispatch_event(&event).unwrap();
    until("the command is the other", || {
        command().starts_with("tasktree connect codex ")
    })
    .await;
    until("it is awaited", || {
        find(&page, ".first-sign").is_some_and(|it| text(&it).starts_with("Waiting"))
    })
    .await;
    assert_eq!(requests("GET hooks")[0].query, "?project=p1");
    let sign = json!({ "source": "codex", "last_event": "Stop", "last_at": NOW, "events": 1 });
    serve("GET", "hooks", &json!([sign]));
    until("it is checked off", || {
        let sign = find(&page, ".first-sign[data-seen]");
        sign.is_some_and(|it| text(&it).starts_with("Codex CLI is connected. Stop"))
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_older_server_is_not_waited_for_and_the_other_ways_are_behind_one_press() {
    begin();
    refuse("GET", "hooks", 404, &json!({ "detail": "Not found" }));
    let page = open_ways();
    until("it was asked", || requests("GET hooks").len() == 1).await;
    settle().await;
    assert!(find(&page, ".first-sign").is_none());
    let more = one(&page, ".first-more");
    assert!(!more.has_attribute("open"));
    assert!(text(&more).contains("curl -X POST"));
}
