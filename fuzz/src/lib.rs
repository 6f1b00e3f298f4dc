//! A server in the process of the fuzzer: the real routes over the real store in memory, without a network.

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

/// The project that is there.
pub const PROJECT: &str = "p";
/// The agent that is there.
pub const AGENT: &str = "ada";

/// After this many inputs the server is made anew, so that what earlier ones left neither fills it up nor slows it down.
const INPUTS: u32 = 300;

/// See the module.
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
            router: tasktree_server::http::router(server.state().clone()),
            runtime,
            task: String::new(),
            left: INPUTS,
        }
    }
}

impl Inside {
    /// Has a server with a project, a task and an agent, whatever the inputs before have removed.
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

    /// The task that is there, by its id.
    pub fn task(&self) -> &str {
        &self.task
    }

    /// Makes what is not there; gives what was made.
    fn have(&self, what: &str, where_to: &str, how: Value) -> Option<Value> {
        let is_missing = self.ask("GET", what, Body::empty()).0 != StatusCode::OK;
        is_missing.then(|| self.ask("POST", where_to, Body::from(how.to_string())).1)
    }

    /// The answer to a request, after a check that it is one: not a failure of the server, and where it is a refusal, one with words.
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
