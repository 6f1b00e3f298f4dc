//! A scripted model on loopback, so that real coding agents run without a network.
//!
//! It asks for one shell command, and says that it is done as soon as it is sent the result. It
//! speaks the streaming API of each vendor as far as the agents use it.

mod anthropic;
mod google;
mod openai;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Json, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Last words of the model.
const FAREWELL: &str = "All done.";

/// Names of the tools that run a shell command, of all supported agents.
const SHELLS: [&str; 5] = ["Bash", "bash", "shell", "exec_command", "run_shell_command"];

/// A running model. It ends when this value is dropped.
#[derive(Debug)]
pub struct Model {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Model {
    /// Starts a model that asks for this shell command.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(command: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .fallback(respond)
            .with_state(command.to_owned());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }

    /// Returns the base of the model's addresses.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One step of the model.
enum Step<'a> {
    /// Runs the command with the shell tool of this name.
    Run { tool: &'a str, command: &'a str },
    /// Says the last words.
    Stop,
}

/// Returns the next step, given the names of the tools and the whole conversation as text. `result`
/// is the mark of a tool's result in it.
fn next_step<'a>(
    tools: impl IntoIterator<Item = &'a str>,
    conversation: &str,
    result: &str,
    command: &'a str,
) -> Step<'a> {
    let shell = tools.into_iter().find(|name| SHELLS.contains(name));
    match shell {
        Some(tool) if !conversation.contains(result) => Step::Run { tool, command },
        _ => Step::Stop,
    }
}

async fn respond(State(command): State<String>, uri: Uri, body: Bytes) -> Response {
    let path = uri.path();
    let text = String::from_utf8_lossy(&body);
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    if path.contains("count_tokens") || path.contains("countTokens") {
        return Json(json!({ "input_tokens": 5, "totalTokens": 5 })).into_response();
    }
    let is_streamed = request["stream"] == true || path.contains("stream");
    let events = if path.ends_with("/messages") {
        if !is_streamed {
            return Json(anthropic::short_answer(&request)).into_response();
        }
        anthropic::answer(&request, &text, &command)
    } else if path.ends_with("/responses") {
        openai::answer(&request, &text, &command)
    } else if path.contains("enerateContent") {
        let answer = google::answer(&request, &text, &command);
        if !is_streamed {
            return Json(answer).into_response();
        }
        vec![(None, answer)]
    } else {
        return Json(json!({ "data": [], "models": [] })).into_response();
    };
    let events = events.into_iter().map(|(kind, data)| {
        let event = Event::default();
        let event = match kind {
            Some(kind) => event.event(kind),
            None => event,
        };
        event.json_data(data)
    });
    Sse::new(stream::iter(events)).into_response()
}

/// Events of a streamed answer, each with its type if the vendor's API has one.
type Events = Vec<(Option<&'static str>, Value)>;
