//! State machine of the client's connection, without a socket, clock or timer of its own.
//!
//! The caller passes [`Input`]s as they happen, with the [`Environment`] of that moment, and
//! performs the returned [`Output`]s in order. So the same code runs in a browser, in a native load
//! generator, and in tests that control time.
//!
//! - [`constants`]: all numbers.
//! - `link`: opening, closing and retrying. `negotiation`: detection of the server's kind.
//!   `backoff`: delays. `heartbeat`: liveness of the link.
//! - `frames`: frames from the server. `stream`: the receive rule of one stream. `subscriptions`:
//!   requests for streams and snapshots.
//! - `outbox`: commands. `polling`: streams and commands over HTTP while sockets are blocked.

mod backoff;
mod clock;
pub mod constants;
mod frames;
mod heartbeat;
mod link;
mod negotiation;
mod outbox;
mod polling;
mod status;
mod stream;
mod subscriptions;
mod types;

use std::collections::BTreeMap;

use backoff::Backoff;
use clock::Clock;
use heartbeat::Heartbeat;
use link::{Link, Retry};
use negotiation::Negotiation;
use outbox::Outbox;
use polling::Polling;
use stream::Stream;

pub use types::{
    Blocked, Config, ConnectionState, Details, Environment, HttpFailure, Input, Output,
    SnapshotReason, StopReason, Wake,
};

use crate::{ClientFrame, StreamId};

/// A connection to the server.
///
/// Its fields hold times of its own clock, which never goes back; only outputs are converted to the
/// wall clock.
#[derive(Debug)]
pub struct Session {
    config: Config,
    clock: Clock,
    environment: Environment,
    link: Link,
    /// Number of the last socket that was requested.
    generation: u64,
    /// Time at which the current socket opened.
    opened_at: Option<i64>,
    /// Next attempt, while there is no socket.
    retry: Option<Retry>,
    /// Time at which the server asked us to reconnect, by `sys.bye`.
    bye_at: Option<i64>,
    stopped: Option<StopReason>,
    /// True if the browser reports no network, and no frame has arrived since.
    offline: bool,
    negotiation: Negotiation,
    polling: Polling,
    backoff: Backoff,
    heartbeat: Heartbeat,
    /// Longest frame that the server reads.
    max_frame: u64,
    streams: BTreeMap<StreamId, Stream>,
    /// Number of the last subscription.
    requests: u64,
    outbox: Outbox,
    state: ConnectionState,
    /// Time since which the connection has been good.
    good_since: Option<i64>,
    details: Details,
    /// Last [`Output::SetDeadline`], on the wall clock.
    armed: Option<i64>,
    out: Vec<Output>,
}

impl Session {
    /// Creates a session that waits for [`Input::Open`].
    pub fn new(config: Config) -> Self {
        Self {
            config,
            clock: Clock::default(),
            environment: Environment {
                now_ms: 0,
                visible: true,
                random: 0.0,
                buffered_bytes: 0,
            },
            link: Link::Down,
            generation: 0,
            opened_at: None,
            retry: None,
            bye_at: None,
            stopped: None,
            offline: false,
            negotiation: Negotiation::default(),
            polling: Polling::default(),
            backoff: Backoff::new(),
            heartbeat: Heartbeat::default(),
            max_frame: constants::MAX_FRAME_BYTES,
            streams: BTreeMap::new(),
            requests: 0,
            outbox: Outbox::default(),
            state: ConnectionState::Idle,
            good_since: None,
            details: Details::default(),
            armed: None,
            out: Vec::new(),
        }
    }

    /// Handles an input. Returns the outputs that the caller has to perform.
    pub fn handle(&mut self, environment: Environment, input: Input) -> Vec<Output> {
        self.clock.advance(environment.now_ms);
        let random = environment.random;
        let random = if (0.0..1.0).contains(&random) {
            random
        } else {
            0.5
        };
        self.environment = Environment {
            random,
            ..environment
        };
        let ticked = input == Input::Tick;
        let beat = self.heartbeat.last_beat();

        // The input comes first: a frame that waited while the page was frozen proves that the link
        // is alive.
        self.take(input);
        self.act_on_deadlines();
        self.send_commands();
        self.update_state();
        self.arm(ticked || self.heartbeat.last_beat() > beat);
        std::mem::take(&mut self.out)
    }

    /// Returns the state of the connection.
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Returns statistics of the connection.
    pub fn details(&self) -> Details {
        Details {
            attempts: self.backoff.attempts(),
            pending_commands: self.outbox.len(),
            legacy: self.link == Link::Legacy,
            ..self.details.clone()
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Open => self.open(),
            Input::Close => self.close(),
            Input::RetryNow => self.retry_now(),
            Input::Subscribe { stream, cursor } => self.subscribe(&stream, cursor),
            Input::Unsubscribe { stream } => self.unsubscribe(&stream),
            Input::SnapshotApplied { stream, cursor } => self.snapshot_applied(&stream, cursor),
            Input::Command { id, command } => match self.cannot_send() {
                Some(why) => {
                    let result = Err(outbox::unsent(why));
                    self.out.push(Output::CommandDone { id, result });
                }
                None => {
                    let now = self.now();
                    self.outbox
                        .push(id, command, self.max_frame, now, &mut self.out);
                }
            },
            Input::SocketOpened { generation } => {
                if matches!(self.link, Link::Opening { .. }) && generation == self.generation {
                    self.socket_opened();
                }
            }
            Input::Frame { generation, text } => {
                if self.is_open(generation) {
                    self.frame(&text);
                }
            }
            Input::BinaryFrame { generation } => {
                if self.is_open(generation) {
                    self.heard();
                    self.diagnose("A binary frame was ignored.".into());
                }
            }
            Input::SocketClosed {
                generation,
                code,
                reason,
            } => {
                if generation == self.generation && self.link != Link::Down {
                    self.link_lost(code, reason);
                }
            }
            Input::Polled {
                stream,
                request,
                answer,
            } => self.polled(&stream, request, answer),
            Input::Posted { id, answer } => self.posted(&id, answer),
            Input::Woke(_) => self.woke(),
            Input::Online(online) => self.online(online),
            Input::Tick => {}
        }
    }

    /// Returns the reason if commands cannot be sent, now or later.
    fn cannot_send(&self) -> Option<&'static str> {
        match (&self.stopped, self.link) {
            (Some(_), _) => Some("The connection is closed."),
            (None, Link::Legacy) => Some(
                "This server is an older version, which accepts no changes over the live \
                 connection.",
            ),
            (None, _) if self.generation == 0 => Some("The connection was never opened."),
            _ => None,
        }
    }

    fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Returns true if the given socket is the current one, and open.
    fn is_open(&self, generation: u64) -> bool {
        generation == self.generation
            && matches!(self.link, Link::Greeting { .. } | Link::Up | Link::Legacy)
    }

    fn send(&mut self, frame: &ClientFrame) {
        match serde_json::to_string(frame) {
            Ok(text) => self.out.push(Output::Send {
                generation: self.generation,
                text,
            }),
            Err(error) => self.diagnose(format!("Cannot encode a frame: {error}")),
        }
    }

    fn send_commands(&mut self) {
        if self.link != Link::Up {
            return self.post_commands();
        }
        if !self.is_writable() {
            return;
        }
        let mut bytes = self.environment.buffered_bytes;
        while bytes <= constants::BUFFERED_LIMIT_BYTES
            && let Some(text) = self.outbox.next()
        {
            bytes += text.len() as u64;
            let text = text.to_owned();
            self.out.push(Output::Send {
                generation: self.generation,
                text,
            });
        }
    }

    fn is_writable(&self) -> bool {
        self.environment.buffered_bytes <= constants::BUFFERED_LIMIT_BYTES
    }

    fn diagnose(&mut self, text: String) {
        self.out.push(Output::Diagnostic(text));
    }
}
