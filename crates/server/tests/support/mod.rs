//! A real server for tests: real sockets on a port of the system's choice, the real store in
//! memory, nothing mocked.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use rust_embed::RustEmbed;
use serde_json::{Value, json};
use tasktree_server::assets::Assets;
use tasktree_server::config::{Config, Database};
use tasktree_server::http::AppState;
use tasktree_server::server::Server;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Path of the agents of the project that [`TestServer::with_project`] creates.
pub const AGENTS: &str = "/api/projects/alpha/agents";

/// A board, so that tests do not depend on a build of the real one.
#[derive(RustEmbed)]
#[folder = "tests/board"]
struct Board;

/// A running server. It ends when it is dropped; [`TestServer::stop`] waits until it has.
#[derive(Debug)]
pub struct TestServer {
    pub address: SocketAddr,
    pub state: AppState,
    pub client: Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server with the settings of a first start, and nothing in it.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts a server with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(([127, 0, 0, 1], 0).into(), Database::Memory);
        change(&mut config);
        let server = Server::bind(config, Assets::embedded::<Board>())
            .await
            .expect("the server starts");
        let (address, state) = (server.address(), server.state().clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self {
            address,
            state,
            client,
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// Starts a server with one empty project, `alpha`.
    pub async fn with_project() -> Self {
        let server = Self::start().await;
        server.make_project("alpha").await;
        server
    }

    /// Asks the server to end, as a signal would, and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(running) = self.running.take() {
            running.await.expect("the server does not panic");
        }
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the URL of a socket.
    pub fn socket_url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// Returns a request that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a request, with a JSON body or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await.expect("the server answers")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Sends bytes as a file.
    pub async fn post_bytes(&self, path: &str, bytes: Vec<u8>) -> Answer {
        let request = self.request(Method::POST, path).body(bytes);
        Answer::of(request.send().await.expect("the server answers")).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Creates a project.
    pub async fn make_project(&self, id: &str) -> Value {
        self.post("/api/projects", json!({"id": id, "name": id}))
            .await
            .ok()
    }

    /// Returns the types and actors of all events of `alpha` so far.
    pub async fn events(&self) -> Vec<(String, String)> {
        let page = self.get("/api/projects/alpha/events").await.ok();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        page["events"]
            .as_array()
            .expect("a page has events")
            .iter()
            .map(|event| (text(&event["type"]), text(&event["actor"])))
            .collect()
    }

    /// Creates a task in a project and returns it.
    pub async fn make_task(&self, project: &str, title: &str) -> Value {
        self.post(
            &format!("/api/projects/{project}/tasks"),
            json!({"title": title}),
        )
        .await
        .ok()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.expect("the answer is text"),
        }
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Returns the body of a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Returns the `detail` of a refusal with that status.
    pub fn refused(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()["detail"].clone()
    }

    /// Returns a header's text; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }
}
