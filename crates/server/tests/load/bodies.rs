//! Request bodies: a bounded part of them waits in memory, for all callers and for each.

use serde_json::json;
use tasktree_server::auth::Principal;
use tasktree_server::config::SignIn;
use tasktree_server::domain::NewToken;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Answer, TestServer};
use crate::ws_client::{PATIENCE, write};

/// Bytes of a body that are sent and not followed by the rest.
const PART: usize = 256 << 10;

/// Starts a server with a project, on which everybody signs in, with little room for bodies.
async fn server() -> TestServer {
    let server = TestServer::with(|config| {
        config.sign_in = Some(SignIn::Required);
        config.http.received_bytes = 2 << 20;
        config.http.received_bytes_per_caller = 1 << 20;
    })
    .await;
    let new = tasktree_protocol::project::NewProject::new("alpha", "alpha");
    let made = server.state.service.create_project(write(), new).await;
    made.unwrap();
    server
}

async fn token(server: &TestServer, name: &str, role: &str) -> String {
    let new = NewToken {
        name: name.into(),
        person: None,
        role: serde_json::from_value(json!(role)).unwrap(),
        project: None,
    };
    let by = Principal::server();
    let (_, secret) = server.state.accounts.make_token(&by, new).await.unwrap();
    secret.reveal().to_owned()
}

/// Sends the head of an import and the first part of its body; returns the connection.
async fn begin_import(server: &TestServer, secret: &str, announced: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/projects/alpha/import HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: {announced}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; PART]).await.unwrap();
    stream
}

/// Reads the status of the answer.
async fn status(stream: &mut TcpStream) -> String {
    let mut start = [0; 12];
    let read = timeout(PATIENCE, stream.read_exact(&mut start)).await;
    read.expect("the server answers").unwrap();
    String::from_utf8_lossy(&start).into_owned()
}

async fn import(server: &TestServer, secret: &str, bytes: usize) -> Answer {
    let mut body = json!({"tasks": []}).to_string();
    body.push_str(&" ".repeat(bytes - body.len()));
    let request = server
        .request(reqwest::Method::POST, "/api/projects/alpha/import")
        .header("content-type", "application/json")
        .bearer_auth(secret)
        .body(body);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn bodies_that_are_not_finished_take_room_for_what_came_and_give_it_back() {
    let server = server().await;
    let (ann, bob) = (
        token(&server, "ann", "editor").await,
        token(&server, "bob", "editor").await,
    );
    let mut slow = Vec::new();
    for _ in 0..3 {
        // They announce far more than there is room for.
        slow.push(begin_import(&server, &ann, 16 << 20).await);
    }
    let refused = loop {
        let answer = import(&server, &ann, 900 << 10).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.text.contains("of your"), "{}", refused.text);
    // Others have their share, and small bodies are not counted.
    assert_eq!(import(&server, &bob, 900 << 10).await.status, 200);
    assert_eq!(import(&server, &ann, 10 << 10).await.status, 200);
    drop(slow);
    while import(&server, &ann, 900 << 10).await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_for_which_there_is_no_room_is_refused_while_it_comes() {
    let server = server().await;
    let ann = token(&server, "ann", "editor").await;
    let mut stream = begin_import(&server, &ann, 16 << 20).await;
    // The server reads on, so that its answer is not lost with a reset connection.
    stream.write_all(&vec![b' '; 4 << 20]).await.unwrap();
    assert_eq!(status(&mut stream).await, "HTTP/1.1 503");
}

#[tokio::test]
async fn an_import_of_who_may_not_is_refused_before_its_body_is_read() {
    let server = server().await;
    let viewer = token(&server, "vi", "viewer").await;
    for _ in 0..20 {
        let mut stream = begin_import(&server, &viewer, 16 << 20).await;
        assert_eq!(status(&mut stream).await, "HTTP/1.1 403");
    }
    let mut stream = begin_import(&server, "wrong-secret", 16 << 20).await;
    assert_eq!(status(&mut stream).await, "HTTP/1.1 401");
}
