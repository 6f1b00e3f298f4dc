//! The pipe: one thread reads requests, and one thread for each waits for its answer.

use std::io::{BufRead, Read as _};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::door::{Door, PAUSE, Shared, lock};
use super::message::Message;
use super::stream;
use crate::client::{Client, Timeouts};
use crate::context::{Context, NameFrom};
use crate::failure::{Exit, Result};
use crate::limits::{CONNECT_TIMEOUT, MCP_LINE_BYTES, MCP_PATIENCE, MCP_REQUESTS};
use crate::output::{json_line, say};

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
