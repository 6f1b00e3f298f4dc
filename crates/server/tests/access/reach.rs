//! The reach of events: not one byte of a project gets to a caller who is bound to another.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tasktree_protocol::{NewTask, ProjectId};

use crate::people::{Person, server, server_with};
use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task, until, write};

const USERS: usize = 50;
const EVENTS: u64 = 10_000;

/// Text in every title and description of `beta`, and nowhere else.
const MARK: &str = "BETA-SECRET";

/// Changes a project until that many events have happened in it.
///
/// Half of them come by REST's way into the service.
async fn busy(server: &TestServer, project: &str, title: &str, events: u64) {
    let id = ProjectId::from(project);
    let new = |number: u64| NewTask {
        title: format!("{title} {number}"),
        description: Some(format!("{title} in a text")),
        ..NewTask::default()
    };
    let mut changes = futures_util::stream::iter(0..events)
        .map(|number| server.state.service.create_task(write(), &id, new(number)))
        .buffer_unordered(64);
    while let Some(made) = changes.next().await {
        made.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_thousand_events_not_one_byte_of_a_project_reaches_who_is_bound_to_another() {
    // Readers are silent for as long as it takes.
    let server =
        server_with(|config| config.sockets.ping_interval = Duration::from_secs(3600)).await;
    let mut readers = tokio::task::JoinSet::new();
    let goal = EVENTS / 2;
    for number in 0..USERS {
        let project = if number % 2 == 0 { "alpha" } else { "beta" };
        let person = Person::new(&server, &format!("user-{number}"), "viewer", Some(project)).await;
        // Every other reader of each project is in legacy mode.
        let legacy = number % 4 >= 2;
        let mut client = if legacy {
            person.socket(&server, None).await
        } else {
            let streams = ["alpha", "beta", "*"];
            let (mut client, welcome) = person.hello(&server, &streams).await;
            let subscribed: Vec<_> = welcome["subs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|sub| sub["stream"].clone())
                .collect();
            assert_eq!(subscribed, [json!(project), json!("*")]);
            // The refusal has the name that the client asked for, and nothing else.
            assert_eq!(client.expect("sys.error").await["code"], "not_found");
            client
        };
        readers.spawn(async move {
            let (mut mine, mut raw) = (0, String::new());
            while mine < goal {
                let text = client.text().await;
                mine += text.matches("\"task_created\"").count() as u64;
                if project == "alpha" {
                    assert!(!text.contains(MARK) && !text.contains("beta"), "{text}");
                } else {
                    assert!(!text.contains("in alpha"), "{text}");
                }
                raw = text;
            }
            assert!(raw.contains(project));
            (client, project)
        });
    }
    until("all are connected", || {
        server.state.hub.counts().total() == USERS
    })
    .await;
    // Events about projects are on the system's stream, which all of them read.
    let service = &server.state.service;
    let patch = tasktree_protocol::project::ProjectPatch {
        description: Some(format!("{MARK} of a project")).into(),
        ..Default::default()
    };
    tokio::join!(
        busy(&server, "alpha", "in alpha", goal),
        busy(&server, "beta", MARK, goal),
        async {
            service
                .update_project(write(), &"beta".into(), patch)
                .await
                .unwrap();
        }
    );
    while let Some(read) = readers.join_next().await {
        let (_, project) = read.unwrap();
        assert!(["alpha", "beta"].contains(&project));
    }
}

#[tokio::test]
async fn of_projects_out_of_reach_the_systems_stream_has_only_positions() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let (mut v1, welcome) = ann.hello(&server, &["*"]).await;
    let stands = welcome["subs"][0]["seq"].as_u64().unwrap();
    let mut legacy = ann.socket(&server, None).await;
    v1.expect("sys.live").await;
    until("both are connected", || {
        server.state.hub.counts().total() == 2
    })
    .await;
    let service = &server.state.service;
    let patch = |text: &str| tasktree_protocol::project::ProjectPatch {
        description: Some(text.to_owned()).into(),
        ..Default::default()
    };
    service
        .update_project(write(), &"beta".into(), patch(MARK))
        .await
        .unwrap();
    service
        .update_project(write(), &"alpha".into(), patch("mine"))
        .await
        .unwrap();
    let (hidden, seen) = (v1.next().await, v1.next().await);
    assert_eq!(
        (&hidden["type"], &hidden["data"], &hidden["seq"]),
        (&json!("hidden"), &json!({}), &json!(stands + 1))
    );
    assert_eq!(hidden["project_id"], json!(null));
    assert_eq!(
        (&seen["type"], &seen["project_id"], &seen["seq"]),
        (
            &json!("project_updated"),
            &json!("alpha"),
            &json!(stands + 2)
        )
    );
    let first = legacy.next().await;
    assert_eq!(
        (&first["type"], &first["project_id"]),
        (&json!("project_updated"), &json!("alpha"))
    );
    // From the log, too: for a client that reconnects.
    let cursor = json!({"stream": "*", "epoch": welcome["subs"][0]["epoch"], "seq": stands});
    let mut back = ann.socket(&server, Some("board.v1")).await;
    back.send(json!({"type": "sys.hello", "data": {"client": "t", "subs": [cursor], "caps": []}}))
        .await;
    assert_eq!(
        back.expect("sys.welcome").await["subs"][0]["recovered"],
        true
    );
    assert_eq!(back.next().await["type"], "hidden");
    assert_eq!(back.next().await["type"], "project_updated");
}

#[tokio::test]
async fn a_stream_out_of_reach_is_refused_like_one_that_does_not_exist() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let (mut client, _) = ann.hello(&server, &[]).await;
    let mut answers = Vec::new();
    for stream in ["beta", "nowhere", "u:root"] {
        client
            .send(json!({"type": "sys.subscribe", "data": {"id": stream, "stream": stream}}))
            .await;
        answers.push(client.expect("sys.error").await);
    }
    assert_eq!(
        answers[0].to_string().replace("beta", "nowhere"),
        answers[1].to_string()
    );
    assert_eq!(answers[2]["code"], "forbidden");
    make_task(&server, "beta", MARK).await;
    client
        .send(json!({"type": "sys.ping", "data": {"n": 1, "t": 1, "tops": {}}}))
        .await;
    let pong = client.expect("sys.pong").await;
    assert_eq!(pong["seen"], json!({}), "not even its position");
}

#[tokio::test]
async fn the_coordination_monitor_is_for_projects_in_reach() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let bearer = format!("Bearer {}", ann.secret);
    let live = |project: &str| format!("/api/projects/{project}/coordination/live");
    let headers = [("authorization", bearer.as_str())];
    for project in ["beta", "nowhere"] {
        let mut client = Client::connect(&server, &live(project), &headers)
            .await
            .unwrap();
        assert_eq!(client.close_code().await, 4500, "{project}");
    }
    let mut client = Client::connect(&server, &live("alpha"), &headers)
        .await
        .unwrap();
    client.expect("coordination_state").await;
}

#[tokio::test]
async fn a_slow_reader_who_falls_back_to_the_log_reads_its_own_project_only() {
    let server = server().await;
    let ann = Person::new(&server, "ann", "viewer", Some("alpha")).await;
    let (alpha, beta) = (
        make_task(&server, "alpha", "a").await,
        make_task(&server, "beta", MARK).await,
    );
    let (mut client, _) = ann.hello(&server, &["alpha"]).await;
    client.expect("sys.live").await;
    // More than is kept in memory, before anything is read.
    change_task(&server, "beta", &beta, 700).await;
    change_task(&server, "alpha", &alpha, 1500).await;
    client.expect_events("alpha", 1, 1500).await;
}
