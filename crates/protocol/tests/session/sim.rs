//! Environment of a session: a clock, a faulty network, a server, and an application that checks
//! its input.

use std::collections::{BTreeMap, BTreeSet};

use tasktree_protocol::session::{
    Config, ConnectionState, Environment, HttpFailure, Input, Output, Session, SnapshotReason,
};
use tasktree_protocol::{Command, CommandResult, Cursor, StreamId, WireError};

use crate::server::{Kind, Server};

/// One-way latency of the network, in milliseconds.
pub(crate) const LATENCY: i64 = 5;
/// Start of the wall clock.
const START: i64 = 1_700_000_000_000;

/// Probabilities of the network's faults, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) lose: f64,
    pub(crate) duplicate: f64,
    pub(crate) reorder: f64,
}

#[derive(Debug)]
enum Happening {
    Opened(u64),
    Closed(u64, u16),
    ToClient(u64, String),
    ToServer(u64, String),
    Snapshot(StreamId, Option<Cursor>),
    /// A proxy cuts a socket.
    Cut(u64),
    /// A request arrives at the server.
    Poll(StreamId, u64, u64),
    Post(String),
    /// An answer arrives at the client.
    Answer(Box<Input>),
}

pub(crate) struct Sim {
    pub(crate) session: Session,
    pub(crate) server: Server,
    pub(crate) faults: Faults,
    pub(crate) now: i64,
    /// Offset of the wall clock.
    pub(crate) skew: i64,
    pub(crate) visible: bool,
    pub(crate) buffered: u64,
    /// True if snapshots carry their position.
    pub(crate) positioned: bool,
    /// True if snapshot requests are answered.
    pub(crate) snapshots: bool,
    /// True if frames from the server are lost while HTTP works.
    pub(crate) mute_sockets: bool,
    /// Lifetime after which a proxy cuts open sockets.
    pub(crate) cut_after: Option<i64>,
    /// Failure that HTTP requests get, if any.
    pub(crate) http_failure: Option<HttpFailure>,
    /// Random number of every input, if it is fixed.
    pub(crate) fixed_random: Option<f64>,
    /// Number of HTTP requests.
    pub(crate) asked: u32,
    /// Numbers of the polls.
    pub(crate) polls: Vec<u64>,
    /// Positions that the application has applied.
    pub(crate) applied: BTreeMap<StreamId, Option<Cursor>>,
    pub(crate) delivered: Vec<(StreamId, Option<u64>)>,
    pub(crate) needed: Vec<(StreamId, SnapshotReason)>,
    pub(crate) missed: Vec<StreamId>,
    pub(crate) refused: Vec<(StreamId, WireError)>,
    pub(crate) done: BTreeMap<String, Vec<Result<CommandResult, WireError>>>,
    pub(crate) states: Vec<(i64, ConnectionState)>,
    /// Time at which each socket was requested.
    pub(crate) connects: Vec<i64>,
    pub(crate) sent: Vec<(i64, String)>,
    pub(crate) closes: Vec<(i64, u16)>,
    pub(crate) diagnostics: Vec<String>,
    sockets: BTreeSet<u64>,
    /// Time of the timer, on the wall clock.
    pub(crate) deadline: Option<i64>,
    queue: BTreeMap<(i64, u64), Happening>,
    order: u64,
    random: u64,
    next_ping: i64,
}

impl Sim {
    pub(crate) fn new(seed: u64, config: Config) -> Self {
        Self {
            session: Session::new(config),
            server: Server::new(&["p", "*"]),
            faults: Faults::default(),
            now: 0,
            skew: START,
            visible: true,
            buffered: 0,
            positioned: true,
            snapshots: true,
            mute_sockets: false,
            cut_after: None,
            http_failure: None,
            fixed_random: None,
            asked: 0,
            polls: Vec::new(),
            applied: BTreeMap::new(),
            delivered: Vec::new(),
            needed: Vec::new(),
            missed: Vec::new(),
            refused: Vec::new(),
            done: BTreeMap::new(),
            states: Vec::new(),
            connects: Vec::new(),
            sent: Vec::new(),
            closes: Vec::new(),
            diagnostics: Vec::new(),
            sockets: BTreeSet::new(),
            deadline: None,
            queue: BTreeMap::new(),
            order: 0,
            random: seed | 1,
            next_ping: 15_000,
        }
    }

    /// Creates an open session that receives `p`, and runs it until it is live.
    pub(crate) fn live() -> Self {
        let mut sim = Self::new(7, Config::default());
        sim.input(Input::Open);
        sim.subscribe("p");
        sim.run(1_000);
        assert_eq!(*sim.session.state(), ConnectionState::Live);
        sim
    }

    pub(crate) fn subscribe(&mut self, stream: &str) {
        self.applied.insert(stream.into(), None);
        self.input(Input::Subscribe {
            stream: stream.into(),
            cursor: None,
        });
    }

    pub(crate) fn command(&mut self, id: &str) {
        let command = Command::DeleteTask {
            project_id: "p".into(),
            task: id.into(),
            bound: None,
        };
        self.input(Input::Command {
            id: id.into(),
            command,
        });
    }

    pub(crate) fn append(&mut self, stream: &str) {
        self.server.append(stream);
        self.flush_server();
    }

    pub(crate) fn reset(&mut self, stream: &str) {
        self.server.reset(stream);
        self.flush_server();
    }

    /// Breaks the connection; the client notices only if `noticed` has a close code.
    pub(crate) fn cut(&mut self, noticed: Option<u16>) {
        if let Some(link) = self.server.connection.take()
            && let Some(code) = noticed
        {
            self.schedule(0, Happening::Closed(link.generation, code));
        }
    }

    pub(crate) fn random(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn wall(&self) -> i64 {
        self.now + self.skew
    }

    /// Lets the given number of milliseconds pass.
    pub(crate) fn run(&mut self, millis: i64) {
        let end = self.now + millis;
        loop {
            let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
            let timer = self.deadline.map(|at| (at - self.skew).max(self.now));
            let Some(at) = [queued, timer, Some(self.next_ping)]
                .into_iter()
                .flatten()
                .min()
            else {
                break;
            };
            if at > end {
                break;
            }
            self.now = self.now.max(at);
            if queued == Some(at) {
                if let Some((_, happening)) = self.queue.pop_first() {
                    self.happen(happening);
                }
            } else if timer == Some(at) {
                self.deadline = None;
                self.input(Input::Tick);
            } else {
                self.next_ping += 20_000;
                self.server.ping();
                self.flush_server();
            }
        }
        self.now = end;
    }

    /// Suspends the page for that long, as a frozen page or a sleeping machine does. What arrives
    /// meanwhile waits.
    pub(crate) fn freeze(&mut self, millis: i64) {
        self.now += millis;
        while self.next_ping < self.now {
            self.next_ping += 20_000;
        }
    }

    pub(crate) fn input(&mut self, input: Input) {
        let drawn = self.random();
        let random = self.fixed_random.unwrap_or(drawn);
        let environment = Environment {
            now_ms: self.wall(),
            visible: self.visible,
            random,
            buffered_bytes: self.buffered,
        };
        for output in self.session.handle(environment, input) {
            self.execute(output);
        }
        if let ConnectionState::Waiting { until_ms, .. } = self.session.state() {
            assert!(
                *until_ms <= self.wall() + 60_000,
                "a wait of more than a minute"
            );
        }
        let waits = !matches!(
            self.session.state(),
            ConnectionState::Idle
                | ConnectionState::Offline
                | ConnectionState::Legacy
                | ConnectionState::Stopped(_)
        );
        assert!(
            !waits || self.deadline.is_some(),
            "{:?} without a deadline",
            self.session.state()
        );
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::Connect { generation } => {
                assert!(self.sockets.is_empty(), "two links at once");
                self.sockets.insert(generation);
                self.connects.push(self.now);
                let happening = match self.server.kind {
                    Kind::Away | Kind::Blocked => Happening::Closed(generation, 1006),
                    Kind::V1 | Kind::Old => {
                        if let Some(millis) = self.cut_after {
                            self.schedule(LATENCY + millis, Happening::Cut(generation));
                        }
                        self.server.accept(generation, self.server.kind == Kind::V1);
                        Happening::Opened(generation)
                    }
                };
                self.schedule(LATENCY, happening);
            }
            Output::Send { generation, text } => {
                assert!(
                    self.sockets.contains(&generation),
                    "a frame for a socket that is gone"
                );
                self.sent.push((self.now, text.clone()));
                self.transmit(|text| Happening::ToServer(generation, text), &text);
            }
            Output::CloseSocket {
                generation, code, ..
            } => {
                assert!(
                    code == 1000 || (3000..=4999).contains(&code),
                    "a browser cannot send {code}"
                );
                assert!(self.sockets.remove(&generation), "a socket closed twice");
                self.closes.push((self.now, code));
                if self
                    .server
                    .connection
                    .as_ref()
                    .is_some_and(|link| link.generation == generation)
                {
                    self.server.connection = None;
                }
                // Later reports from the browser about this socket must not matter.
                self.schedule(LATENCY, Happening::Closed(generation, 1006));
            }
            Output::Poll {
                request,
                stream,
                after,
            } => {
                self.polls.push(request);
                self.schedule(LATENCY, Happening::Poll(stream, request, after));
            }
            Output::Post { id, project, body } => {
                assert_eq!(project.as_str(), "p");
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                assert_eq!(body["id"], id.as_str());
                assert_eq!(body["op"], "delete_task");
                self.schedule(LATENCY, Happening::Post(id));
            }
            Output::SetDeadline { at_ms } => self.deadline = at_ms,
            Output::Deliver(message) => {
                let stream = message.stream();
                self.delivered.push((stream.clone(), message.seq));
                if let (Some(cursor), Some(Some(last))) =
                    (message.cursor(), self.applied.get_mut(&stream))
                {
                    assert_eq!(cursor.epoch, last.epoch, "an event of another life");
                    assert_eq!(cursor.seq, last.seq + 1, "a gap or a duplicate in {stream}");
                    last.seq = cursor.seq;
                }
            }
            Output::NeedSnapshot { stream, reason } => {
                self.needed.push((stream.clone(), reason));
                if self.snapshots
                    && self.server.kind != Kind::Away
                    && self.random() >= self.faults.lose
                {
                    let is_told = self.positioned && self.server.kind != Kind::Old;
                    let position = self.server.position(&stream).filter(|_| is_told);
                    let delay = 2 * LATENCY + (self.random() * 400.0 * self.faults.reorder) as i64;
                    self.schedule(delay, Happening::Snapshot(stream, position));
                }
            }
            Output::Missed { stream } => self.missed.push(stream),
            Output::StreamRefused { stream, error } => self.refused.push((stream, error)),
            Output::CommandDone { id, result } => self.done.entry(id).or_default().push(result),
            Output::StateChanged(state) => self.states.push((self.now, state)),
            Output::Diagnostic(text) => self.diagnostics.push(text),
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Opened(generation) => self.input(Input::SocketOpened { generation }),
            Happening::Closed(generation, code) => {
                self.sockets.remove(&generation);
                self.input(Input::SocketClosed {
                    generation,
                    code,
                    reason: String::new(),
                });
            }
            Happening::Cut(generation) => {
                let link = self.server.connection.as_ref();
                if link.is_some_and(|link| link.generation == generation) {
                    self.cut(Some(1006));
                }
            }
            Happening::Poll(stream, request, after) => {
                let answer = if self.is_lost() {
                    Err(HttpFailure::Unreachable)
                } else {
                    self.server.page(&stream, after)
                };
                let answer = if self.is_lost() {
                    Err(HttpFailure::Unreachable)
                } else {
                    answer
                };
                let input = Input::Polled {
                    stream,
                    request,
                    answer,
                };
                self.answer(input);
            }
            Happening::Post(id) => {
                let mut answer = Err(HttpFailure::Unreachable);
                if !self.is_lost() {
                    let result = self.server.execute(&id);
                    self.flush_server();
                    // It took effect, but the answer may still be lost.
                    if !self.is_lost() {
                        answer = Ok(result);
                    }
                }
                self.answer(Input::Posted { id, answer });
            }
            Happening::Answer(input) => self.input(*input),
            Happening::ToClient(generation, text) => self.input(Input::Frame { generation, text }),
            Happening::ToServer(generation, text) => {
                if self
                    .server
                    .connection
                    .as_ref()
                    .is_some_and(|link| link.generation == generation)
                {
                    self.server.read(&text);
                    self.flush_server();
                }
            }
            Happening::Snapshot(stream, cursor) => {
                if let Some(applied) = self.applied.get_mut(&stream) {
                    // A snapshot without a position does not tell where events continue.
                    if cursor.is_some() {
                        applied.clone_from(&cursor);
                    }
                    self.input(Input::SnapshotApplied { stream, cursor });
                }
            }
        }
    }

    pub(crate) fn flush_server(&mut self) {
        let frames = std::mem::take(&mut self.server.outgoing);
        if self.mute_sockets {
            return;
        }
        if let Some(generation) = self.server.connection.as_ref().map(|link| link.generation) {
            for text in frames {
                self.transmit(|text| Happening::ToClient(generation, text), &text);
            }
        }
    }

    fn transmit(&mut self, happening: impl Fn(String) -> Happening, text: &str) {
        if self.random() < self.faults.lose {
            return;
        }
        let copies = if self.random() < self.faults.duplicate {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let late = if self.random() < self.faults.reorder {
                self.random() * 400.0
            } else {
                0.0
            };
            self.schedule(LATENCY + late as i64, happening(text.to_owned()));
        }
    }

    /// Returns true if an HTTP request, or its answer, gets lost.
    fn is_lost(&mut self) -> bool {
        self.server.kind == Kind::Away || self.random() < self.faults.lose
    }

    fn answer(&mut self, mut input: Input) {
        self.asked += 1;
        if let Some(failure) = self.http_failure.clone() {
            match &mut input {
                Input::Polled { answer, .. } => *answer = Err(failure),
                Input::Posted { answer, .. } => *answer = Err(failure),
                _ => {}
            }
        }
        let late = self.random() * 400.0 * self.faults.reorder;
        self.schedule(LATENCY + late as i64, Happening::Answer(Box::new(input)));
    }

    fn schedule(&mut self, delay: i64, happening: Happening) {
        self.order += 1;
        self.queue.insert((self.now + delay, self.order), happening);
    }
}
