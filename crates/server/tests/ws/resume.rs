//! Reconnects: after a cut a client gets exactly the events that it missed, or is told to fetch a
//! snapshot.

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, from, make_task, position, write};
use serde_json::{Value, json};
use tasktree_protocol::{Cursor, Epoch, ProjectId};

async fn resume(server: &TestServer, cursor: &Cursor) -> (Client, Value) {
    let (client, mut welcome) =
        Client::hello(server, json!([from("alpha", cursor)]), json!(["batch"])).await;
    (client, welcome["subs"][0].take())
}

#[tokio::test]
async fn after_a_cut_exactly_the_missed_events_are_replayed_and_then_it_is_live() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    change_task(&server, "alpha", &task, 10).await;
    client.expect_events("alpha", 1, 5).await;
    client.cut();
    change_task(&server, "alpha", &task, 1200).await;
    let epoch = position(&server, "alpha").await.epoch;
    let (mut client, sub) = resume(&server, &Cursor::new(epoch, 6)).await;
    assert_eq!(
        (&sub["recovered"], &sub["replay"], &sub["seq"]),
        (&json!(true), &json!(1205), &json!(1211))
    );
    client.expect_events("alpha", 6, 1205).await;
    assert_eq!(
        client.expect("sys.live").await,
        json!({"stream": "alpha", "seq": 1211})
    );
    change_task(&server, "alpha", &task, 3).await;
    client.expect_events("alpha", 1211, 3).await;
}

#[tokio::test]
async fn a_client_that_missed_nothing_is_live_at_once() {
    let server = TestServer::with_project().await;
    make_task(&server, "alpha", "one").await;
    let (mut client, sub) = resume(&server, &position(&server, "alpha").await).await;
    assert_eq!(
        (&sub["recovered"], &sub["replay"], &sub["reason"]),
        (&json!(true), &json!(0), &Value::Null)
    );
    assert_eq!(client.expect("sys.live").await["seq"], 1);
}

#[tokio::test]
async fn a_position_that_cannot_be_resumed_is_answered_with_the_reason_and_goes_on_from_now() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    change_task(&server, "alpha", &task, 2500).await;
    let stands = position(&server, "alpha").await;
    let at = |epoch: &Epoch, seq| Cursor::new(epoch.clone(), seq);
    let cases = [
        (at(&Epoch::from("another"), 5), "epoch"),
        (at(&stands.epoch, stands.seq + 1), "future"),
        (at(&stands.epoch, 3), "too_many"),
    ];
    for (cursor, reason) in cases {
        let (mut client, sub) = resume(&server, &cursor).await;
        assert_eq!(
            (&sub["recovered"], &sub["reason"], &sub["seq"]),
            (&json!(false), &json!(reason), &json!(stands.seq))
        );
        assert_eq!(client.expect("sys.live").await["seq"], json!(stands.seq));
    }
    // An epoch means nothing without its seq, and the other way round.
    let (_client, welcome) =
        Client::hello(&server, json!([{"stream": "alpha", "seq": 5}]), json!([])).await;
    assert_eq!(welcome["subs"][0]["reason"], "new");
}

#[tokio::test]
async fn where_the_log_no_longer_goes_back_so_far_the_client_is_told_and_events_after_it_are_complete()
 {
    let server = TestServer::with(|config| config.sockets.max_replay = u64::MAX).await;
    server.make_project("alpha").await;
    let task = make_task(&server, "alpha", "one").await;
    change_task(
        &server,
        "alpha",
        &task,
        tasktree_server::limits::EVENTS_KEPT + 1000,
    )
    .await;
    let stands = position(&server, "alpha").await;
    let (_, sub) = resume(&server, &Cursor::new(stands.epoch.clone(), 5)).await;
    assert_eq!(
        (&sub["recovered"], &sub["reason"]),
        (&json!(false), &json!("trimmed"))
    );
    // The oldest page begins in the middle: a position just after the cut is replayed.
    let kept = stands.seq - tasktree_server::limits::EVENTS_KEPT + 1;
    let (mut client, sub) = resume(&server, &Cursor::new(stands.epoch, kept)).await;
    assert_eq!(sub["recovered"], true, "{sub}");
    client.expect_events("alpha", kept, stands.seq - kept).await;
    client.expect("sys.live").await;
}

#[tokio::test]
async fn subscribing_again_from_a_snapshot_goes_on_exactly_there() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    change_task(&server, "alpha", &task, 20).await;
    client.expect_events("alpha", 1, 20).await;
    let epoch = position(&server, "alpha").await.epoch;
    let cursor = from("alpha", &Cursor::new(epoch, 11));
    client.send(json!({"type": "sys.subscribe", "data": {"id": "again", "stream": "alpha", "epoch": cursor["epoch"], "seq": cursor["seq"]}})).await;
    let answer = client.expect("sys.subscribed").await;
    assert_eq!(
        (&answer["recovered"], &answer["replay"]),
        (&json!(true), &json!(10))
    );
    client.expect_events("alpha", 11, 10).await;
    client.expect("sys.live").await;
}

#[tokio::test]
async fn a_reset_project_is_a_new_epoch_and_connected_clients_are_told() {
    let server = TestServer::with_project().await;
    make_task(&server, "alpha", "one").await;
    let before = position(&server, "alpha").await;
    let mut client = Client::live(&server, &["alpha"]).await;
    server
        .state
        .service
        .reset_project(write(), &ProjectId::from("alpha"))
        .await
        .unwrap();
    let after = position(&server, "alpha").await;
    assert_ne!(before.epoch, after.epoch);
    let resync = client.expect("sys.resync").await;
    assert_eq!(
        resync,
        json!({"stream": "alpha", "epoch": after.epoch, "seq": 0, "reason": "epoch"})
    );
    make_task(&server, "alpha", "first of the new life").await;
    let event = client.next().await;
    assert_eq!(
        (&event["epoch"], &event["seq"]),
        (&json!(after.epoch), &json!(1))
    );
    let (_, sub) = resume(&server, &before).await;
    assert_eq!(sub["reason"], "epoch");
}

#[tokio::test]
async fn a_removed_project_is_said_to_be_gone_and_one_of_the_same_name_is_another() {
    let server = TestServer::with_project().await;
    let mut client = Client::live(&server, &["alpha"]).await;
    server
        .state
        .service
        .delete_project(write(), &ProjectId::from("alpha"))
        .await
        .unwrap();
    let error = client.expect("sys.error").await;
    assert_eq!(
        (&error["id"], &error["code"]),
        (&json!("alpha"), &json!("not_found"))
    );
    server.make_project("alpha").await;
    client
        .send(json!({"type": "sys.subscribe", "data": {"id": "s", "stream": "alpha"}}))
        .await;
    client.expect("sys.subscribed").await;
    client.expect("sys.live").await;
    make_task(&server, "alpha", "one").await;
    client.expect("task_created").await;
}

#[tokio::test]
async fn many_clients_that_come_back_at_once_all_get_what_they_missed() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    change_task(&server, "alpha", &task, 1800).await;
    let epoch = position(&server, "alpha").await.epoch;
    let clients = (0..100).map(|number| {
        let cursor = Cursor::new(epoch.clone(), number * 7);
        let server = &server;
        async move {
            let (mut client, sub) = resume(server, &cursor).await;
            assert_eq!(sub["recovered"], true, "{sub}");
            client
                .expect_events("alpha", cursor.seq, 1801 - cursor.seq)
                .await;
            client.expect("sys.live").await;
        }
    });
    futures_util::future::join_all(clients).await;
}
