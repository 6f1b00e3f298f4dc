//! Clients that do not read: they cost nobody else anything, and get everything once they read
//! again.

use std::time::{Duration, Instant};

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task, write};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Messages of a few hundred bytes that exceed the system's buffers for one connection.
const FLOOD: u64 = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_hundred_subscribers_ten_never_read_and_the_others_get_all_in_order_promptly() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "busy").await;
    let deaf = join_all((0..10).map(|_| Client::live(&server, &["alpha"]))).await;
    let readers = join_all((0..490).map(|_| Client::live(&server, &["alpha"]))).await;
    let readings: Vec<_> = readers
        .into_iter()
        .map(|mut client| tokio::spawn(async move { client.expect_events("alpha", 1, 300).await }))
        .collect();
    let began = Instant::now();
    change_task(&server, "alpha", &task, 300).await;
    let published = began.elapsed();
    for reading in readings {
        reading.await.expect("every reader gets every event");
    }
    println!(
        "published in {published:?}, delivered in {:?}",
        began.elapsed()
    );
    assert!(
        server.state.hub.counts().v1 >= 10,
        "those that do not read are still connected"
    );
    drop(deaf);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_blocks_no_writer_and_gets_everything_from_the_log_afterwards()
{
    let server = TestServer::with_project().await;
    let long = "x".repeat(400);
    let new = tasktree_protocol::NewTask {
        title: "busy".into(),
        branch: Some(long[..250].into()),
        ..Default::default()
    };
    let task = server
        .state
        .service
        .create_task(write(), &"alpha".into(), new)
        .await
        .unwrap()
        .value;
    let mut slow = Client::live(&server, &["alpha"]).await;
    let mut quick = Client::live(&server, &["alpha"]).await;
    let reading = tokio::spawn(async move { quick.expect_events("alpha", 1, FLOOD / 4).await });
    change_task(&server, "alpha", &task, FLOOD / 4).await;
    reading.await.expect("the one that reads gets everything");
    slow.expect_events("alpha", 1, FLOOD / 4).await;
    change_task(&server, "alpha", &task, 10).await;
    slow.expect_events("alpha", 1 + FLOOD / 4, 10).await;
}

/// Returns a message with a long log line. It is not stored as an event, so a lot of them can be
/// sent quickly.
fn log_line(number: usize) -> tasktree_protocol::Message {
    let line = format!("{number} {}", "x".repeat(8000));
    let event = tasktree_protocol::Event::from_json("log", &json!({"lines": [line]}).to_string())
        .expect("log lines");
    tasktree_protocol::Message::new(
        event,
        Some("alpha".into()),
        tasktree_protocol::Timestamp::from_unix_millis(0),
    )
}

#[tokio::test]
async fn a_client_for_which_log_lines_were_dropped_is_told_and_one_that_read_them_is_not() {
    // However long it takes, no client is pinged, or closed because it reads slowly.
    let server = TestServer::with(|config| {
        config.sockets.ping_interval = Duration::from_secs(3600);
        config.sockets.stall_timeout = Duration::from_secs(3600);
    })
    .await;
    server.make_project("alpha").await;
    let mut slow = Client::live(&server, &["alpha"]).await;
    let mut quick = Client::live(&server, &["alpha"]).await;
    let (alpha, lines) = ("alpha".into(), 5000);
    let number = |frame: &Value| {
        let line = frame["data"]["lines"][0].as_str()?;
        line.split(' ').next()?.parse::<usize>().ok()
    };
    for line in 1..=lines {
        server
            .state
            .hub
            .broadcast_to_project(&alpha, &log_line(line));
        assert_eq!(number(&quick.next().await), Some(line));
    }
    let mut read = 0;
    let mut missing = 0;
    while read < lines {
        let frame = slow.next().await;
        let line = number(&frame).expect("the rest comes first");
        missing += line - read - 1;
        read = line;
    }
    assert!(missing > 0, "{lines} lines are more than a socket holds");
    assert_eq!(slow.expect("sys.missed").await, json!({"stream": "alpha"}));
}

#[tokio::test]
async fn a_client_that_reads_nothing_for_too_long_is_closed() {
    let server =
        TestServer::with(|config| config.sockets.stall_timeout = Duration::from_millis(300)).await;
    server.make_project("alpha").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    let hub = server.state.hub.clone();
    let message = log_line(0);
    let flood = tokio::spawn(async move {
        while hub.counts().v1 > 0 {
            for _ in 0..20 {
                hub.broadcast_to_project(&"alpha".into(), &message);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    tokio::time::timeout(crate::ws_client::PATIENCE, flood)
        .await
        .expect("the deaf client is closed")
        .unwrap();
    assert!([4001, 1006].contains(&client.close_code().await));
}

#[tokio::test]
async fn large_results_wait_as_names_of_their_rows_and_come_whole_and_in_order() {
    // Room for one row at a time, of all sockets together.
    let server = TestServer::with(|config| config.http.buffered_bytes = 1 << 20).await;
    server.make_project("alpha").await;
    let prompt = "x".repeat(250 << 10);
    let mut clients = Vec::new();
    for number in 0..3 {
        let title = format!("Task {number}");
        let new = json!({"title": title, "prompt": prompt});
        let task = server.post("/api/projects/alpha/tasks", new).await.ok();
        clients.push((Client::live(&server, &[]).await, task["id"].clone()));
    }
    for (client, task) in &mut clients {
        for priority in 1..=12 {
            let args =
                json!({"project_id": "alpha", "task": task, "patch": {"priority": priority}});
            let id = format!("{}-{priority}", task.as_str().unwrap());
            let data = json!({"id": id, "op": "update_task", "args": args});
            client.send(json!({"type": "sys.cmd", "data": data})).await;
        }
    }
    let readings = clients.iter_mut().map(|(client, task)| async {
        for priority in 1..=12 {
            let result = client.expect("sys.result").await;
            assert_eq!(
                result["id"],
                format!("{}-{priority}", task.as_str().unwrap())
            );
            assert_eq!(result["ok"], true, "{}", result["error"]);
            assert_eq!(result["result"]["prompt"], prompt);
            // A row is as it is when it is read.
            assert!(result["result"]["priority"].as_u64().unwrap() >= priority);
        }
    });
    join_all(readings).await;
}
