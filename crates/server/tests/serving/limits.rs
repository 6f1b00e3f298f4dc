//! Limits: beyond one comes a clear answer, and nobody else notices.

use std::net::IpAddr;

use crate::support::{AGENTS, TestServer};
use crate::ws_client::{Client, make_task, until};
use serde_json::{Value, json};
use tasktree_server::auth::Principal;
use tasktree_server::hub::{ConnectionLimits, Mode, TooManyConnections, Visitor, WebSocketManager};
use tokio_tungstenite::tungstenite::Error;

const TASKS: &str = "/api/projects/alpha/tasks";

#[tokio::test]
async fn upgrades_that_come_too_fast_are_sent_away_and_are_welcome_a_little_later() {
    let server = TestServer::with(|config| {
        config.sockets.upgrades_per_second = 2;
        config.sockets.upgrades_burst = 3;
    })
    .await;
    server.make_project("alpha").await;
    let mut first = Client::live(&server, &["alpha"]).await;
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = Client::connect(&server, "/ws/updates", &[]).await {
            refused = Some(error);
            break;
        }
    }
    let Some(Error::Http(answer)) = refused else {
        panic!("twenty were taken in at once: {refused:?}")
    };
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    // Connected clients and other requests do not notice.
    make_task(&server, "alpha", "one").await;
    first.expect("task_created").await;
    let welcome = async {
        while Client::connect(&server, "/ws/updates", &[]).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::ws_client::PATIENCE, welcome)
        .await
        .expect("there is room again");
}

#[test]
fn an_address_has_its_share_of_the_connections() {
    let hub = WebSocketManager::new();
    let room = ConnectionLimits {
        in_all: 4,
        per_address: 2,
        per_user: 0,
    };
    let connect = |address: &str| {
        let visitor = Visitor {
            mode: Mode::V1,
            principal: &Principal::local(),
            address: Some(address.parse::<IpAddr>().unwrap()),
        };
        hub.connect(visitor, room)
    };
    let first = connect("192.0.2.1").unwrap();
    let _second = connect("192.0.2.1").unwrap();
    assert_eq!(
        connect("192.0.2.1").unwrap_err(),
        TooManyConnections::FromAddress
    );
    let _other = connect("192.0.2.2").unwrap();
    drop(first);
    let _third = connect("192.0.2.1").unwrap();
    let _here = connect("127.0.0.1").unwrap();
    assert_eq!(connect("127.0.0.1").unwrap_err(), TooManyConnections::InAll);
}

fn rename(id: usize, task: &str) -> Value {
    let args =
        json!({"project_id": "alpha", "task": task, "patch": {"title": format!("title {id}")}});
    json!({"type": "sys.cmd", "data": {"id": format!("c-{id}"), "op": "update_task", "args": args}})
}

#[tokio::test]
async fn commands_over_the_rate_are_refused_with_the_time_to_wait_and_the_connection_goes_on() {
    let server = TestServer::with(|config| {
        config.sockets.commands_per_second = 5;
        config.sockets.commands_burst = 10;
    })
    .await;
    server.make_project("alpha").await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &[]).await;
    let mut refused = None;
    for id in 0..40 {
        client.send(rename(id, task.id.as_str())).await;
        let result = client.expect("sys.result").await;
        if result["ok"] == false {
            refused = Some((id, result));
            break;
        }
    }
    let (id, result) = refused.expect("forty commands are too many");
    assert!(id >= 10, "{id}");
    assert_eq!(
        (
            &result["id"],
            &result["error"]["code"],
            &result["error"]["temporary"]
        ),
        (
            &json!(format!("c-{id}")),
            &json!("rate_limited"),
            &json!(true)
        )
    );
    let wait = result["error"]["retry_ms"].as_u64().unwrap();
    assert!((1..=201).contains(&wait), "{result}");
    let url = format!("{TASKS}/1");
    let title = server.get(&url).await.ok()["title"].clone();
    assert_eq!(
        title,
        format!("title {}", id - 1),
        "what was refused changed nothing"
    );
    // The same command, at the time when the server said that it would take it.
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
    client.send(rename(id, task.id.as_str())).await;
    assert_eq!(client.expect("sys.result").await["ok"], true);
    assert_eq!(server.get(&url).await.ok()["title"], format!("title {id}"));
}

#[tokio::test]
async fn a_project_has_only_so_many_tasks_however_they_come() {
    let server = TestServer::with(|config| config.limits.tasks_per_project = 2).await;
    for project in ["alpha", "beta"] {
        server.make_project(project).await;
        server.make_task(project, "one").await;
    }
    server.make_task("alpha", "two").await;
    let plan = json!({"plan": "p", "tasks": [{"title": "three"}]});
    for answer in [
        server.post(TASKS, json!({"title": "three"})).await,
        server.put("/api/projects/alpha/plan", plan).await,
    ] {
        let sentence = answer.refused(400);
        assert!(
            sentence.as_str().unwrap().contains("number of tasks (2)"),
            "{sentence}"
        );
    }
    assert_eq!(server.get(TASKS).await.ok().as_array().unwrap().len(), 2);
    server.make_task("beta", "two").await;
}

#[tokio::test]
async fn an_agents_log_keeps_its_newest_lines_and_leaves_the_others_alone() {
    let server = TestServer::with(|config| config.limits.log_lines_per_agent = 5).await;
    server.make_project("alpha").await;
    for agent in ["a1", "a2"] {
        server.post(AGENTS, json!({"id": agent})).await.ok();
    }
    let (loud, quiet) = (format!("{AGENTS}/a1/logs"), format!("{AGENTS}/a2/logs"));
    server.post(&quiet, json!({"lines": ["only"]})).await.ok();
    for number in 0..4 {
        let lines = json!({"lines": [format!("{number} a"), format!("{number} b")]});
        server.post(&loud, lines).await.ok();
    }
    let lines = async |url: &str| {
        let page = server.get(url).await.ok();
        let entries = page["lines"].as_array().or(page.as_array()).unwrap();
        let entries = entries
            .iter()
            .map(|entry| entry["line"].as_str().unwrap().to_owned());
        entries.collect::<Vec<_>>()
    };
    assert_eq!(lines(&loud).await, ["1 b", "2 a", "2 b", "3 a", "3 b"]);
    assert_eq!(lines(&quiet).await, ["only"]);
}

#[tokio::test]
async fn the_connection_too_many_is_closed_and_counted_out_again() {
    let server = TestServer::with(|config| config.sockets.max_connections = 1).await;
    let first = Client::live(&server, &[]).await;
    assert_eq!(Client::v1(&server).await.close_code().await, 4503);
    first.cut();
    until("there is room", || server.state.hub.counts().total() == 0).await;
    Client::live(&server, &[]).await;
}
