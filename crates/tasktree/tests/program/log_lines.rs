//! The server's own log: it contains what callers send, and they cannot forge lines.
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::server::{PATIENCE, Server};

/// Beginning of a forged line, after a line break, an escape sequence, or both.
const FORGED: &str = "2020-01-01T00:00:00.000000Z  INFO forged: everything is fine";

/// The first of [`hostile`] as the log shows it.
const QUOTED: &str = r"innocent\n2020-01-01T00:00:00.000000Z  INFO forged";

/// Log filter that lets everything through.
const ALL: &str = "tasktree=trace,tower_http=trace";

/// Starts a server with its log in this format.
async fn start(format: &str, rust_log: &str) -> Server {
    let folder = std::env::temp_dir();
    Server::in_memory(&folder, &["--log-format", format], rust_log).await
}

/// Opens a connection on which nothing was sent yet.
async fn connect(server: &Server) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let mut request = server
        .url("/ws/updates")
        .replace("http://", "ws://")
        .into_client_request()
        .unwrap();
    let v1 = "board.v1".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", v1);
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

/// Sends hostile texts wherever a caller can send one.
async fn provoke(server: &Server, text: &str) {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let project = json!({"id": "alpha", "name": "alpha"});
    for (method, path, body) in [
        (Method::POST, "/api/projects", project),
        (
            Method::POST,
            "/api/projects",
            json!({"id": text, "name": text}),
        ),
        (
            Method::POST,
            "/api/projects/alpha/tasks",
            json!({"title": text}),
        ),
        (
            Method::POST,
            "/api/projects/alpha/agents",
            json!({"id": text}),
        ),
        (
            Method::POST,
            "/api/projects/alpha/logs",
            json!({"lines": [text]}),
        ),
        (
            Method::PUT,
            "/api/projects/alpha/tasks/1",
            json!({"branch": text}),
        ),
    ] {
        let request = server.http.request(method, server.url(path)).json(&body);
        request.send().await.unwrap();
    }
    for path in [
        format!("/api/projects/{encoded}/tasks?title={encoded}"),
        format!("/{encoded}"),
    ] {
        for (header, value) in [
            ("origin", format!("http://{encoded}")),
            ("host", format!("{encoded}.example")),
            ("idempotency-key", encoded.clone()),
            ("user-agent", encoded.clone()),
        ] {
            let request = server.http.get(server.url(&path)).header(header, value);
            request.send().await.unwrap();
        }
    }
    let mut socket = connect(server).await;
    let hello = json!({"type": "sys.hello", "data": {"client": text, "subs": [{"stream": text}], "caps": [text]}});
    for frame in [
        hello,
        json!({"type": text, "data": {"id": text}}),
        json!({"type": "sys.subscribe", "data": {"id": text, "stream": text}}),
        json!({"type": "sys.cmd", "data": {"id": text, "op": text, "args": {}}}),
    ] {
        socket.send(Message::text(frame.to_string())).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
        assert!(answer["type"].is_string(), "{answer}");
    }
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
}

fn hostile() -> [String; 3] {
    [
        format!("innocent\n{FORGED}"),
        format!("innocent\r\n\u{1b}[2K{FORGED}"),
        format!("innocent\u{2028}\u{202e}\u{85}\0{FORGED}"),
    ]
}

#[tokio::test]
async fn a_text_log_has_a_line_an_event_and_no_control_character() {
    let server = start("text", ALL).await;
    for text in hostile() {
        provoke(&server, &text).await;
    }
    let log = server.end().await;
    assert!(log.contains(QUOTED), "nothing hostile was logged:\n{log}");
    for line in log.lines() {
        let stamp = line.split_whitespace().next().unwrap_or_default();
        assert!(
            stamp.len() == FORGED.find(' ').unwrap()
                && stamp.starts_with("20")
                && stamp.ends_with('Z'),
            "no line of the server's: {line:?}"
        );
        assert!(!line.starts_with(FORGED), "{line:?}");
        let odd = |letter: char| letter.is_control() || "\u{2028}\u{202e}".contains(letter);
        assert!(!line.contains(odd), "{line:?}");
    }
}

#[tokio::test]
async fn a_json_log_has_an_object_a_line() {
    let server = start("json", ALL).await;
    for text in hostile() {
        provoke(&server, &text).await;
    }
    let log = server.end().await;
    assert!(log.contains(QUOTED), "nothing hostile was logged:\n{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert!(
            event["timestamp"].is_string() && event["level"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn what_is_logged_about_a_connection_names_its_session() {
    let server = start("json", "info").await;
    let mut socket = connect(&server).await;
    let hello = json!({"type": "sys.hello", "data": {"client": "a test", "subs": []}});
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let welcome = socket.next().await.unwrap().unwrap();
    let welcome: Value = serde_json::from_str(welcome.to_text().unwrap()).unwrap();
    let session = &welcome["data"]["session"];
    drop(socket);
    // It has ended once it is no longer counted.
    let begun = Instant::now();
    while server.get("/health").await["connections"] != 0 {
        assert!(begun.elapsed() < PATIENCE, "the end is not noticed");
        sleep(Duration::from_millis(20)).await;
    }
    let log = server.end().await;
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let of_it: Vec<_> = lines
        .filter(|line| [&line["fields"]["session"], &line["span"]["session"]].contains(&session))
        .map(|line| line["fields"]["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(of_it, ["connected", "hello", "disconnected"]);
}

#[tokio::test]
async fn what_is_not_offered_is_no_error_of_the_server() {
    let server = start("text", "info").await;
    let project = json!({"id": "alpha", "name": "alpha"});
    for (path, status) in [
        ("/api/projects", 200),
        ("/api/projects/alpha/generate-plan", 501),
        ("/api/projects/alpha/generate-task-breakdown", 501),
        ("/api/orchestrator/start?project_id=alpha", 501),
    ] {
        let request = server.http.post(server.url(path)).json(&project);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
    let log = server.end().await;
    assert!(!log.contains("ERROR"), "{log}");
}
