//! The server, as the requests of one client reach it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tasktree_protocol::http::mcp::{PATH, TASKTREE_PROJECT};
use ureq::Body;
use ureq::http::{Method, Response, StatusCode, header};

use super::message::Message;
use super::stream;
use crate::client::{Call, Client, Unanswered};
use crate::failure::{Exit, Failure, Result};
use crate::limits::{MCP_PATIENCE, RESPONSE_BYTES};
use crate::output::{json_line, say};

/// Pause between two attempts to reach a server that is not there.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// State that all requests share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Revision of the handshake.
    revision: Mutex<Option<String>>,
    /// Requests that the client has cancelled.
    pub(super) cancelled: Mutex<HashSet<String>>,
}

/// Server with the names that each request to it carries.
#[derive(Clone, Debug)]
pub(super) struct Door {
    /// Client for requests that are answered at once.
    pub(super) client: Client,
    /// Client for requests that stay open.
    pub(super) patient: Client,
    /// Project of all requests; the server finds one if there is none.
    pub(super) project: Option<String>,
    /// State of the pipe.
    pub(super) shared: Arc<Shared>,
}

impl Door {
    /// Sends a message, and prints the answer.
    pub(super) fn exchange(&self, message: &Message) {
        let answer = match self.ask(message) {
            Ok(answer) => answer,
            Err(failure) => message.failed(&failure),
        };
        let Some(answer) = answer.filter(|_| !self.is_cancelled(message)) else {
            return;
        };
        if message.method() == "initialize"
            && let Some(revision) = answer["result"]["protocolVersion"].as_str()
        {
            *lock(&self.shared.revision) = Some(revision.to_owned());
        }
        say(&json_line(&answer));
    }

    fn ask(&self, message: &Message) -> Result<Option<Value>> {
        let response = self.open(&self.client, message)?;
        let mut answer = None;
        read(response, &mut |value| {
            answer = Some(value);
            true
        })?;
        Ok(answer)
    }

    /// Sends a message; waits for a server that is not there.
    pub(super) fn open(&self, client: &Client, message: &Message) -> Result<Response<Body>> {
        let end = Instant::now() + MCP_PATIENCE;
        loop {
            let call = Call::new(Method::POST, PATH)
                .json(&message.value)
                .header("accept", "application/json, text/event-stream")
                // A kept connection may be one to a server that has ended.
                .header("connection", "close");
            let call = match &self.project {
                Some(project) => call.header(TASKTREE_PROJECT, project),
                None => call,
            };
            let revision = lock(&self.shared.revision).clone();
            let call = message.add_headers(call, revision.as_deref());
            match client.open(call) {
                Ok(response) => return Ok(response),
                Err(Unanswered::Unsent(_)) if Instant::now() < end => thread::sleep(PAUSE),
                Err(Unanswered::Unsent(failure)) => return Err(failure),
                Err(Unanswered::Lost(mut failure)) => {
                    failure
                        .message
                        .push_str(". It is unknown whether the call took effect; call again");
                    return Err(failure);
                }
            }
        }
    }

    /// Returns true if the client does not want the answer any more.
    pub(super) fn is_cancelled(&self, message: &Message) -> bool {
        let cancelled = lock(&self.shared.cancelled);
        message
            .id()
            .is_some_and(|id| cancelled.contains(&id.to_string()))
    }
}

/// Reads the messages of a response, until `wants` returns false or they end.
pub(super) fn read(
    mut response: Response<Body>,
    wants: &mut dyn FnMut(Value) -> bool,
) -> Result<()> {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        return stream::read(response, wants);
    }
    let body = response.body_mut().with_config().limit(RESPONSE_BYTES);
    let body = body.read_to_vec().map_err(|error| {
        let message = format!("the answer ended too early ({error}); call again");
        Failure::new(Exit::Unreachable, "unreachable", message)
    })?;
    if status == StatusCode::ACCEPTED || status == StatusCode::NO_CONTENT {
        return Ok(());
    }
    // Refusals of the protocol are answers too.
    let value: Option<Value> = serde_json::from_slice(&body).ok();
    match value.filter(|value| value["jsonrpc"] == json!("2.0")) {
        Some(value) => {
            wants(value);
            Ok(())
        }
        None => Err(Client::refused(status, &body)),
    }
}

/// Locks a mutex. No code panics while it holds one, so a poisoned one is as good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
