//! The pages beside the board: projects, activity and log.

use crate::shell_page::*;
use crate::support::*;
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::components::activity::feed::ActivityFeed;
use tasktree_board::components::activity::log_panel::LogPanel;
use tasktree_board::i18n::Locale;
use tasktree_board::pages::projects::ProjectsPage;
use tasktree_board::state::FRAME_MS;
use wasm_bindgen_test::wasm_bindgen_test;

fn project(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "path": "", "created_at": NOW, "updated_at": NOW })
}

/// Opens a page with the project open and live.
async fn live(part: impl FnOnce() -> AnyView + 'static) -> (Page<Ended>, Peer) {
    begin();
    serve_board(10, &[]);
    serve(
        "GET",
        "projects",
        &json!([project(PROJECT, "First"), project("p2", "Second")]),
    );
    serve(
        "GET",
        "projects/p1/stats",
        &json!({ "total_tasks": 3, "merged_tasks": 1 }),
    );
    serve("GET", "projects/p2/stats", &json!({}));
    serve("GET", "projects/p1/logs", &json!([]));
    serve(
        "GET",
        "projects/p1/events",
        &json!({ "epoch": EPOCH, "seq": 10, "events": [] }),
    );
    let page = open(Locale::En, part);
    let peer = Peer::accept(0, 10).await;
    peer.subscribed(PROJECT).await;
    (page, peer)
}

#[wasm_bindgen_test]
async fn projects_are_listed_with_how_far_they_are_and_follow_what_others_do() {
    let (page, peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    until("the counts are there", || {
        text(&page.root).contains("1 of 3 done")
    })
    .await;
    let names = || {
        all(&page, ".project-name")
            .iter()
            .map(|name| text(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(), ["First", "Second"]);
    let third = json!({ "type": "project_created", "project_id": "p3", "stream": "*", "data": project("p3", "Third"), "timestamp": NOW, "seq": 11, "epoch": EPOCH });
    socket_receive(peer.index, &third.to_string());
    until("the new project is listed", || names().len() == 3).await;
    assert_eq!(names()[2], "Third");
}

#[wasm_bindgen_test]
async fn a_project_is_deleted_only_after_its_name_was_typed() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    serve(
        "DELETE",
        "projects/p2",
        &json!({ "message": "Project deleted" }),
    );
    until("the projects are listed", || {
        all(&page, ".project-row .icon-button").len() == 2
    })
    .await;
    all(&page, ".project-row .icon-button")[1].click();
    until("the menu is open", || all(&page, ".menu-item").len() == 2).await;
    all(&page, ".menu-item")[1].click();
    until("the question is asked", || {
        find(&page, "dialog[open] .input").is_some()
    })
    .await;
    let submit = one(&page, "dialog[open] [type=submit]");
    assert!(submit.has_attribute("disabled"));
    fill(&one(&page, "dialog[open] .input"), "Secon");
    settle().await;
    submit.click();
    settle().await;
    assert!(requests("DELETE").is_empty());
    // As it is displayed, with spaces and letter forms that a keyboard may produce.
    fill(&one(&page, "dialog[open] .input"), "\u{a0}Second\u{200b}");
    settle().await;
    submit.click();
    until("the project is gone", || {
        all(&page, ".project-row").len() == 1
    })
    .await;
    assert_eq!(requests("DELETE").len(), 1);
    until("the dialog is closed", || {
        find(&page, "dialog[open]").is_none()
    })
    .await;
}

/// Opens the settings of the second project.
async fn open_settings(page: &Page<Ended>) {
    until("the projects are listed", || {
        all(page, ".project-row .icon-button").len() == 2
    })
    .await;
    all(page, ".project-row .icon-button")[1].click();
    until("the menu is open", || all(page, ".menu-item").len() == 2).await;
    all(page, ".menu-item")[0].click();
    until("the form is there", || {
        find(page, "dialog[open] form").is_some()
    })
    .await;
}

fn changed_elsewhere(change: impl FnOnce(&mut Value)) {
    let mut row = project("p2", "Second");
    row["updated_at"] = json!("2026-11-28T00:00:09.000Z");
    change(&mut row);
    serve("GET", "projects/p2", &row);
}

#[wasm_bindgen_test]
async fn settings_that_others_have_changed_meanwhile_are_not_overwritten_unseen() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    open_settings(&page).await;
    let newer = json!({ "detail": [{
        "type": "read_only", "loc": ["body", "updated_at"], "msg": "is read-only", "input": NOW,
    }] });
    refuse("PUT", "projects/p2", 422, &newer);
    changed_elsewhere(|row| row["name"] = json!("Theirs"));
    fill(&one(&page, "dialog[open] .input"), "Ours");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("the change of others is named", || {
        text(&page.root).contains("Somebody else changed this while you were editing: Name.")
    })
    .await;
    let sent: Value = serde_json::from_str(&requests("PUT")[0].body).unwrap();
    assert_eq!(sent["updated_at"], json!(NOW));
    assert_eq!(requests("PUT").len(), 1, "it is not overwritten by itself");
    serve("PUT", "projects/p2", &project("p2", "Ours"));
    one(&page, "dialog[open] [type=submit]").click();
    until("the second save is a choice", || {
        find(&page, "dialog[open]").is_none()
    })
    .await;
    let sent: Value = serde_json::from_str(&requests("PUT")[1].body).unwrap();
    assert_eq!(sent["updated_at"], json!("2026-11-28T00:00:09.000Z"));
    assert_eq!(sent["name"], "Ours");
}

#[wasm_bindgen_test]
async fn settings_are_merged_with_changes_of_other_fields() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    open_settings(&page).await;
    hold("PUT", "projects/p2");
    changed_elsewhere(|row| row["path"] = json!("/theirs"));
    fill(&one(&page, "dialog[open] .input"), "Ours");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("it is sent", || waiting("PUT", "projects/p2") == 1).await;
    let newer = json!({ "detail": [{
        "type": "read_only", "loc": ["body", "updated_at"], "msg": "is read-only", "input": NOW,
    }] });
    refuse_held("PUT", "projects/p2", 422, &newer);
    until("it is sent again", || requests("PUT").len() == 2).await;
    let sent: Value = serde_json::from_str(&requests("PUT")[1].body).unwrap();
    assert_eq!(
        sent,
        json!({ "name": "Ours", "updated_at": "2026-11-28T00:00:09.000Z" })
    );
    release("PUT", "projects/p2", None, &project("p2", "Ours"));
    until("it is saved", || find(&page, "dialog[open]").is_none()).await;
}

#[wasm_bindgen_test]
async fn without_projects_the_page_says_how_to_begin_with_this_server() {
    begin();
    serve("GET", "projects", &json!([]));
    let page = open(Locale::En, || view! { <ProjectsPage/> }.into_any());
    until("the ways to begin are there", || {
        all(&page, ".command").len() >= 4
    })
    .await;
    let origin = window().location().origin().unwrap();
    assert!(text(&one(&page, ".command")).contains(&format!("curl -X POST {origin}/api/projects")));
}

#[wasm_bindgen_test]
async fn a_list_that_cannot_be_read_says_so_and_is_read_again_when_asked() {
    begin();
    refuse(
        "GET",
        "projects",
        500,
        &json!({ "detail": "The disk is full" }),
    );
    let page = open(Locale::En, || view! { <ProjectsPage/> }.into_any());
    until("the failure is said", || {
        text(&page.root).contains("The disk is full")
    })
    .await;
    serve("GET", "projects", &json!([project("p2", "Second")]));
    one(&page, "[role=alert] .button").click();
    until("the projects are listed", || {
        find(&page, ".project-row").is_some()
    })
    .await;
}

#[wasm_bindgen_test]
async fn events_that_cannot_be_read_say_so_and_each_stream_counts_for_itself() {
    let (page, peer) = live(|| {
        refuse(
            "GET",
            "projects/p1/events",
            500,
            &json!({ "detail": "The disk is full" }),
        );
        view! { <ActivityFeed project=PROJECT.into()/> }.into_any()
    })
    .await;
    until("the failure is said", || {
        text(&page.root).contains("The disk is full")
    })
    .await;
    let card = json!({ "id": "4-p1", "task_id": 4, "title": "Fix it", "status": "in_progress", "updated_at": NOW, "rev": 2 });
    let first = json!({ "type": "task_created", "project_id": PROJECT, "data": card, "timestamp": NOW, "seq": 10, "epoch": EPOCH });
    serve(
        "GET",
        "projects/p1/events",
        &json!({ "epoch": EPOCH, "seq": 10, "events": [first] }),
    );
    one(&page, "[role=alert] .button").click();
    until("the first is shown", || all(&page, ".feed-row").len() == 1).await;
    // A change of the project itself has its number in the system's log.
    let mut renamed = peer.next("project_updated", &project(PROJECT, "Renamed"));
    renamed["stream"] = json!("*");
    socket_receive(peer.index, &renamed.to_string());
    until("it is shown", || all(&page, ".feed-row").len() == 2).await;
    let mut moved = renamed.clone();
    (moved["type"], moved["data"], moved["stream"]) = (json!("task_updated"), card, json!(PROJECT));
    socket_receive(peer.index, &moved.to_string());
    until("the task's is shown too", || {
        all(&page, ".feed-row").len() == 3
    })
    .await;
}

#[wasm_bindgen_test]
async fn events_are_told_in_words_and_unknown_ones_as_they_are() {
    let (page, peer) = live(|| view! { <ActivityFeed project=PROJECT.into()/> }.into_any()).await;
    until("the feed is read", || {
        text(&page.root).contains("No changes yet")
    })
    .await;
    let card = json!({ "id": "4-p1", "task_id": 4, "title": "Fix it", "status": "in_progress", "updated_at": NOW, "rev": 2 });
    let mut moved = peer.next("task_updated", &card);
    moved["changed"] = json!(["status"]);
    socket_receive(peer.index, &moved.to_string());
    peer.event("task_teleported", &json!({ "where": "Mars" }));
    until("both are shown", || all(&page, ".feed-row").len() == 2).await;
    let rows: Vec<String> = all(&page, ".feed-row")
        .iter()
        .map(|row| text(row))
        .collect();
    assert!(
        rows[0].contains("task_teleported") && rows[0].contains("Mars"),
        "{rows:?}"
    );
    assert!(
        rows[1].contains("#4 Fix it") && rows[1].contains("WORKING"),
        "{rows:?}"
    );
    let href = one(&page, "a.feed-subject").get_attribute("href").unwrap();
    assert_eq!(href, "/p/p1/t/4");
}

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

#[wasm_bindgen_test]
async fn an_identifier_that_another_project_has_is_refused_in_the_form() {
    let (page, _peer) = live(|| view! { <ProjectsPage/> }.into_any()).await;
    until("the projects are listed", || {
        all(&page, ".project-row").len() == 2
    })
    .await;
    one(&page, ".sheet-head .button").click();
    until("the form is there", || {
        find(&page, "dialog[open] .input").is_some()
    })
    .await;
    fill(&one(&page, "dialog[open] .input"), "P1");
    settle().await;
    one(&page, "dialog[open] [type=submit]").click();
    until("it says so", || {
        text(&one(&page, "dialog[open]")).contains("Another project has this ID.")
    })
    .await;
    assert!(requests("POST projects").is_empty());
}
