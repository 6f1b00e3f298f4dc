//! The webhook for attention items, with a real receiver.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tasktree_server::config::AttentionWebhook;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::{AGENTS, TestServer};
use crate::ws_client::{Client, PATIENCE, until};

const SECRET: &str = "correct-horse";

/// Request that the receiver got.
#[derive(Debug)]
struct Got {
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

#[derive(Clone, Debug)]
struct Shared {
    got: mpsc::UnboundedSender<Got>,
    /// Answers to the next requests; after them, all is well.
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
}

/// A receiver of webhooks.
struct Receiver {
    address: String,
    got: mpsc::UnboundedReceiver<Got>,
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = shared.answers.lock().unwrap().pop_front();
    shared.got.send(Got { headers, body }).unwrap();
    match answer.unwrap_or(StatusCode::OK) {
        StatusCode::SEE_OTHER => Redirect::to("/elsewhere").into_response(),
        answer => answer.into_response(),
    }
}

impl Receiver {
    async fn start(answers: &[StatusCode]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, got) = mpsc::unbounded_channel();
        let shared = Shared {
            got: sender,
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
        };
        let router = Router::new().fallback(receive).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, got }
    }

    async fn next(&mut self) -> Got {
        let got = tokio::time::timeout(PATIENCE, self.got.recv()).await;
        got.expect("a request comes").unwrap()
    }
}

async fn server(address: &str, always: bool) -> TestServer {
    let url = address.parse().unwrap();
    let server = TestServer::with(|config| {
        config.attention_webhook = Some(AttentionWebhook {
            url,
            secret: Some(SECRET.parse().unwrap()),
            always,
        });
    })
    .await;
    server.make_project("alpha").await;
    server
}

async fn asks(server: &TestServer, agent: &str, text: &str) {
    server.post(AGENTS, json!({"id": agent})).await.ok();
    let wait = json!({"kind": "question", "text": text});
    let path = format!("{AGENTS}/{agent}");
    server.put(&path, json!({"waiting_for": wait})).await.ok();
}

/// Returns the HMAC-SHA256 that `openssl` computes.
fn openssl(text: &[u8]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut program = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(text).unwrap();
    let printed = program.wait_with_output().unwrap().stdout;
    let printed = String::from_utf8(printed).unwrap();
    printed.trim().rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_item_is_sent_signed_and_in_words() {
    let mut receiver = Receiver::start(&[]).await;
    let server = server(&receiver.address, false).await;
    asks(&server, "ada", "Which one?").await;
    let got = receiver.next().await;
    let body = got.json();
    let text = body["text"].as_str().unwrap();
    assert!(
        text.starts_with("[alpha] ada asks: Which one?\nhttp://127.0.0.1:"),
        "{text}"
    );
    assert!(text.ends_with("/p/alpha"), "{text}");
    assert_eq!(body["event"], "attention_opened");
    assert_eq!(body["item"]["kind"], "waiting");
    assert_eq!(
        got.header("tasktree-delivery"),
        body["item"]["id"].to_string()
    );
    assert_eq!(got.header("content-type"), "application/json");
    let mut signed = got.header("tasktree-timestamp").as_bytes().to_vec();
    signed.push(b'.');
    signed.extend_from_slice(&got.body);
    let expected = format!("sha256={}", openssl(&signed));
    assert_eq!(got.header("tasktree-signature"), expected);
}

#[tokio::test]
async fn a_failing_receiver_gets_it_again_and_holds_nothing_up() {
    let answers = [
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    let mut receiver = Receiver::start(&answers).await;
    let server = server(&receiver.address, false).await;
    asks(&server, "ada", "First?").await;
    let first = receiver.next().await;
    // While the receiver fails, the server goes on.
    asks(&server, "bob", "Second?").await;
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!(
            again.header("tasktree-delivery"),
            first.header("tasktree-delivery")
        );
    }
    assert_eq!(receiver.next().await.json()["item"]["agent"], "bob");
}

#[tokio::test]
async fn a_refused_item_and_a_redirect_are_not_repeated() {
    let answers = [StatusCode::NOT_FOUND, StatusCode::SEE_OTHER];
    let mut receiver = Receiver::start(&answers).await;
    let server = server(&receiver.address, false).await;
    for agent in ["ada", "bob", "cleo"] {
        asks(&server, agent, "Which?").await;
        let got = receiver.next().await;
        assert_eq!(got.json()["item"]["agent"], agent);
    }
    until("all are settled", || receiver.got.is_empty()).await;
    let metrics = server.get("/metrics").await.text;
    assert!(
        metrics.contains(r#"tasktree_webhook_items_total{outcome="failed"} 2"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn an_item_whose_cause_ends_before_it_is_sent_is_not_sent() {
    let answers = [StatusCode::SERVICE_UNAVAILABLE; 2];
    let mut receiver = Receiver::start(&answers).await;
    let server = server(&receiver.address, false).await;
    asks(&server, "ada", "First?").await;
    receiver.next().await;
    let path = format!("{AGENTS}/ada");
    server.put(&path, json!({"status": "running"})).await.ok();
    asks(&server, "bob", "Second?").await;
    let mut got = receiver.next().await;
    if got.json()["item"]["agent"] == "ada" {
        // It was on its way already.
        got = receiver.next().await;
    }
    assert_eq!(got.json()["item"]["agent"], "bob");
}

#[tokio::test]
async fn nothing_is_sent_while_a_person_has_a_page_open_unless_always() {
    for always in [false, true] {
        let mut receiver = Receiver::start(&[]).await;
        let server = server(&receiver.address, always).await;
        let page = Client::live(&server, &["*"]).await;
        asks(&server, "ada", "While open?").await;
        if always {
            assert_eq!(receiver.next().await.json()["item"]["agent"], "ada");
            continue;
        }
        let shown = r#"tasktree_webhook_items_total{outcome="shown"} 1"#;
        while !server.get("/metrics").await.text.contains(shown) {}
        page.cut();
        let hub = &server.state.hub;
        until("the page is gone", || hub.counts().total() == 0).await;
        asks(&server, "bob", "Afterwards?").await;
        assert_eq!(receiver.next().await.json()["item"]["agent"], "bob");
    }
}

#[tokio::test]
async fn a_server_that_ends_sends_what_waits() {
    let mut receiver = Receiver::start(&[StatusCode::SERVICE_UNAVAILABLE]).await;
    let server = server(&receiver.address, false).await;
    asks(&server, "ada", "Which?").await;
    let first = receiver.next().await;
    server.stop().await;
    let again = receiver.next().await;
    assert_eq!(
        again.header("tasktree-delivery"),
        first.header("tasktree-delivery")
    );
}
