//! The log of a project.

use super::live;
use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::json;
use tasktree_board::components::activity::log_panel::LogPanel;
use tasktree_board::state::FRAME_MS;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_flood_of_log_lines_leaves_the_newest_in_the_page_and_no_more() {
    let (page, peer) = live(|| view! { <LogPanel/> }.into_any()).await;
    for number in 0..5_000 {
        let lines = json!({ "type": "log", "project_id": PROJECT, "timestamp": NOW, "data": { "lines": [format!("line {number}")] } });
        socket_receive(peer.index, &lines.to_string());
    }
    until("the last line is there", || {
        all(&page, ".log-text")
            .last()
            .is_some_and(|line| text(line) == "line 4999")
    })
    .await;
    let lines = all(&page, ".log-text");
    assert_eq!(lines.len(), 500);
    assert_eq!(text(&lines[0]), "line 4500");
}

#[wasm_bindgen_test]
async fn a_paused_log_stands_still_and_counts_what_it_misses() {
    let (page, peer) = live(|| view! { <LogPanel/> }.into_any()).await;
    let write = |line: &str| {
        let lines = json!({ "type": "log", "project_id": PROJECT, "timestamp": NOW, "data": { "lines": [line] } });
        socket_receive(peer.index, &lines.to_string());
    };
    write("one");
    until("the line is there", || all(&page, ".log-text").len() == 1).await;
    one(&page, ".log-panel .button").click();
    settle().await;
    write("two");
    write("three");
    until("it says what it misses", || {
        text(&page.root).contains("2 new lines")
    })
    .await;
    assert_eq!(all(&page, ".log-text").len(), 1);
    one(&page, ".log-panel .button").click();
    until("it follows again", || all(&page, ".log-text").len() == 3).await;
    assert!(!text(&page.root).contains("new line"));
}

#[wasm_bindgen_test]
async fn a_log_that_cannot_be_read_says_so_and_one_that_was_cut_is_read_again() {
    const LOGS: &str = "projects/p1/logs";
    let (page, peer) = live(|| {
        refuse("GET", LOGS, 500, &json!({ "detail": "The disk is full" }));
        view! { <LogPanel/> }.into_any()
    })
    .await;
    until("the failure is said", || {
        text(&page.root).contains("The log could not be loaded. The disk is full")
    })
    .await;
    serve("GET", LOGS, &json!([]));
    one(&page, "[role=alert] .button").click();
    until("there is nothing to say", || {
        text(&page.root).contains("No log lines yet")
    })
    .await;

    let missed = json!([{ "at": NOW, "agent": "a1", "task_id": null, "level": "info", "line": "while nobody listened" }]);
    serve("GET", LOGS, &missed);
    socket_finish(peer.index, 1006);
    let again = Peer::accept(1, 10).await;
    again.subscribed(PROJECT).await;
    until("what was missed is there", || {
        text(&page.root).contains("while nobody listened")
    })
    .await;
}

#[wasm_bindgen_test]
async fn lines_that_the_server_dropped_because_the_page_read_slowly_are_read_where_they_are_stored()
{
    const LOGS: &str = "projects/p1/logs";
    let (page, peer) = live(|| view! { <LogPanel/> }.into_any()).await;
    let stored =
        json!([{ "at": NOW, "agent": "a1", "task_id": null, "level": "info", "line": "dropped" }]);
    serve("GET", LOGS, &stored);
    let missed = |stream: &str| {
        let frame = json!({ "type": "sys.missed", "data": { "stream": stream } });
        socket_receive(peer.index, &frame.to_string());
    };
    let read = || all(&page, ".log-text").len();
    missed("*");
    settle().await;
    assert_eq!(read(), 0, "that is another stream");
    missed(PROJECT);
    until("the line is there", || read() == 1).await;
}

#[wasm_bindgen_test]
async fn a_line_that_was_missed_is_shown_where_it_belongs() {
    const LOGS: &str = "projects/p1/logs";
    let (page, peer) = live(|| view! { <LogPanel/> }.into_any()).await;
    let hear = |at: &str, line: &str| {
        let lines = json!({ "type": "log", "project_id": PROJECT, "timestamp": at, "data": { "lines": [line] } });
        socket_receive(1, &lines.to_string());
    };
    let stored = |at: &str, line: &str| json!({ "at": at, "agent": null, "task_id": null, "level": "info", "line": line });
    hold("GET", LOGS);
    socket_finish(peer.index, 1006);
    let again = Peer::accept(1, 10).await;
    again.subscribed(PROJECT).await;
    until("the log is read again", || waiting("GET", LOGS) > 0).await;
    hear("2026-11-22T22:02:00Z", "second");
    hear("2026-11-22T22:03:00Z", "third");
    let shown = || -> Vec<String> {
        all(&page, ".log-text")
            .iter()
            .map(|line| text(line))
            .collect()
    };
    until("they are shown", || shown() == ["second", "third"]).await;
    let known = one(&page, ".log-line:last-child");
    let store = json!([
        stored("2026-11-22T22:00:00Z", "missed"),
        stored("2026-11-22T22:02:00Z", "second")
    ]);
    release("GET", LOGS, None, &store);
    until("all are shown, each once", || {
        shown() == ["missed", "second", "third"]
    })
    .await;
    assert_eq!(
        known,
        one(&page, ".log-line:last-child"),
        "who reads one keeps it"
    );

    let more = json!([
        stored("2026-11-22T22:00:00Z", "missed"),
        stored("2026-11-22T22:01:00Z", "missed too"),
        stored("2026-11-22T22:02:00Z", "second"),
        stored("2026-11-22T22:03:00Z", "third")
    ]);
    serve("GET", LOGS, &more);
    socket_finish(1, 1006);
    Peer::accept(2, 10).await.subscribed(PROJECT).await;
    until("so is one between them", || {
        shown() == ["missed", "missed too", "second", "third"]
    })
    .await;
}

#[wasm_bindgen_test]
async fn who_scrolls_up_in_a_log_stays_there_however_fast_lines_come() {
    let (page, peer) = live(|| view! { <LogPanel/> }.into_any()).await;
    let list = one(&page, ".log");
    list.set_attribute("style", "height: 100px; overflow: auto")
        .unwrap();
    let write = |number: u32| {
        let lines = json!({ "type": "log", "project_id": PROJECT, "timestamp": NOW, "data": { "lines": [format!("line {number}")] } });
        socket_receive(peer.index, &lines.to_string());
    };
    (0..200).for_each(write);
    until("it is at the end", || list.scroll_top() > 100).await;
    for number in 200..220 {
        write(number);
        if number == 205 {
            list.set_scroll_top(10);
        }
        pass(FRAME_MS).await;
    }
    until("it says what it misses", || {
        text(&page.root).contains("new lines")
    })
    .await;
    assert_eq!(list.scroll_top(), 10);
    list.set_scroll_top(list.scroll_height());
    until("at the end it follows again", || {
        all(&page, ".log-text")
            .last()
            .is_some_and(|line| text(line) == "line 219")
    })
    .await;
}
