//! Faults of a client and their consequences: for it, and never for its neighbors.

use std::time::{Duration, Instant};

use crate::support::TestServer;
use crate::ws_client::{Client, make_task, until};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Returns a text frame that is not UTF-8.
fn broken_text() -> Message {
    Message::Frame(Frame::message(
        vec![b'"', 0xff, 0xfe, b'"'],
        OpCode::Data(Data::Text),
        true,
    ))
}

#[tokio::test]
async fn a_frame_that_cannot_be_understood_is_answered_and_the_connection_goes_on() {
    let server = TestServer::with_project().await;
    let mut neighbour = Client::live(&server, &["alpha"]).await;
    let mut client = Client::live(&server, &["alpha"]).await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_data = format!(
        r#"{{"type":"sys.ping","data":{}1{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let cases: [(&str, Option<&str>); 14] = [
        ("", None),
        ("{", None),
        ("not JSON", None),
        ("[]", None),
        ("17", None),
        ("null", None),
        (r#"{"data":{}}"#, None),
        (r#"{"type":7}"#, None),
        (r#"{"type":"sys.unheard_of","data":{"id":"x"}}"#, Some("x")),
        (
            r#"{"type":"sys.subscribe","data":{"id":"y","stream":5}}"#,
            Some("y"),
        ),
        (
            r#"{"type":"sys.cmd","data":{"id":"z","op":"launch","args":{}}}"#,
            Some("z"),
        ),
        (r#"{"type":"sys.hello","data":{"client":"again"}}"#, None),
        (&deep, None),
        (&deep_data, None),
    ];
    for (text, id) in cases {
        client.send_raw(Message::text(text)).await;
        let error = client.expect("sys.error").await;
        assert_eq!(error["code"], "invalid", "{text:.80}: {error}");
        assert_eq!(error["id"].as_str(), id, "{text:.80}: {error}");
        assert!(error["message"].as_str().unwrap().len() < 300, "{error}");
    }
    make_task(&server, "alpha", "one").await;
    client.expect("task_created").await;
    neighbour.expect("task_created").await;
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_closes_with_its_code_and_a_neighbour_notices_nothing() {
    let server = TestServer::with_project().await;
    let mut neighbour = Client::live(&server, &["alpha"]).await;
    let large = Message::text(format!(
        r#"{{"type":"sys.ping","data":{{"n":1,"x":"{}"}}}}"#,
        "a".repeat(1 << 20)
    ));
    let continuation = Message::Frame(Frame::message(
        vec![b'x'],
        OpCode::Data(Data::Continue),
        true,
    ));
    let cases = [
        ("binary", Message::binary(vec![1, 2, 3]), 4501),
        ("not UTF-8", broken_text(), 1007),
        ("1 MB", large, 1009),
        ("a continuation of nothing", continuation, 1002),
    ];
    for (what, message, code) in cases {
        let mut client = Client::live(&server, &["alpha"]).await;
        client.send_raw(message).await;
        assert_eq!(client.close_code().await, code, "{what}");
    }
    let mut legacy = Client::legacy(&server).await;
    legacy.send_raw(broken_text()).await;
    assert_eq!(legacy.close_code().await, 1007);
    make_task(&server, "alpha", "one").await;
    neighbour.expect("task_created").await;
    until("the others are forgotten", || {
        server.state.hub.counts().total() == 1
    })
    .await;
}

#[tokio::test]
async fn a_frame_of_exactly_the_limit_is_read() {
    let server = TestServer::with_project().await;
    let mut client = Client::live(&server, &[]).await;
    let frame = |length: usize| {
        let empty = json!({"type": "sys.ping", "data": {"n": 1, "x": ""}}).to_string();
        let text =
            json!({"type": "sys.ping", "data": {"n": 1, "x": "a".repeat(length - empty.len())}})
                .to_string();
        assert_eq!(text.len(), length);
        Message::text(text)
    };
    client.send_raw(frame(64 << 10)).await;
    client.expect("sys.pong").await;
    client.send_raw(frame((64 << 10) + 1)).await;
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn before_hello_nothing_else_is_taken_and_without_hello_the_connection_is_closed() {
    let server =
        TestServer::with(|config| config.sockets.hello_timeout = Duration::from_millis(200)).await;
    server.make_project("alpha").await;
    let mut client = Client::v1(&server).await;
    client
        .send(json!({"type": "sys.subscribe", "data": {"id": "1", "stream": "alpha"}}))
        .await;
    assert_eq!(client.expect("sys.error").await["code"], "invalid");
    assert_eq!(server.state.hub.subscriber_count(&"alpha".into()), 0);
    let began = Instant::now();
    assert_eq!(client.close_code().await, 4008);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_client_that_does_not_answer_a_ping_is_closed_and_one_that_does_is_not() {
    let server = TestServer::with(|config| {
        config.sockets.ping_interval = Duration::from_millis(200);
        config.sockets.pong_timeout = Duration::from_millis(100);
    })
    .await;
    let mut silent = Client::live(&server, &[]).await;
    let mut answering = Client::live(&server, &[]).await;
    for _ in 0..3 {
        let ping = answering.expect("sys.ping").await;
        answering
            .send(json!({"type": "sys.pong", "data": {"n": ping["n"]}}))
            .await;
    }
    assert_eq!(silent.close_code().await, 4002);
    answering
        .send(json!({"type": "sys.ping", "data": {}}))
        .await;
    loop {
        let frame = answering.next().await;
        if frame["type"] == "sys.pong" {
            break;
        }
    }
}

#[tokio::test]
async fn too_many_frames_close_the_sender_and_nobody_else() {
    let server = TestServer::with(|config| config.sockets.frames_burst = 100).await;
    server.make_project("alpha").await;
    let mut neighbour = Client::live(&server, &["alpha"]).await;
    let mut client = Client::live(&server, &[]).await;
    for number in 0..200 {
        // The last ones may meet a closed socket.
        let ping = json!({"type": "sys.ping", "data": {"n": number}});
        if client.try_send(ping).await.is_err() {
            break;
        }
    }
    assert_eq!(client.close_code().await, 4005);
    make_task(&server, "alpha", "one").await;
    neighbour.expect("task_created").await;
}

#[tokio::test]
async fn the_connection_too_many_is_told_so_and_there_is_room_again_when_one_leaves() {
    let server = TestServer::with(|config| config.sockets.max_connections = 2).await;
    let first = Client::legacy(&server).await;
    let _second = Client::live(&server, &[]).await;
    until("both are counted", || {
        server.state.hub.counts().total() == 2
    })
    .await;
    assert_eq!(Client::v1(&server).await.close_code().await, 4503);
    first.cut();
    until("one has left", || server.state.hub.counts().total() == 1).await;
    Client::live(&server, &[]).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_has_its_share_of_the_connections() {
    let server = TestServer::with(|config| {
        config.sockets.max_connections_per_address = 2;
        config.trusted_proxies.push([127, 0, 0, 1].into());
    })
    .await;
    let come = async |from: &str| {
        let headers = [
            ("sec-websocket-protocol", "board.v1"),
            ("x-forwarded-for", from),
        ];
        let client = Client::connect(&server, "/ws/updates", &headers).await;
        client.expect("the server accepts and closes")
    };
    let _first = come("192.0.2.1").await;
    let second = come("192.0.2.1").await;
    // The client's own statement of its address stands before the proxy's.
    let mut third = come("192.0.2.9, 192.0.2.1").await;
    assert_eq!(third.close_code().await, 4503);
    let _other = come("192.0.2.2").await;
    until("three are counted", || {
        server.state.hub.counts().total() == 3
    })
    .await;
    second.cut();
    until("one has left", || server.state.hub.counts().total() == 2).await;
    let _again = come("192.0.2.1").await;
    until("there was room", || server.state.hub.counts().total() == 3).await;
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_closed_and_any_other_subprotocol_is_legacy() {
    let server = TestServer::with_project().await;
    let offer = |protocols: &'static str| [("sec-websocket-protocol", protocols)];
    let mut newer = Client::connect(&server, "/ws/updates", &offer("board.v2"))
        .await
        .unwrap();
    assert_eq!(newer.close_code().await, 4505);
    let mut both = Client::connect(&server, "/ws/updates", &offer("board.v2, board.v1"))
        .await
        .unwrap();
    both.send(json!({"type": "sys.hello", "data": {}})).await;
    both.expect("sys.welcome").await;
}

#[tokio::test]
async fn a_page_of_another_site_cannot_connect() {
    let server = TestServer::with_project().await;
    for path in ["/ws/updates", "/api/projects/alpha/coordination/live"] {
        for origin in [
            "http://evil.example",
            "null",
            "https://127.0.0.1.evil.example",
        ] {
            match Client::connect(&server, path, &[("origin", origin)]).await {
                Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
                Err(other) => panic!("{origin}: {other}"),
                Ok(_) => panic!("{origin} was let in"),
            }
        }
        let own = format!("http://{}", server.address);
        assert!(
            Client::connect(&server, path, &[("origin", &own)])
                .await
                .is_ok()
        );
    }
    let rebound = Client::connect(&server, "/ws/updates", &[("host", "evil.example")]).await;
    assert!(matches!(rebound, Err(Error::Http(response)) if response.status() == 403));
}

#[tokio::test]
async fn when_the_server_goes_down_everybody_is_told_when_to_come_back() {
    let server =
        TestServer::with(|config| config.sockets.drain_window = Duration::from_millis(200)).await;
    let mut client = Client::live(&server, &[]).await;
    let mut legacy = Client::legacy(&server).await;
    until("both are counted", || {
        server.state.hub.counts().total() == 2
    })
    .await;
    let stopping = tokio::spawn(server.stop());
    let bye = client.expect("sys.bye").await;
    assert_eq!(bye["reconnect_in_ms"], json!([0, 5000]));
    assert_eq!(client.close_code().await, 4000);
    assert_eq!(legacy.close_code().await, 1012);
    stopping.await.unwrap();
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_refused() {
    let server = TestServer::with_project().await;
    let answer = server.get("/ws/updates").await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[tokio::test]
async fn pongs_nobody_asked_for_and_empty_fragments_count_like_other_frames() {
    let server = TestServer::with(|config| config.sockets.frames_burst = 100).await;
    server.make_project("alpha").await;
    let begin = Message::Frame(Frame::message(vec![], OpCode::Data(Data::Text), false));
    let fragment = Message::Frame(Frame::message(vec![], OpCode::Data(Data::Continue), false));
    let kinds = [
        ("pongs", None, Message::Pong(vec![].into())),
        ("pings", None, Message::Ping(vec![].into())),
        ("fragments", Some(begin), fragment),
    ];
    let monitor = "/api/projects/alpha/coordination/live";
    for (what, before, frame) in kinds {
        for socket in ["v1", "legacy", "monitor"] {
            let mut client = match socket {
                "v1" => Client::live(&server, &["alpha"]).await,
                "legacy" => Client::legacy(&server).await,
                _ => Client::connect(&server, monitor, &[]).await.unwrap(),
            };
            for frame in before.iter().chain(std::iter::repeat_n(&frame, 200)) {
                // The last ones may meet a closed socket.
                if client.try_send_raw(frame.clone()).await.is_err() {
                    break;
                }
            }
            assert_eq!(client.close_code().await, 4005, "{what} {socket}");
        }
    }
}

#[tokio::test]
async fn a_message_in_fragments_is_read_and_bounded_as_a_whole() {
    let server = TestServer::with_project().await;
    let mut client = Client::live(&server, &[]).await;
    let part = |text: &str, kind: Data, last: bool| {
        let data = text.as_bytes().to_vec();
        Message::Frame(Frame::message(data, OpCode::Data(kind), last))
    };
    client
        .send_raw(part(r#"{"type":"sys.p"#, Data::Text, false))
        .await;
    client.send_raw(part("", Data::Continue, false)).await;
    client.send_raw(Message::Ping(vec![].into())).await;
    client
        .send_raw(part(r#"ing","data":{"n":7}}"#, Data::Continue, true))
        .await;
    assert_eq!(client.expect("sys.pong").await["n"], 7);
    client
        .send_raw(part(&"a".repeat(40 << 10), Data::Text, false))
        .await;
    client
        .send_raw(part(&"a".repeat(40 << 10), Data::Continue, true))
        .await;
    assert_eq!(client.close_code().await, 1009);
    let mut client = Client::live(&server, &[]).await;
    client.send_raw(part("{", Data::Text, false)).await;
    client.send_raw(part("{", Data::Text, true)).await;
    assert_eq!(client.close_code().await, 1002);
}
