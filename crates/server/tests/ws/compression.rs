//! permessage-deflate on the wire: negotiated, understood, used, and refused where it is abused.

use crate::support::TestServer;
use crate::ws_client::{Client, change_task, make_task};
use crate::ws_raw::{CONTINUATION, RawClient, TEXT, bomb, deflate};
use serde_json::{Value, json};
use tasktree_server::store::LoggedEvent;

/// Offer of a browser.
const OFFER: Option<&str> = Some("permessage-deflate; client_max_window_bits");

/// Returns the log of `alpha`, as the store has it.
async fn log(server: &TestServer) -> Vec<Value> {
    let service = &server.state.service;
    let log = service.read_events(&"alpha".into(), 0, 2_000).await;
    let events = log.expect("the store answers").events;
    let event = |event: &LoggedEvent| serde_json::from_slice(&event.v1).expect("events are JSON");
    events.iter().map(event).collect()
}

/// Reads these events, in order. Returns the compressed frames' bytes on the wire and the bytes of
/// their JSON.
async fn read_events(client: &mut RawClient, expected: &[Value]) -> (usize, usize) {
    let compressing = !client.extensions.is_empty();
    let (mut seen, mut wire, mut json) = (0, 0, 0);
    while seen < expected.len() {
        let frame = client.frame().await.expect("the connection stays open");
        let text = frame.text();
        let mut message: Value = serde_json::from_str(&text).expect("frames are JSON");
        let events = match message.pointer_mut("/data/events") {
            Some(events) => std::mem::take(events.as_array_mut().expect("a list")),
            None => vec![message],
        };
        for event in events {
            assert_eq!(event, expected[seen]);
            seen += 1;
        }
        if frame.compressed {
            wire += frame.wire;
            json += text.len();
        }
        assert_eq!(
            frame.compressed,
            compressing && text.len() >= 512,
            "what is short gains nothing: {} bytes",
            text.len()
        );
    }
    (wire, json)
}

#[tokio::test]
async fn a_client_that_asks_for_compression_gets_it_and_one_that_does_not_does_not() {
    let server = TestServer::with_project().await;
    let agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    let cases = [
        (OFFER, agreed),
        (Some("permessage-deflate"), agreed),
        (
            Some("permessage-deflate; server_max_window_bits=9, permessage-deflate"),
            agreed,
        ),
        // A window that the server cannot promise.
        (Some("permessage-deflate; server_max_window_bits=9"), ""),
        (Some("x-webkit-deflate-frame"), ""),
        (None, ""),
    ];
    for (offer, answer) in cases {
        assert_eq!(
            RawClient::connect(&server, offer).await.extensions,
            answer,
            "{offer:?}"
        );
    }
}

#[tokio::test]
async fn a_burst_comes_compressed_and_every_event_is_right() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "busy").await;
    let mut client = RawClient::live(&server, OFFER).await;
    let mut plain = RawClient::live(&server, None).await;
    change_task(&server, "alpha", &task, 1_999).await;
    let log = log(&server).await;
    assert_eq!(log.len(), 2_000);
    // Both clients became live when the task existed already.
    let burst = &log[1..];
    let (wire, json) = read_events(&mut client, burst).await;
    assert!(
        wire > 0 && wire * 3 < json,
        "{wire} bytes for {json} bytes of JSON"
    );
    assert_eq!(read_events(&mut plain, burst).await, (0, 0));
}

#[tokio::test]
async fn a_compressed_command_is_understood_whole_or_in_pieces() {
    let server = TestServer::with_project().await;
    let task = make_task(&server, "alpha", "one").await;
    let mut client = RawClient::live(&server, OFFER).await;
    for number in 0..20 {
        let title = format!("{number} {}", "title ".repeat(20));
        let args = json!({"project_id": "alpha", "task": task.id, "patch": {"title": title}});
        let command = json!({"type": "sys.cmd", "data": {"id": format!("c-{number}"), "op": "update_task", "args": args}});
        if number % 2 == 0 {
            client.send_compressed(&command).await;
        } else {
            // The bit is set on the first piece only (RFC 7692, 6.1).
            let payload = deflate(command.to_string().as_bytes());
            let (first, rest) = payload.split_at(payload.len() / 2);
            client.send_frame(TEXT, false, true, first).await;
            client.send_frame(CONTINUATION, true, false, rest).await;
        }
        let mut kinds = Vec::new();
        while kinds.len() < 2 {
            let frame = client.frame().await.expect("an answer");
            let frame: Value = serde_json::from_str(&frame.text()).unwrap();
            match frame["type"].as_str() {
                Some("sys.result") => assert_eq!(frame["data"]["ok"], true, "{frame}"),
                _ => assert_eq!(frame["data"]["title"], title.trim_end(), "{frame}"),
            }
            kinds.push(frame["type"].clone());
        }
        assert_ne!(kinds[0], kinds[1], "one answer and one event: {kinds:?}");
    }
}

#[tokio::test]
async fn what_is_compressed_wrongly_closes_its_sender_and_nobody_else() {
    let server = TestServer::with_project().await;
    let mut neighbour = Client::live(&server, &["alpha"]).await;
    let ping = deflate(br#"{"type":"sys.ping","data":{"n":1}}"#);
    let large = deflate("x".repeat((64 << 10) + 1).as_bytes());
    let cases: [(&str, Option<&str>, &[u8], u16); 4] = [
        ("no deflate at all", OFFER, &[0xff; 40], 1011),
        (
            "not UTF-8 inside",
            OFFER,
            &deflate(&[b'"', 0xff, b'"']),
            1007,
        ),
        ("one byte over the limit inside", OFFER, &large, 1009),
        ("compressed though nothing was agreed", None, &ping, 1002),
    ];
    for (what, offer, payload, code) in cases {
        let mut client = RawClient::live(&server, offer).await;
        client.send_frame(TEXT, true, true, payload).await;
        assert_eq!(client.close_code().await, code, "{what}");
    }
    make_task(&server, "alpha", "one").await;
    neighbour.expect("task_created").await;
}

#[tokio::test]
async fn a_decompression_bomb_is_refused_before_it_takes_memory_and_a_neighbour_notices_nothing() {
    const INFLATED: usize = 48 << 20;
    let server = TestServer::with_project().await;
    let mut neighbour = Client::live(&server, &["alpha"]).await;
    let bomb = bomb(INFLATED);
    assert!(bomb.len() < 60 << 10, "{} bytes fit a frame", bomb.len());
    let (whole, pieces) = (
        RawClient::live(&server, OFFER),
        RawClient::live(&server, OFFER),
    );
    let (mut whole, mut pieces) = (whole.await, pieces.await);
    let before = peak_memory();
    whole.send_frame(TEXT, true, true, &bomb).await;
    assert_eq!(whole.close_code().await, 1009);
    let (first, rest) = bomb.split_at(bomb.len() / 2);
    pieces.send_frame(TEXT, false, true, first).await;
    pieces.send_frame(CONTINUATION, true, false, rest).await;
    assert_eq!(pieces.close_code().await, 1009);
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < INFLATED / 4, "memory grew by {grown} bytes");
    make_task(&server, "alpha", "one").await;
    neighbour.expect("task_created").await;
}

/// Returns the peak memory of this process in bytes, if the system reports it.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse::<usize>().ok());
    kib.unwrap_or(0) * 1024
}
