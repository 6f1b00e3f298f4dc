//! HTTP connections: a client that sends slowly, reads nothing or finds no room does not hold up
//! the others.

use std::time::Duration;

use crate::support::TestServer;
use crate::ws_client::{Client, PATIENCE, make_task};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// A deadline that soon passes.
const SOON: Duration = Duration::from_millis(200);

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Reads everything until the server closes the connection: the head, and the body as JSON.
async fn until_closed(mut stream: TcpStream) -> (String, Value) {
    let mut text = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut text))
        .await
        .expect("the server closes the connection")
        .unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    (
        head.to_owned(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Returns a connection that was answered, as soon as there is room for it.
async fn admitted(server: &TestServer) -> TcpStream {
    let admitted = async {
        loop {
            let mut stream = connect(server).await;
            let mut start = [0; 12];
            let sent = stream.write_all(HEALTH).await;
            if sent.is_ok()
                && stream.read_exact(&mut start).await.is_ok()
                && &start == b"HTTP/1.1 200"
            {
                return stream;
            }
        }
    };
    timeout(PATIENCE, admitted).await.expect("there is room")
}

#[tokio::test]
async fn a_header_that_does_not_come_in_time_ends_the_connection() {
    let server = TestServer::with(|config| config.http.header_timeout = SOON).await;
    let silent = connect(&server).await;
    let mut slow = connect(&server).await;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: local")
        .await
        .unwrap();
    let mut idle = connect(&server).await;
    idle.write_all(HEALTH).await.unwrap();
    assert_eq!(until_closed(silent).await.0, "");
    assert_eq!(until_closed(slow).await.0, "");
    // A connection that had its answer, and sends no other request.
    let (head, body) = until_closed(idle).await;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(body["status"], "ok");
    server.get("/health").await.ok();
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_refused_and_changes_nothing() {
    let server = TestServer::with(|config| config.http.body_timeout = SOON).await;
    server.make_project("alpha").await;
    for path in ["/api/projects/alpha/tasks", "/api/session"] {
        let mut slow = connect(&server).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n\
             content-type: application/json\r\ncontent-length: 20\r\n\r\n"
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        slow.write_all(br#"{"title": "#).await.unwrap();
        let (head, body) = until_closed(slow).await;
        assert!(head.starts_with("HTTP/1.1 408 "), "{path}: {head}");
        assert_eq!(
            body["detail"],
            "The request body was not received in time; nothing was changed"
        );
    }
    assert_eq!(
        server.get("/api/projects/alpha/tasks").await.json(),
        json!([])
    );
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_websockets_do_not_count() {
    let server = TestServer::with(|config| config.http.max_connections = 2).await;
    // The first of the two permits, which the client keeps.
    server.make_project("alpha").await;
    let mut live = Client::live(&server, &["alpha"]).await;
    // The permit of a connection that became a WebSocket is free once the server has noticed.
    let second = admitted(&server).await;
    let (head, body) = until_closed(connect(&server).await).await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert!(head.contains("retry-after: 1"), "{head}");
    assert_eq!(body["detail"], "Too many connections; try again later");
    // Earlier clients do not notice.
    make_task(&server, "alpha", "one").await;
    live.expect("task_created").await;
    let metrics = server.get("/metrics").await.text;
    assert!(metrics.contains("tasktree_http_connections 2"), "{metrics}");
    assert!(metrics.contains("tasktree_connections_sent_away_total"));
    assert!(!metrics.contains("tasktree_connections_sent_away_total 0"));
    drop(second);
    admitted(&server).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_does_not_read_the_answer_loses_the_connection() {
    let server = TestServer::with(|config| config.http.unread_timeout = SOON).await;
    server.make_project("alpha").await;
    let long = json!({"title": "One", "description": "x".repeat(60_000)});
    server
        .send(Method::POST, "/api/projects/alpha/tasks", Some(long))
        .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let asked = b"GET /api/projects/alpha/tasks HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let cut = async {
        // Sends request after request, and reads none of the answers.
        while stream.write_all(asked).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, cut)
        .await
        .expect("the connection is closed");
    server.get("/health").await.ok();
}
