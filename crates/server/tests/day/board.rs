//! A board: the session and the followers of the real one, with copies of all that it shows.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tasktree_protocol::agent::Lease;
use tasktree_protocol::attention::{Attention, AttentionChanged, AttentionItem};
use tasktree_protocol::follower::{self, Follower};
use tasktree_protocol::frame::board_socket;
use tasktree_protocol::http::paths;
use tasktree_protocol::replica::Replica;
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, HttpFailure, Input, Output, Session, SnapshotReason,
};
use tasktree_protocol::{Agent, AgentId, Cursor, Event, Message, ProjectId, StreamId, TaskCard};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::server::{Door, HOST};
use crate::world::{PROJECT, START_MS};

type Socket = WebSocketStream<DuplexStream>;
type Pending<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

/// Rows that a board shows.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) tasks: Replica,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) leases: Vec<Lease>,
    pub(crate) items: BTreeMap<u64, AttentionItem>,
    pub(crate) is_live: bool,
}

/// A board that runs until it is dropped.
pub(crate) struct Board {
    view: Arc<Mutex<View>>,
    link: mpsc::UnboundedSender<bool>,
}

impl Board {
    /// Opens a board.
    pub(crate) fn open(door: &Door, random: fastrand::Rng) -> Self {
        let view = Arc::new(Mutex::new(View {
            tasks: Replica::new(PROJECT.into()),
            agents: BTreeMap::new(),
            leases: Vec::new(),
            items: BTreeMap::new(),
            is_live: false,
        }));
        let (link, orders) = mpsc::unbounded_channel();
        let page = Page {
            door: door.clone(),
            random,
            began: Instant::now(),
            view: Arc::clone(&view),
            session: Session::new(Config::default()),
            socket: None,
            opening: None,
            has_link: true,
            deadline: None,
            parts: Part::ALL.map(|part| Following {
                follower: Follower::new(part.stream(), follower::Config::default()),
                fetching: None,
                due: None,
            }),
        };
        tokio::spawn(page.run(orders));
        Self { view, link }
    }

    /// Cuts the link of the board, or restores it.
    pub(crate) fn set_link(&self, is_up: bool) {
        self.link.send(is_up).unwrap();
    }

    /// Returns what the board shows.
    pub(crate) fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap()
    }
}

/// Part of a board that has a follower of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Tasks,
    Agents,
    Leases,
    Attention,
}

impl Part {
    const ALL: [Self; 4] = [Self::Tasks, Self::Agents, Self::Leases, Self::Attention];

    fn stream(self) -> StreamId {
        match self {
            Self::Attention => StreamId::system(),
            _ => StreamId::project(&PROJECT.into()),
        }
    }

    /// Fetches a snapshot of the part.
    async fn fetch(self, door: Door) -> (Snapshot, Option<Cursor>) {
        let project = ProjectId::from(PROJECT);
        let mut caller = door.caller().await;
        let path = match self {
            Self::Tasks => format!("{}?view=card", paths::tasks(&project)),
            Self::Agents => paths::agents(&project),
            Self::Leases => paths::leases(&project),
            Self::Attention => paths::ATTENTION.to_owned(),
        };
        let (body, cursor) = caller.fetch(&path).await;
        match self {
            Self::Tasks => (
                Snapshot::Tasks(serde_json::from_slice(&body).unwrap()),
                cursor,
            ),
            Self::Agents => (
                Snapshot::Agents(serde_json::from_slice(&body).unwrap()),
                cursor,
            ),
            Self::Leases => {
                let mut leases: serde_json::Value = serde_json::from_slice(&body).unwrap();
                let leases = serde_json::from_value(leases["leases"].take()).unwrap();
                (Snapshot::Leases(leases), cursor)
            }
            Self::Attention => {
                let found: Attention = serde_json::from_slice(&body).unwrap();
                (Snapshot::Items(found.items), Some(found.cursor))
            }
        }
    }
}

/// Snapshot of a part.
#[derive(Debug)]
enum Snapshot {
    Tasks(Vec<TaskCard>),
    Agents(Vec<Agent>),
    Leases(Vec<Lease>),
    Items(Vec<AttentionItem>),
}

impl View {
    fn replace(&mut self, snapshot: Snapshot, cursor: Option<Cursor>) {
        match snapshot {
            Snapshot::Tasks(cards) => self.tasks.apply_snapshot(cards, cursor),
            Snapshot::Agents(agents) => {
                let agents = agents.into_iter();
                self.agents = agents.map(|agent| (agent.id.clone(), agent)).collect();
            }
            Snapshot::Leases(leases) => self.leases = leases,
            Snapshot::Items(items) => {
                self.items = items.into_iter().map(|item| (item.id, item)).collect();
            }
        }
    }

    /// Applies a message to a part, as the board does.
    fn apply(&mut self, part: Part, message: &Message) {
        match (part, &message.event) {
            (Part::Tasks, _) => {
                let applied = self.tasks.apply(message);
                assert!(!applied.stale, "an event without its rows: {message:?}");
            }
            (Part::Agents, Event::AgentStatusUpdate(agent)) if message.seq.is_none() => {
                if let Some(known) = self.agents.get_mut(&agent.id) {
                    known.last_heartbeat = Some(message.timestamp);
                }
            }
            (Part::Agents, event) => {
                if let Some(agent) = event.agent() {
                    self.agents.insert(agent.id.clone(), agent.clone());
                }
            }
            (Part::Leases, Event::FileLocksUpdate(locks)) => {
                self.leases.clone_from(&locks.leases);
            }
            (Part::Attention, Event::AttentionChanged(data)) => {
                let changed = AttentionChanged::read(data).unwrap();
                for item in changed.opened {
                    self.items.insert(item.id, item);
                }
                for id in changed.closed {
                    self.items.remove(&id);
                }
            }
            (Part::Leases | Part::Attention, _) => {}
        }
    }
}

/// A follower with its fetch and its timer.
struct Following {
    follower: Follower,
    fetching: Pending<(Snapshot, Option<Cursor>)>,
    due: Option<Instant>,
}

/// A loaded page of the board.
struct Page {
    door: Door,
    random: fastrand::Rng,
    began: Instant,
    view: Arc<Mutex<View>>,
    session: Session,
    socket: Option<(u64, Socket)>,
    opening: Pending<(u64, Socket)>,
    has_link: bool,
    deadline: Option<Instant>,
    parts: [Following; 4],
}

/// Event that the page waits for.
enum Happened {
    Link(bool),
    Opened(u64, Box<Socket>),
    Came(Option<Frame>),
    Fetched(Part, (Snapshot, Option<Cursor>)),
    Due(Part),
    Deadline,
}

impl Page {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<bool>) {
        for stream in [StreamId::project(&PROJECT.into()), StreamId::system()] {
            self.handle(Input::Subscribe {
                stream,
                cursor: None,
            })
            .await;
        }
        self.handle(Input::Open).await;
        loop {
            let [tasks, agents, leases, attention] = &mut self.parts;
            let happened = tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(is_up) => Happened::Link(is_up),
                    None => return,
                },
                (generation, socket) = wait(&mut self.opening) => {
                    Happened::Opened(generation, Box::new(socket))
                }
                frame = next(&mut self.socket) => Happened::Came(frame),
                happened = tasks.next(Part::Tasks) => happened,
                happened = agents.next(Part::Agents) => happened,
                happened = leases.next(Part::Leases) => happened,
                happened = attention.next(Part::Attention) => happened,
                () = at(self.deadline) => Happened::Deadline,
            };
            self.on(happened).await;
        }
    }

    async fn on(&mut self, happened: Happened) {
        match happened {
            Happened::Link(is_up) => {
                self.has_link = is_up;
                match (is_up, self.socket.take()) {
                    (true, socket) => {
                        self.socket = socket;
                        self.handle(Input::RetryNow).await;
                    }
                    (false, Some((generation, _))) => self.handle(closed(generation)).await,
                    (false, None) => {}
                }
            }
            Happened::Opened(generation, socket) => {
                self.opening = None;
                self.socket = Some((generation, *socket));
                self.handle(Input::SocketOpened { generation }).await;
            }
            Happened::Came(frame) => {
                let Some((generation, _)) = self.socket else {
                    return;
                };
                let input = match frame {
                    Some(Frame::Text(text)) => Input::Frame {
                        generation,
                        text: text.as_str().into(),
                    },
                    Some(Frame::Close(_)) | None => {
                        self.socket = None;
                        closed(generation)
                    }
                    Some(_) => return,
                };
                self.handle(input).await;
            }
            Happened::Fetched(part, (snapshot, cursor)) => {
                self.parts[part as usize].fetching = None;
                let input = follower::Input::Answered { snapshot, cursor };
                self.follow(part, input).await;
            }
            Happened::Due(part) => {
                self.parts[part as usize].due = None;
                self.follow(part, follower::Input::Tick).await;
            }
            Happened::Deadline => {
                self.deadline = None;
                self.handle(Input::Tick).await;
            }
        }
    }

    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap()
    }

    /// Passes an input to the session, and executes its outputs.
    async fn handle(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let environment = Environment {
                now_ms: START_MS + self.elapsed_ms(),
                visible: true,
                random: self.random.f64(),
                buffered_bytes: 0,
            };
            for output in self.session.handle(environment, input) {
                inputs.extend(self.perform(output).await);
            }
        }
        let is_live = *self.session.state() == ConnectionState::Live;
        self.view.lock().unwrap().is_live = is_live;
    }

    async fn perform(&mut self, output: Output) -> Vec<Input> {
        match output {
            Output::Connect { generation } if self.has_link => {
                let pipe = self.door.open();
                self.opening = Some(Box::pin(async move {
                    let url = board_socket(&format!("ws://{HOST}/ws/updates"));
                    let request = url.into_client_request().unwrap();
                    (generation, client_async(request, pipe).await.unwrap().0)
                }));
            }
            Output::Connect { generation } => return vec![closed(generation)],
            Output::Send { generation, text } => {
                if let Some((current, socket)) = &mut self.socket
                    && *current == generation
                {
                    socket.send(Frame::text(text)).await.unwrap();
                }
            }
            Output::CloseSocket { .. } => (self.opening, self.socket) = (None, None),
            Output::Poll {
                request, stream, ..
            } => {
                return vec![Input::Polled {
                    stream,
                    request,
                    answer: Err(HttpFailure::Unreachable),
                }];
            }
            Output::SetDeadline { at_ms } => {
                self.deadline = at_ms.map(|at| self.began + millis(at - START_MS));
            }
            Output::Deliver(message) => return self.deliver(message),
            Output::NeedSnapshot { stream, reason } => {
                let part = match stream == StreamId::system() {
                    true => Part::Attention,
                    false => Part::Tasks,
                };
                let first = reason == SnapshotReason::New;
                return self.step(part, follower::Input::SnapshotWanted { first });
            }
            Output::StreamRefused { error, .. } => panic!("refused: {}", error.message),
            Output::StateChanged(ConnectionState::Stopped(why)) => panic!("stopped: {why:?}"),
            Output::Post { .. }
            | Output::CommandDone { .. }
            | Output::StateChanged(_)
            | Output::Diagnostic(_)
            | Output::Missed { .. } => {}
        }
        Vec::new()
    }

    /// Passes a message to the parts that it concerns.
    fn deliver(&mut self, message: Box<Message>) -> Vec<Input> {
        if message.event.kind().starts_with("attention_") {
            return self.step(Part::Attention, follower::Input::Message(message));
        }
        if message.stream() == StreamId::system() {
            return Vec::new();
        }
        let mut inputs = Vec::new();
        for part in [Part::Agents, Part::Leases, Part::Tasks] {
            // Signs of life have no place in the log.
            if message.seq.is_some() || part == Part::Agents {
                let message = follower::Input::Message(message.clone());
                inputs.extend(self.step(part, message));
            }
        }
        inputs
    }

    async fn follow(&mut self, part: Part, input: follower::Input<Snapshot>) {
        for input in self.step(part, input) {
            self.handle(input).await;
        }
    }

    /// Passes an input to a follower, and executes its outputs; returns inputs of the session.
    fn step(&mut self, part: Part, input: follower::Input<Snapshot>) -> Vec<Input> {
        let now = self.elapsed_ms();
        let mut inputs = Vec::new();
        let outputs = self.parts[part as usize].follower.handle(now, input);
        for output in outputs {
            let following = &mut self.parts[part as usize];
            match output {
                follower::Output::Fetch => {
                    let door = self.door.clone();
                    following.fetching = Some(Box::pin(part.fetch(door)));
                }
                follower::Output::Replace { snapshot, cursor } => {
                    self.view.lock().unwrap().replace(snapshot, cursor);
                }
                follower::Output::Apply { message, .. } => {
                    self.view.lock().unwrap().apply(part, &message);
                }
                // The next part is fetched after this one, so it is never older.
                follower::Output::Show => {
                    let next = match part {
                        Part::Tasks => Part::Agents,
                        Part::Agents => Part::Leases,
                        Part::Leases | Part::Attention => continue,
                    };
                    inputs.extend(self.step(next, follower::Input::FetchNow));
                }
                follower::Output::Acknowledge(cursor) => {
                    if matches!(part, Part::Tasks | Part::Attention) {
                        let stream = part.stream();
                        inputs.push(Input::SnapshotApplied { stream, cursor });
                    }
                }
                follower::Output::SetTimer(delay) => {
                    following.due = delay.map(|delay| Instant::now() + millis(delay));
                }
            }
        }
        inputs
    }
}

impl Following {
    async fn next(&mut self, part: Part) -> Happened {
        let due = self.due;
        tokio::select! {
            biased;
            fetched = wait(&mut self.fetching) => Happened::Fetched(part, fetched),
            () = at(due) => Happened::Due(part),
        }
    }
}

fn closed(generation: u64) -> Input {
    Input::SocketClosed {
        generation,
        code: 1006,
        reason: String::new(),
    }
}

fn millis(span: i64) -> Duration {
    Duration::from_millis(u64::try_from(span).unwrap_or_default())
}

/// Waits for the pending operation; forever if there is none.
async fn wait<T>(pending_one: &mut Pending<T>) -> T {
    match pending_one {
        Some(future) => future.await,
        None => pending().await,
    }
}

async fn next(socket: &mut Option<(u64, Socket)>) -> Option<Frame> {
    match socket {
        Some((_, socket)) => socket.next().await?.ok(),
        None => pending().await,
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
