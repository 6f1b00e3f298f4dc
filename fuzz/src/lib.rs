//! A server in the fuzzer's process: the real routes over the real store in memory, without a
//! network.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tasktree_server::assets::Assets;
use tasktree_server::config::{Config, Database};
use tasktree_server::server::Server;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// Project that always exists.
pub const PROJECT: &str = "p";
/// Agent that always exists.
pub const AGENT: &str = "ada";

/// Number of inputs after which the server is replaced, so that leftovers of earlier inputs neither
/// fill it up nor slow it down.
const INPUTS: u32 = 300;

/// A server in memory, with its runtime and its task.
pub struct Inside {
    runtime: Runtime,
    router: Router,
    host: String,
    task: String,
    left: u32,
}

impl Default for Inside {
    fn default() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let config = Config::new(([127, 0, 0, 1], 0).into(), Database::Memory);
        let server = runtime
            .block_on(Server::bind(config, Assets::none()))
            .expect("a server in memory starts");
        Self {
            host: server.address().to_string(),
            router: tasktree_server::app::router(server.state().clone()),
            runtime,
            task: String::new(),
            left: INPUTS,
        }
    }
}

impl Inside {
    /// Ensures that the server has a project, a task and an agent, whatever earlier inputs have
    /// deleted.
    pub fn ready(&mut self) {
        if self.left == 0 {
            *self = Self::default();
        }
        self.left = self.left.saturating_sub(1);
        let project = format!("/api/projects/{PROJECT}");
        self.have(
            &project,
            "/api/projects",
            json!({"id": PROJECT, "name": "P"}),
        );
        let (tasks, agents) = (format!("{project}/tasks"), format!("{project}/agents"));
        let task = format!("{tasks}/{}", self.task);
        if let Some(made) = self.have(&task, &tasks, json!({"title": "One"})) {
            self.task = made["id"].as_str().unwrap_or_default().to_owned();
        }
        self.have(&format!("{agents}/{AGENT}"), &agents, json!({"id": AGENT}));
    }

    /// Returns the id of the existing task.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Creates an object if it is missing. Returns the created object.
    fn have(&self, what: &str, where_to: &str, how: Value) -> Option<Value> {
        let is_missing = self.ask("GET", what, Body::empty()).0 != StatusCode::OK;
        is_missing.then(|| self.ask("POST", where_to, Body::from(how.to_string())).1)
    }

    /// Sends a request and returns the answer. Panics if the server failed, or refused without a
    /// reason.
    pub fn ask(&self, method: &str, path: &str, body: Body) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .expect("a request can be made");
        let (status, text) = self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await;
            let answer = answer.unwrap_or_else(|never| match never {});
            let (head, body) = answer.into_parts();
            let body = body
                .collect()
                .await
                .expect("an answer can be read")
                .to_bytes();
            (head.status, body)
        });
        let answer: Value = serde_json::from_slice(&text).unwrap_or_default();
        let failed = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
        assert!(!failed, "{method} {path}: {status} {answer}");
        let refused = status.is_client_error() || status.is_server_error();
        let says_why = answer.get("detail").is_some_and(|detail| !detail.is_null());
        assert!(
            !refused || says_why,
            "{method} {path}: {status} without words: {text:?}"
        );
        (status, answer)
    }
}
