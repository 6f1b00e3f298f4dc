//! A client's machine: a page with the board's real session, and a person who acts at random.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tasktree_protocol::follower::{self, Follower};
use tasktree_protocol::session::constants::WATCHDOG_MS;
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, HttpFailure, Input, Output, Session, SnapshotReason, Wake,
};
use tasktree_protocol::{
    Command, Cursor, Message as Event, NewTask, ProjectId, StreamId, TaskCard, TaskId, TaskPatch,
};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::TICK;
use crate::connect::{self, Socket};
use crate::server::PROJECT;
use crate::shared::{START_MS, Shared, View, elapsed_ms};

/// Timeout of a request for a snapshot.
const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(5);
/// Probability that a frame comes twice.
const DOUBLED: f64 = 0.03;

type Pending<T> = Option<Pin<Box<dyn Future<Output = T>>>>;

/// A socket with its number and its subprotocol; `None` if it could not be opened.
type Opened = (u64, Option<Box<Socket>>);

/// Tasks and their position; `None` if they could not be fetched.
type Fetched = Option<(Vec<TaskCard>, Cursor)>;

/// Event that the client waits for.
enum Happened {
    Opened(Opened),
    Came(Option<Message>),
    Fetched(Fetched),
    Due,
    FollowerDue,
    Person,
}

pub(crate) struct Client {
    index: usize,
    shared: Arc<Shared>,
    project: ProjectId,
    session: Session,
    socket: Option<(u64, Socket)>,
    opening: Pending<Opened>,
    follower: Follower,
    fetching: Pending<Fetched>,
    /// Time of the follower's timer.
    follower_due: Option<i64>,
    deadline: Option<i64>,
    /// Offset of the page's clock.
    skew: i64,
    is_visible: bool,
    /// Time of the person's next action.
    next_act: Instant,
    was_healed: bool,
    /// Time of the last frame; `None` if the clock was set back after it, so that it cannot be
    /// compared.
    last_frame: Option<i64>,
    resyncs: u64,
    connections: u64,
}

/// Runs a page from its load until it is reloaded.
pub(crate) async fn page(index: usize, shared: Arc<Shared>) -> turmoil::Result {
    *shared.view(index) = View::empty();
    let client = Client {
        index,
        project: PROJECT.into(),
        session: Session::new(Config::default()),
        socket: None,
        opening: None,
        follower: Follower::new(
            StreamId::project(&PROJECT.into()),
            follower::Config::default(),
        ),
        fetching: None,
        follower_due: None,
        deadline: None,
        skew: 0,
        is_visible: true,
        next_act: Instant::now(),
        was_healed: false,
        last_frame: None,
        resyncs: 0,
        connections: 0,
        shared,
    };
    client.run().await
}

impl Client {
    async fn run(mut self) -> turmoil::Result {
        let stream = StreamId::project(&self.project);
        let cursor = None;
        self.handle(Input::Subscribe { stream, cursor }).await?;
        self.handle(Input::Open).await?;
        loop {
            let due = self
                .deadline
                .map(|at| at - START_MS - self.skew - elapsed_ms());
            let follower_due = self.follower_due.map(|at| at - elapsed_ms());
            let happened = tokio::select! {
                biased;
                opened = wait(&mut self.opening) => Happened::Opened(opened),
                message = next(&mut self.socket) => Happened::Came(message),
                fetched = wait(&mut self.fetching) => Happened::Fetched(fetched),
                () = after(due) => Happened::Due,
                () = after(follower_due) => Happened::FollowerDue,
                () = sleep_until(self.next_act) => Happened::Person,
            };
            match happened {
                Happened::Opened((generation, opened)) => {
                    self.opening = None;
                    let input = match opened {
                        Some(opened) => {
                            self.socket = Some((generation, *opened));
                            Input::SocketOpened { generation }
                        }
                        None => closed(generation),
                    };
                    self.handle(input).await?;
                }
                Happened::Came(message) => self.came(message).await?,
                Happened::Fetched(fetched) => {
                    self.fetching = None;
                    let input = match fetched {
                        Some((snapshot, cursor)) => follower::Input::Answered {
                            snapshot,
                            cursor: Some(cursor),
                        },
                        None => follower::Input::Failed { is_temporary: true },
                    };
                    self.follow(input).await?;
                }
                Happened::FollowerDue => {
                    self.follower_due = None;
                    self.follow(follower::Input::Tick).await?;
                }
                Happened::Due => {
                    self.deadline = None;
                    self.handle(Input::Tick).await?;
                }
                Happened::Person => self.act().await?,
            }
        }
    }

    async fn came(&mut self, message: Option<Message>) -> turmoil::Result {
        let Some((generation, _)) = self.socket else {
            return Ok(());
        };
        let input = match message {
            Some(Message::Text(text)) => {
                self.last_frame = Some(elapsed_ms());
                Input::Frame {
                    generation,
                    text: text.as_str().into(),
                }
            }
            Some(Message::Close(frame)) => {
                self.socket = None;
                Input::SocketClosed {
                    generation,
                    code: frame.as_ref().map_or(1005, |frame| frame.code.into()),
                    reason: String::new(),
                }
            }
            Some(_) => return Ok(()),
            None => {
                self.socket = None;
                closed(generation)
            }
        };
        if matches!(input, Input::Frame { .. }) && self.shared.breaks(DOUBLED) {
            self.shared.count(|counts| counts.frames_doubled += 1);
            self.handle(input.clone()).await?;
        }
        self.handle(input).await
    }

    /// Passes an input to the session, executes its outputs, and updates the view.
    async fn handle(&mut self, input: Input) -> turmoil::Result {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let environment = Environment {
                now_ms: START_MS + elapsed_ms() + self.skew,
                visible: self.is_visible,
                random: self.shared.random().f64(),
                buffered_bytes: 0,
            };
            for output in self.session.handle(environment, input) {
                inputs.extend(self.perform(output).await?);
            }
        }
        self.show();
        Ok(())
    }

    fn show(&mut self) {
        let is_live = *self.session.state() == ConnectionState::Live;
        if let (true, Some(last)) = (is_live, self.last_frame) {
            let silence = elapsed_ms() - last;
            let most = WATCHDOG_MS + i64::try_from(TICK.as_millis()).unwrap();
            assert!(silence <= most, "called live after {silence} ms of silence");
        }
        let details = self.session.details();
        let resyncs = details.resyncs - std::mem::replace(&mut self.resyncs, details.resyncs);
        let opened =
            details.connections - std::mem::replace(&mut self.connections, details.connections);
        self.shared.count(|counts| {
            counts.resyncs += resyncs;
            counts.connections += opened;
        });
        let mut view = self.shared.view(self.index);
        view.is_live = is_live;
        view.pending = details.pending_commands;
    }

    async fn perform(&mut self, output: Output) -> turmoil::Result<Option<Input>> {
        match output {
            Output::Connect { generation } => {
                assert!(
                    self.opening.is_none() && self.socket.is_none(),
                    "two sockets"
                );
                self.opening = Some(Box::pin(async move {
                    (generation, connect::open().await.ok().map(Box::new))
                }));
            }
            Output::Send { generation, text } => {
                if let Some((_, socket)) = self
                    .socket
                    .as_mut()
                    .filter(|(current, _)| *current == generation)
                {
                    // If this fails, reads fail too. It does not wait for long, since a browser
                    // buffers.
                    let _ = timeout(Duration::from_secs(1), socket.send(Message::text(text))).await;
                }
            }
            Output::CloseSocket { .. } => {
                self.opening = None;
                self.socket = None;
            }
            // Sockets are tested here: over HTTP the server cannot be reached.
            Output::Poll {
                request, stream, ..
            } => {
                return Ok(Some(Input::Polled {
                    stream,
                    request,
                    answer: Err(HttpFailure::Unreachable),
                }));
            }
            Output::Post { id, .. } => {
                return Ok(Some(Input::Posted {
                    id,
                    answer: Err(HttpFailure::Unreachable),
                }));
            }
            Output::SetDeadline { at_ms } => self.deadline = at_ms,
            Output::Deliver(message) => {
                return Ok(self.step(follower::Input::Message(message)));
            }
            Output::NeedSnapshot { reason, .. } => {
                let first = reason == SnapshotReason::New;
                return Ok(self.step(follower::Input::SnapshotWanted { first }));
            }
            Output::StreamRefused { error, .. } => {
                // The server has just started, and has not created the project yet: the next
                // connection subscribes again.
                assert!(!self.shared.is_healed(), "refused: {}", error.message);
            }
            Output::CommandDone { id, result } => {
                if result.is_ok_and(|result| result.ok) {
                    self.shared.count(|counts| counts.acknowledged += 1);
                    self.shared.acknowledged.lock().unwrap().push(id);
                }
            }
            Output::StateChanged(ConnectionState::Stopped(why)) => panic!("stopped: {why:?}"),
            Output::StateChanged(_) | Output::Diagnostic(_) | Output::Missed { .. } => {}
        }
        Ok(None)
    }

    /// Passes an input to the follower, and its acknowledgment to the session.
    async fn follow(&mut self, input: follower::Input<Vec<TaskCard>>) -> turmoil::Result {
        match self.step(input) {
            Some(acknowledged) => self.handle(acknowledged).await,
            None => Ok(()),
        }
    }

    /// Passes an input to the follower, and executes its outputs. Returns its acknowledgment for
    /// the session.
    fn step(&mut self, input: follower::Input<Vec<TaskCard>>) -> Option<Input> {
        let mut acknowledged = None;
        for output in self.follower.handle(elapsed_ms(), input) {
            match output {
                follower::Output::Fetch => {
                    assert!(self.fetching.is_none(), "two fetches");
                    self.fetching = Some(Box::pin(fetch()));
                }
                follower::Output::Replace { snapshot, cursor } => {
                    self.shared.count(|counts| counts.snapshots += 1);
                    let mut view = self.shared.view(self.index);
                    view.tasks.apply_snapshot(snapshot, cursor);
                }
                follower::Output::Apply { message, .. } => self.deliver(&message),
                // Nobody looks between the outputs.
                follower::Output::Show => {}
                follower::Output::Acknowledge(cursor) => {
                    let stream = StreamId::project(&self.project);
                    acknowledged = Some(Input::SnapshotApplied { stream, cursor });
                }
                follower::Output::SetTimer(delay) => {
                    self.follower_due = delay.map(|delay| elapsed_ms() + delay);
                }
            }
        }
        acknowledged
    }

    /// Applies an event, which must be the next one.
    fn deliver(&self, message: &Event) {
        let Some(next) = message.cursor() else { return };
        let mut view = self.shared.view(self.index);
        let before = view
            .tasks
            .cursor()
            .unwrap_or_else(|| panic!("{next:?} before a snapshot"));
        assert_eq!(next.epoch, before.epoch, "an event of another life");
        assert_eq!(
            next.seq,
            before.seq + 1,
            "a gap, a repetition or another order"
        );
        self.shared.count(|counts| counts.events += 1);
        let applied = view.tasks.apply(message);
        assert!(
            !applied.stale,
            "an event does not say what changed: {message:?}"
        );
    }

    /// Does the person's next action, or something that happens to their machine.
    async fn act(&mut self) -> turmoil::Result {
        let pause = self.shared.random().u64(100..2_500);
        self.next_act = Instant::now() + Duration::from_millis(pause);
        if self.shared.is_healed() {
            if !std::mem::replace(&mut self.was_healed, true) {
                self.is_visible = true;
                self.handle(Input::Online(true)).await?;
                self.handle(Input::Woke(Wake::Visible)).await?;
                self.follow(follower::Input::Woke).await?;
            }
            return Ok(());
        }
        let act = self.shared.random().u32(0..100);
        match act {
            0..45 => {
                let command = self.command();
                let id = format!("c{}", self.shared.next_command());
                self.handle(Input::Command { id, command }).await
            }
            45..55 => self.handle(Input::Woke(Wake::Focus)).await,
            55..60 => {
                self.is_visible = !self.is_visible;
                let visible = Input::Woke(Wake::Visible);
                self.handle(if self.is_visible {
                    visible
                } else {
                    Input::Tick
                })
                .await
            }
            60..63 => self.handle(Input::Online(false)).await,
            63..68 => self.handle(Input::Online(true)).await,
            68..70 => self.handle(Input::RetryNow).await,
            // The person asks for the newest tasks, while events come.
            76..80 => self.follow(follower::Input::FetchNow).await,
            70..73 => {
                self.shared.count(|counts| counts.clock_jumps += 1);
                let jump = self.shared.random().i64(-7_200_000..7_200_000);
                self.skew += jump;
                if jump < 0 {
                    self.last_frame = None;
                }
                Ok(())
            }
            73..76 => {
                self.shared.count(|counts| counts.freezes += 1);
                let millis = self.shared.random().u64(1_000..40_000);
                // Frozen: nothing is read, and no timer fires.
                let until = Instant::now() + Duration::from_millis(millis);
                while Instant::now() < until && !self.shared.is_healed() {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                self.handle(Input::Woke(Wake::Resume)).await
            }
            _ => Ok(()),
        }
    }

    fn command(&self) -> Command {
        let mut random = self.shared.random();
        let known: Vec<TaskId> = self
            .shared
            .view(self.index)
            .tasks
            .tasks()
            .keys()
            .cloned()
            .collect();
        let project_id = self.project.clone();
        let title = format!("by client {} at {}", self.index, elapsed_ms());
        match (random.choice(known), random.u32(0..10)) {
            (Some(task), 0..6) => Command::UpdateTask {
                project_id,
                task,
                patch: TaskPatch {
                    title: Some(title).into(),
                    ..TaskPatch::default()
                },
                if_rev: None,
                take: None,
                bound: None,
            },
            (Some(task), 6) => Command::DeleteTask {
                project_id,
                task,
                bound: None,
            },
            _ => Command::CreateTask {
                project_id,
                task: NewTask {
                    title,
                    ..NewTask::default()
                },
                bound: None,
            },
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

/// Fetches the tasks.
async fn fetch() -> Fetched {
    let fetched = timeout(SNAPSHOT_TIMEOUT, connect::snapshot()).await;
    fetched.ok().and_then(Result::ok)
}

/// Waits for the pending operation; forever if there is none.
async fn wait<T>(pending_one: &mut Pending<T>) -> T {
    match pending_one {
        Some(future) => future.await,
        None => pending().await,
    }
}

async fn next(socket: &mut Option<(u64, Socket)>) -> Option<Message> {
    match socket {
        Some((_, socket)) => socket.next().await?.ok(),
        None => pending().await,
    }
}

async fn after(millis: Option<i64>) {
    let Some(millis) = millis else {
        return pending().await;
    };
    let left = u64::try_from(millis).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(left)).await;
}
