//! The server's reports about itself: metrics for Prometheus, and its connections for the operator.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task, position, until, write};
use serde_json::{Value, json};

/// Returns all samples, by name with labels.
async fn metrics(server: &TestServer) -> BTreeMap<String, f64> {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    let samples = answer.text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// Returns a sample; 0 if there is none yet.
fn sample(metrics: &BTreeMap<String, f64>, name: &str) -> f64 {
    metrics.get(name).copied().unwrap_or(0.0)
}

#[tokio::test]
async fn connections_subscriptions_and_events_are_counted() {
    let server = TestServer::with_project().await;
    let before = metrics(&server).await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &["alpha", "*"]).await;
    let legacy = Client::legacy(&server).await;
    until("both are counted", || {
        server.state.hub.counts().total() == 2
    })
    .await;
    change_task(&server, "alpha", &task, 3).await;
    client.expect_events("alpha", 1, 3).await;
    let after = metrics(&server).await;
    let grown = |name: &str| sample(&after, name) - sample(&before, name);
    for (name, expected) in [
        (r#"tasktree_connections{mode="v1"}"#, 1.0),
        (r#"tasktree_connections{mode="legacy"}"#, 1.0),
        (r#"tasktree_connections{mode="coordination"}"#, 0.0),
        (r#"tasktree_events_total{type="task_created"}"#, 1.0),
        (r#"tasktree_events_total{type="task_updated"}"#, 3.0),
        (r#"tasktree_resumes_total{result="new"}"#, 2.0),
    ] {
        assert_eq!(grown(name), expected, "{name}: {after:#?}");
    }
    for name in [
        "tasktree_subscriptions",
        "tasktree_streams",
        "tasktree_commit_to_send_seconds_count",
        "tasktree_store_commit_seconds_count",
        "tasktree_store_commit_writes_sum",
        "tasktree_store_read_seconds_count",
        "tasktree_messages_received_bytes_total",
        "tasktree_network_received_bytes_total",
    ] {
        assert!(grown(name) >= 2.0, "{name}: {after:#?}");
    }
    let event = serde_json::to_vec(&client_event(&server).await)
        .unwrap()
        .len() as f64;
    for name in [
        "tasktree_messages_sent_bytes_total",
        "tasktree_network_sent_bytes_total",
    ] {
        assert!(grown(name) >= 3.0 * event, "{name}: {after:#?}");
    }
    legacy.cut();
    until("it has left", || server.state.hub.counts().total() == 1).await;
    let after = metrics(&server).await;
    assert_eq!(after[r#"tasktree_connections{mode="legacy"}"#], 0.0);
}

/// Returns an event as it is sent.
async fn client_event(server: &TestServer) -> Value {
    let page = server.get("/api/projects/alpha/events").await.ok();
    page["events"][1].clone()
}

#[tokio::test]
async fn closes_are_counted_by_code_and_resumes_by_result() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let stands = position(&server, "alpha").await;
    change_task(&server, "alpha", &task, 2).await;
    let (mut back, _) = Client::hello(
        &server,
        json!([crate::ws_client::from("alpha", &stands)]),
        json!([]),
    )
    .await;
    back.expect_events("alpha", stands.seq, 2).await;
    let subs = json!([
        {"stream": "alpha", "epoch": "another", "seq": 1},
        {"stream": "nowhere"},
    ]);
    let (_elsewhere, _) = Client::hello(&server, subs, json!([])).await;
    back.send_raw(tokio_tungstenite::tungstenite::Message::binary(vec![1]))
        .await;
    assert_eq!(back.close_code().await, 4501);
    let metrics = metrics(&server).await;
    for (name, expected) in [
        (r#"tasktree_closes_total{code="4501"}"#, 1.0),
        (r#"tasktree_resumes_total{result="recovered"}"#, 1.0),
        (r#"tasktree_resumes_total{result="epoch"}"#, 1.0),
        (r#"tasktree_resumes_total{result="refused"}"#, 1.0),
    ] {
        assert_eq!(sample(&metrics, name), expected, "{name}: {metrics:#?}");
    }
}

/// Returns the connection of that session.
async fn connection(server: &TestServer, session: &Value) -> Value {
    let all = server.get("/api/admin/connections").await.ok();
    let found = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["session"] == *session);
    found.expect("it is listed").clone()
}

#[tokio::test]
async fn a_connection_is_listed_with_where_it_is_and_what_it_has_acknowledged() {
    let server = TestServer::with(|config| {
        config.sockets.ping_interval = Duration::from_millis(300);
        config.sockets.pong_timeout = Duration::from_secs(20);
    })
    .await;
    server.make_project("alpha").await;
    let task = make_task(&server, "alpha", "one").await;
    let (mut client, welcome) =
        Client::hello(&server, json!([{"stream": "alpha"}]), json!([])).await;
    client.expect("sys.live").await;
    change_task(&server, "alpha", &task, 4).await;
    client.expect_events("alpha", 1, 4).await;
    let ping = client.expect("sys.ping").await;
    let pong = json!({"n": ping["n"], "t": ping["t"], "seen": {"alpha": 5}});
    client.send(json!({"type": "sys.pong", "data": pong})).await;
    // Frames are read in their order: once this is answered, that was read.
    client.send(json!({"type": "sys.ping", "data": {}})).await;
    while client.next().await["type"] != "sys.pong" {}
    let listed = connection(&server, &welcome["session"]).await;
    assert_eq!(
        (&listed["mode"], &listed["client"], &listed["user"]),
        (&json!("v1"), &json!("test"), &json!("local"))
    );
    assert_eq!(listed["address"], "127.0.0.1", "{listed}");
    let subscriptions = listed["subscriptions"].as_array().unwrap();
    let alpha = subscriptions
        .iter()
        .find(|one| one["stream"] == "alpha")
        .unwrap();
    assert_eq!(
        *alpha,
        json!({"stream": "alpha", "top": 5, "cursor": 5, "acknowledged": 5, "lag": 0})
    );
    let metrics = metrics(&server).await;
    assert_eq!(metrics["tasktree_commit_to_ack_seconds_count"], 1.0);
    client
        .send(json!({"type": "sys.unsubscribe", "data": {"id": "1", "stream": "alpha"}}))
        .await;
    while client.next().await["type"] != "sys.unsubscribed" {}
    let listed = connection(&server, &welcome["session"]).await;
    let streams = listed["subscriptions"].as_array().unwrap().iter();
    let streams: Vec<_> = streams.map(|one| &one["stream"]).collect();
    assert_eq!(streams, [&json!("u:local")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_does_not_read_is_seen_to_lag_until_it_does() {
    let server = TestServer::with_project().await;
    let new = tasktree_protocol::NewTask {
        title: "busy".into(),
        branch: Some("x".repeat(250)),
        ..Default::default()
    };
    let project = "alpha".into();
    let made = server
        .state
        .service
        .create_task(write(), &project, new)
        .await;
    let task = made.unwrap().value;
    let (mut slow, welcome) = Client::hello(&server, json!([{"stream": "alpha"}]), json!([])).await;
    slow.expect("sys.live").await;
    let mut sent = 1;
    let place = async || {
        let listed = connection(&server, &welcome["session"]).await;
        let subscriptions = listed["subscriptions"].as_array().unwrap();
        let alpha = subscriptions.iter().find(|one| one["stream"] == "alpha");
        let number = |name: &str| alpha.unwrap()[name].as_u64().unwrap();
        (number("cursor"), number("lag"))
    };
    // Until the buffers of the system are full: the position stands still while more comes.
    loop {
        let (before, _) = place().await;
        assert!(sent < 50_000, "the buffers take everything");
        change_task(&server, "alpha", &task, 500).await;
        sent += 500;
        if place().await == (before, sent - before) {
            break;
        }
    }
    let behind = metrics(&server).await;
    assert_eq!(behind["tasktree_connections_behind"], 1.0);
    assert!(behind["tasktree_lag_events"] >= 500.0);
    slow.expect_events("alpha", 1, sent - 1).await;
    assert_eq!(place().await, (sent, 0));
    assert_eq!(metrics(&server).await["tasktree_lag_events"], 0.0);
}

#[tokio::test]
async fn neither_is_told_to_who_has_no_token() {
    let server =
        TestServer::with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    for path in ["/metrics", "/api/admin/connections"] {
        assert_eq!(server.get(path).await.status, 401, "{path}");
    }
}
