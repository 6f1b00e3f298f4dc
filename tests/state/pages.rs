//! The state around the board: projects, an open task, log lines and notifications.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::{
    PROJECT, Peer, begin, card, hold, refuse, release, requests, run, serve, serve_at, serve_board,
    settle, until, waiting,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use tasktree_board::api::{self, ApiError, NewProject};
use tasktree_board::net::provide_websocket;
use tasktree_board::state::{Load, Logs, provide_board, provide_notifications, provide_projects};
use tasktree_protocol::{ProjectId, TaskId};
use wasm_bindgen_test::wasm_bindgen_test;

fn project(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "created_at": crate::support::NOW, "updated_at": crate::support::NOW })
}

fn system_event(seq: u64, kind: &str, about: &str, data: &Value) -> String {
    json!({ "type": kind, "project_id": about, "stream": "*", "data": data, "timestamp": crate::support::NOW, "seq": seq, "epoch": crate::support::EPOCH }).to_string()
}

#[wasm_bindgen_test]
async fn the_list_of_projects_is_fetched_once_and_follows_what_happens() {
    begin();
    serve_at(
        "GET",
        "projects",
        4,
        &json!([project("p1", "One"), project("p2", "Two")]),
    );
    let page = run(|| {
        provide_websocket(None);
        provide_projects()
    });
    let projects = page.value;
    let peer = Peer::accept(0, 4).await;
    until("the list", || projects.load.get_untracked() == Load::Ready).await;
    peer.subscribed("*").await;
    crate::support::socket_receive(
        0,
        &system_event(5, "project_created", "p3", &project("p3", "Three")),
    );
    crate::support::socket_receive(
        0,
        &system_event(6, "project_updated", "p1", &project("p1", "Uno")),
    );
    crate::support::socket_receive(
        0,
        &system_event(7, "project_deleted", "p2", &json!({ "project_id": "p2" })),
    );
    let names = || {
        projects
            .projects
            .get_untracked()
            .into_iter()
            .map(|project| project.name)
            .collect::<Vec<_>>()
    };
    until("the changes", || names() == ["Uno", "Three"]).await;
    assert_eq!(requests("GET projects").len(), 1);

    refuse(
        "POST",
        "projects",
        400,
        &json!({ "detail": "Project with id 'p1' already exists" }),
    );
    let new = NewProject::new("p1", "One");
    let error = projects.create(&new).await.unwrap_err();
    assert_eq!(error.message(), "Project with id 'p1' already exists");
    assert_eq!(names(), ["Uno", "Three"]);
}

#[wasm_bindgen_test]
async fn a_project_that_comes_while_the_list_is_read_again_is_not_lost() {
    begin();
    serve_at("GET", "projects", 4, &json!([project("p1", "One")]));
    let page = run(|| {
        provide_websocket(None);
        provide_projects()
    });
    let projects = page.value;
    let peer = Peer::accept(0, 4).await;
    peer.subscribed("*").await;
    let names = || {
        projects
            .projects
            .get_untracked()
            .into_iter()
            .map(|project| project.name)
            .collect::<Vec<_>>()
    };
    hold("GET", "projects");
    let unknown = system_event(5, "project_of_a_future_kind", "p1", &json!({}));
    crate::support::socket_receive(0, &unknown);
    until("the list is read again", || waiting("GET", "projects") == 1).await;
    crate::support::socket_receive(
        0,
        &system_event(6, "project_created", "p2", &project("p2", "Two")),
    );
    until("it is there", || names() == ["One", "Two"]).await;
    release("GET", "projects", Some(5), &json!([project("p1", "Uno")]));
    until("the answer is there", || names()[0] == "Uno").await;
    assert_eq!(names(), ["Uno", "Two"]);
}

#[wasm_bindgen_test]
async fn an_open_task_is_fetched_again_when_and_only_when_it_changes() {
    begin();
    let whole = |title: &str, rev: u64| {
        json!({ "id": "1-p1", "task_id": 1, "title": title, "description": "Long text", "prompt": null, "status": "unclaimed", "branch": "task-1",
            "session": null, "dependencies": [], "priority": 0, "owned_files": [], "shared_files": [], "creates_files": [], "merge_order": 0,
            "exclusive_files": [], "initialization_deps": [], "created_at": crate::support::NOW, "updated_at": crate::support::NOW, "completed_at": null,
            "merged_at": null, "rev": rev })
    };
    serve_board(
        2,
        &[
            card(1, "One", "unclaimed", 1),
            card(2, "Two", "unclaimed", 1),
        ],
    );
    serve("GET", "projects/p1/tasks/1-p1", &whole("One", 1));
    serve(
        "GET",
        "projects/p1/tasks/1-p1/history",
        &json!([{ "seq": 1, "type": "task_created", "timestamp": crate::support::NOW, "actor": "human:local" }]),
    );
    let page = run(|| {
        provide_websocket(None);
        let board = provide_board(ProjectId::from(PROJECT));
        (board, board.open_task(TaskId::from("1-p1")))
    });
    let (board, detail) = page.value;
    let peer = Peer::accept(0, 2).await;
    until("the task", || detail.load.get_untracked() == Load::Ready).await;
    until("the board", || board.load().get_untracked() == Load::Ready).await;
    peer.subscribed(PROJECT).await;
    until("its history", || {
        detail
            .history
            .read_untracked()
            .as_ref()
            .is_some_and(|it| it.len() == 1)
    })
    .await;
    let fetches = || {
        requests("GET projects/p1/tasks/1-p1")
            .iter()
            .filter(|request| !request.key.ends_with("history"))
            .count()
    };
    let before = fetches();
    peer.event("task_updated", &card(2, "Another", "merged", 2));
    settle().await;
    assert_eq!(fetches(), before, "another task's change is no reason");
    serve("GET", "projects/p1/tasks/1-p1", &whole("Renamed", 2));
    peer.event("task_updated", &card(1, "Renamed", "unclaimed", 2));
    until("the new version", || {
        detail
            .task
            .get_untracked()
            .is_some_and(|task| task.title == "Renamed")
    })
    .await;
    assert_eq!(fetches(), before + 1);
    refuse(
        "GET",
        "projects/p1/tasks/1-p1",
        404,
        &json!({ "detail": "Task '1-p1' not found" }),
    );
    refuse(
        "GET",
        "projects/p1/tasks",
        404,
        &json!({ "detail": "gone" }),
    );
    detail.retry();
    settle().await;
    assert_eq!(
        detail
            .task
            .get_untracked()
            .map(|task| task.title)
            .as_deref(),
        Some("Renamed")
    );
}

#[wasm_bindgen_test]
async fn log_lines_are_kept_in_a_ring_and_told_once_a_frame() {
    begin();
    serve_board(0, &[]);
    let page = run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    });
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let runs = Rc::new(Cell::new(0));
    let owner = Owner::new();
    let logs = page.value.logs();
    owner.with(|| {
        let runs = Rc::clone(&runs);
        Effect::new(move |_| {
            logs.lines.with(|_| ());
            runs.set(runs.get() + 1);
        });
    });
    settle().await;
    for batch in 0..300 {
        let lines: Vec<String> = (0..10)
            .map(|line| format!("line {}", batch * 10 + line))
            .collect();
        let message = json!({ "type": "log", "project_id": PROJECT, "data": { "agent": "a1", "lines": lines }, "timestamp": "2026-11-22T23:10:00Z" });
        crate::support::socket_receive(0, &message.to_string());
    }
    until("the last line", || {
        logs.lines.with_untracked(|lines| {
            lines
                .back()
                .is_some_and(|line| line.entry.line == "line 2999")
        })
    })
    .await;
    assert_eq!(
        logs.lines
            .with_untracked(|lines| (lines.len(), lines[0].entry.line.clone())),
        (500, "line 2500".into())
    );
    assert!(
        runs.get() < 60,
        "300 messages ran the panel {} times",
        runs.get()
    );
    owner.cleanup();
}

fn stored(at: &str, line: &str) -> Value {
    json!({ "at": at, "agent": null, "task_id": null, "level": "info", "line": line })
}

fn hear_line(at: &str, line: &str) {
    crate::support::socket_receive(0, &json!({ "type": "log", "project_id": PROJECT, "data": { "lines": [line] }, "timestamp": at }).to_string());
}

fn lines(logs: Logs) -> Vec<(u64, String)> {
    logs.lines.with_untracked(|lines| {
        lines
            .iter()
            .map(|line| (line.id, line.entry.line.clone()))
            .collect()
    })
}

fn texts(logs: Logs) -> Vec<String> {
    lines(logs).into_iter().map(|(_, text)| text).collect()
}

#[wasm_bindgen_test]
async fn stored_log_lines_fill_the_gaps_and_what_comes_meanwhile_goes_after_them() {
    const LOGS: &str = "projects/p1/logs";
    begin();
    serve_board(0, &[]);
    let page = run(|| {
        provide_websocket(None);
        provide_board(ProjectId::from(PROJECT))
    });
    let peer = Peer::accept(0, 0).await;
    peer.subscribed(PROJECT).await;
    let logs = page.value.logs();
    hear_line("2026-11-22T22:02:00Z", "heard");
    until("a line", || texts(logs) == ["heard"]).await;
    let before = lines(logs);

    hold("GET", LOGS);
    logs.read();
    hear_line("2026-11-22T22:04:00Z", "stored and heard");
    hear_line("2026-11-22T22:05:00Z", "too late to be stored");
    settle().await;
    let in_store = json!([
        stored("2026-11-22T22:00:00Z", "old"),
        stored("2026-11-22T22:02:00Z", "heard"),
        stored("2026-11-22T22:03:00Z", "missed"),
        stored("2026-11-22T22:04:00Z", "stored and heard")
    ]);
    release("GET", LOGS, Some(0), &in_store);
    let all = [
        "old",
        "heard",
        "missed",
        "stored and heard",
        "too late to be stored",
    ];
    until("the stored lines", || texts(logs) == all).await;
    assert_eq!(logs.load.get_untracked(), Load::Ready);
    assert_eq!(
        lines(logs)[1],
        before[0],
        "who reads a line keeps it where it is"
    );

    refuse("GET", LOGS, 500, &json!({ "detail": "The disk is full" }));
    logs.read();
    until("the failure", || {
        matches!(logs.load.get_untracked(), Load::Failed(_))
    })
    .await;
    assert_eq!(texts(logs), all, "and nothing is lost by it");

    serve("GET", LOGS, &json!([]));
    peer.event("project_reset", &json!({}));
    until("a project that begins anew has no lines", || {
        texts(logs).is_empty() && logs.load.get_untracked() == Load::Ready
    })
    .await;
}

#[wasm_bindgen_test]
async fn notifications_are_kept_newest_first_up_to_two_hundred() {
    begin();
    let page = run(|| {
        provide_websocket(None);
        provide_notifications()
    });
    Peer::accept(0, 0).await;
    for number in 0..250 {
        let data = json!({ "title": format!("Notice {number}"), "level": "warning" });
        crate::support::socket_receive(0, &json!({ "type": "notification", "project_id": null, "data": data, "timestamp": crate::support::NOW }).to_string());
    }
    let notices = page.value;
    until("all of them", || notices.unread.get_untracked() == 250).await;
    assert_eq!(
        notices
            .items
            .with_untracked(|items| (items.len(), items[0].content.title.clone())),
        (200, "Notice 249".into())
    );
    notices.mark_read();
    assert_eq!(notices.unread.get_untracked(), 0);
}

#[wasm_bindgen_test]
async fn errors_are_sentences_whatever_form_the_server_gives_them() {
    begin();
    let fault = |status, body: Value| async move {
        refuse("GET", "projects", status, &body);
        api::list_projects().await.unwrap_err()
    };
    assert_eq!(
        fault(409, json!({ "detail": "Task #7 waits for #3." }))
            .await
            .message(),
        "Task #7 waits for #3."
    );
    let faults = json!({ "detail": [{ "loc": ["query", "title"], "msg": "Field required" }, { "loc": ["body"], "msg": "Not a list" }] });
    assert_eq!(
        fault(422, faults).await.message(),
        "title: Field required; Not a list"
    );
    assert_eq!(
        fault(502, json!(null)).await.message(),
        "The server answered with status 502."
    );
    assert_eq!(fault(0, json!(null)).await, ApiError::Offline);
    serve("GET", "projects", &json!({ "not": "a list" }));
    assert!(matches!(
        api::list_projects().await,
        Err(ApiError::Decode(_))
    ));
}

#[wasm_bindgen_test]
async fn identifiers_are_escaped_in_addresses() {
    begin();
    serve_at("GET", "projects/a%20b%2Fc/tasks", 1, &json!([]));
    let snapshot = api::list_tasks(&ProjectId::from("a b/c")).await.unwrap();
    assert_eq!(snapshot.cursor.map(|cursor| cursor.seq), Some(1));
    assert_eq!(
        requests("GET projects/a%20b%2Fc/tasks")[0].query,
        "?view=card"
    );
}
