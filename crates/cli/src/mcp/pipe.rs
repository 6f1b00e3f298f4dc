//! The pipe: one thread reads requests, and one thread for each waits for its answer.

use std::collections::HashSet;
use std::io::{BufRead, Read as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tasktree_protocol::http::mcp::{PATH, TASKTREE_PROJECT};
use ureq::Body;
use ureq::http::{Method, Response, StatusCode, header};

use super::message::Message;
use super::stream;
use crate::client::{Call, Client, Timeouts, Unanswered};
use crate::context::{Context, NameFrom};
use crate::failure::{Exit, Failure, Result};
use crate::limits::{CONNECT_TIMEOUT, MCP_LINE_BYTES, MCP_PATIENCE, MCP_REQUESTS, RESPONSE_BYTES};
use crate::output::{json_line, say};

/// Pause between two attempts to reach a server that is not there.
const PAUSE: Duration = Duration::from_millis(200);

/// Method of a request that stays open.
const LISTEN: &str = "subscriptions/listen";

/// Pipe between a client and the server.
#[derive(Debug)]
pub(super) struct Pipe {
    context: Context,
    door: Option<Door>,
    requests: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// State that all requests share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Revision of the handshake.
    revision: Mutex<Option<String>>,
    /// Requests that the client has cancelled.
    cancelled: Mutex<HashSet<String>>,
}

/// Server with the names that each request to it carries.
#[derive(Clone, Debug)]
pub(super) struct Door {
    client: Client,
    /// Client for requests that stay open.
    patient: Client,
    project: Option<String>,
    shared: Arc<Shared>,
}

impl Pipe {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            door: None,
            requests: Vec::new(),
            shared: Arc::default(),
        }
    }

    /// Forwards requests until the input ends, and then waits for the last answers.
    pub(super) fn run(mut self, input: &mut impl BufRead) {
        loop {
            let mut line = Vec::new();
            let read = input
                .by_ref()
                .take(MCP_LINE_BYTES)
                .read_until(b'\n', &mut line);
            if !matches!(read, Ok(bytes) if bytes > 0) {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match Message::parse(&line) {
                Ok(message) => self.forward(message),
                Err(answer) => say(&json_line(&answer)),
            }
        }
        for request in self.requests {
            // A thread that panicked has nothing to answer.
            let _ = request.join();
        }
    }

    fn forward(&mut self, message: Message) {
        if let Some(id) = message.cancels() {
            lock(&self.shared.cancelled).insert(id);
            return;
        }
        let door = match self.door() {
            Ok(door) => door,
            Err(failure) => {
                if let Some(answer) = message.failed(&failure) {
                    say(&json_line(&answer));
                }
                return;
            }
        };
        // The headers of later requests depend on it.
        if message.method() == "initialize" {
            return door.exchange(&message);
        }
        if message.method() == LISTEN {
            // Nobody waits for it at the end.
            thread::spawn(move || stream::listen(&door, &message));
            return;
        }
        self.requests.retain(|request| !request.is_finished());
        if self.requests.len() >= MCP_REQUESTS {
            let _ = self.requests.remove(0).join();
        }
        let request = thread::spawn(move || door.exchange(&message));
        self.requests.push(request);
    }

    /// Returns the door to the server. The server is asked once who calls, as soon as it is there.
    fn door(&mut self) -> Result<Door> {
        if let Some(door) = &self.door {
            return Ok(door.clone());
        }
        let project = until_reached(|| match self.context.project() {
            Ok(project) => Ok(Some(project.to_string())),
            // The server says which projects there are, if a tool needs one.
            Err(missing) if missing.exit == Exit::NotFound => Ok(None),
            Err(failure) => Err(failure),
        })?;
        // The server knows the owner of a token.
        let who = self.context.who()?;
        let who = who.filter(|who| who.from != NameFrom::Token);
        let speaking = |client: &Client| match who {
            Some(who) => client.speaking_as(&who.agent),
            None => Ok(client.clone()),
        };
        let patient = Timeouts {
            connect: CONNECT_TIMEOUT,
            total: None,
        };
        let door = Door {
            client: speaking(&self.context.client)?,
            patient: speaking(&Client::new(&self.context.settings, patient)?)?,
            project,
            shared: Arc::clone(&self.shared),
        };
        self.door = Some(door.clone());
        Ok(door)
    }
}

impl Door {
    /// Sends a message, and prints the answer.
    fn exchange(&self, message: &Message) {
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

    /// Returns the client for requests that stay open.
    pub(super) const fn patient(&self) -> &Client {
        &self.patient
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

/// Repeats a step while the server is not there.
fn until_reached<T>(step: impl Fn() -> Result<T>) -> Result<T> {
    let end = Instant::now() + MCP_PATIENCE;
    loop {
        match step() {
            Err(failure) if failure.exit == Exit::Unreachable && Instant::now() < end => {
                thread::sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
}

/// Locks a mutex. No code panics while it holds one, so a poisoned one is as good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
