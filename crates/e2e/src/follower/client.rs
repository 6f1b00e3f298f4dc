//! The follower's client: passes events to the session, and performs the session's outputs.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use futures_util::SinkExt;
use tasktree_protocol::replica::Replica;
use tasktree_protocol::session::{
    Config, ConnectionState, Environment, HttpFailure, Input, Output, Session,
};
use tasktree_protocol::{Cursor, Message as Event, ProjectId, StreamId, TaskCard};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::socket::{Socket, connect, next};
use super::{Followed, Order, Progress};
use crate::wait::{INTERVAL, PATIENCE};

/// Time limit for opening a socket or fetching a snapshot.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// A session with its socket and tasks.
pub(super) struct Client {
    address: SocketAddr,
    project: ProjectId,
    http: reqwest::Client,
    session: Session,
    /// Socket with its generation.
    socket: Option<(u64, Socket)>,
    deadline: Option<i64>,
    tasks: Replica,
    attempts: u64,
    events: u64,
    snapshots: u64,
    publish: watch::Sender<Progress>,
}

/// Event that the client waits for.
enum Happened {
    Came(Option<Message>),
    Due,
    Ordered(Order),
}

impl Client {
    pub(super) fn new(
        address: SocketAddr,
        project: &str,
        publish: watch::Sender<Progress>,
    ) -> Self {
        Self {
            address,
            project: project.into(),
            http: reqwest::Client::new(),
            session: Session::new(Config {
                client: "follower".into(),
                max_attempts: None,
            }),
            socket: None,
            deadline: None,
            tasks: Replica::new(project.into()),
            attempts: 0,
            events: 0,
            snapshots: 0,
            publish,
        }
    }

    pub(super) async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) -> Result<Followed> {
        let stream = StreamId::project(&self.project);
        let cursor = None;
        self.handle(Input::Subscribe { stream, cursor }).await?;
        self.handle(Input::Open).await?;
        let mut last = None;
        loop {
            if let (Some(last), Some(cursor)) = (last, self.tasks.cursor())
                && cursor.seq >= last
            {
                let details = self.session.details();
                return Ok(Followed {
                    cursor: cursor.clone(),
                    tasks: self.tasks.tasks().clone(),
                    attempts: self.attempts,
                    connections: details.connections,
                    events: self.events,
                    snapshots: self.snapshots,
                    resyncs: details.resyncs,
                });
            }
            let happened = tokio::select! {
                message = next(&mut self.socket) => Happened::Came(message),
                () = due(self.deadline) => Happened::Due,
                Some(order) = orders.recv() => Happened::Ordered(order),
            };
            match happened {
                Happened::Came(message) => self.came(message).await?,
                Happened::Due => {
                    self.deadline = None;
                    self.handle(Input::Tick).await?;
                }
                Happened::Ordered(Order::LeaveAt(seq)) => last = Some(seq),
                Happened::Ordered(Order::Tell(input)) => self.handle(*input).await?,
            }
        }
    }

    async fn came(&mut self, message: Option<Message>) -> Result<()> {
        let Some((generation, _)) = self.socket else {
            return Ok(());
        };
        let input = match message {
            Some(Message::Text(text)) => Input::Frame {
                generation,
                text: text.as_str().into(),
            },
            Some(Message::Binary(_)) => Input::BinaryFrame { generation },
            Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => return Ok(()),
            Some(Message::Close(frame)) => {
                self.socket = None;
                Input::SocketClosed {
                    generation,
                    code: frame.as_ref().map_or(1005, |frame| frame.code.into()),
                    reason: frame.map_or_else(String::new, |frame| frame.reason.to_string()),
                }
            }
            None => {
                self.socket = None;
                closed(generation)
            }
        };
        self.handle(input).await
    }

    /// Passes an input to the session, and performs its outputs until there are no more.
    async fn handle(&mut self, input: Input) -> Result<()> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for output in self.session.handle(environment(), input) {
                inputs.extend(self.perform(output).await?);
            }
        }
        self.publish.send_replace(Progress {
            is_live: *self.session.state() == ConnectionState::Live,
            connections: self.session.details().connections,
            seq: self.tasks.cursor().map_or(0, |cursor| cursor.seq),
        });
        Ok(())
    }

    async fn perform(&mut self, output: Output) -> Result<Option<Input>> {
        Ok(match output {
            Output::Connect { generation } => {
                self.attempts += 1;
                let connecting = timeout(REQUEST_TIMEOUT, connect(self.address));
                Some(match connecting.await {
                    Ok(Ok(socket)) => {
                        self.socket = Some((generation, socket));
                        Input::SocketOpened { generation }
                    }
                    Ok(Err(_)) | Err(_) => closed(generation),
                })
            }
            Output::Send { generation, text } => match &mut self.socket {
                // If sending fails, reading reports it too.
                Some((current, socket)) if *current == generation => {
                    let _ = socket.send(Message::text(text)).await;
                    None
                }
                _ => None,
            },
            Output::CloseSocket { generation, .. } => {
                self.socket.take_if(|(current, _)| *current == generation);
                None
            }
            // Sockets are under test here, so the server is unreachable over HTTP.
            Output::Poll {
                request, stream, ..
            } => Some(Input::Polled {
                stream,
                request,
                answer: Err(HttpFailure::Unreachable),
            }),
            Output::Post { id, .. } => Some(Input::Posted {
                id,
                answer: Err(HttpFailure::Unreachable),
            }),
            Output::SetDeadline { at_ms } => {
                self.deadline = at_ms;
                None
            }
            Output::Deliver(message) => {
                self.deliver(&message)?;
                None
            }
            Output::NeedSnapshot { stream, .. } => {
                self.snapshots += 1;
                let cursor = self.fetch_snapshot().await?;
                Some(Input::SnapshotApplied {
                    stream,
                    cursor: Some(cursor),
                })
            }
            Output::StreamRefused { error, .. } => bail!("refused: {}", error.message),
            Output::StateChanged(ConnectionState::Stopped(why)) => bail!("stopped: {why:?}"),
            Output::CommandDone { .. }
            | Output::StateChanged(_)
            | Output::Diagnostic(_)
            | Output::Missed { .. } => None,
        })
    }

    fn deliver(&mut self, message: &Event) -> Result<()> {
        if let Some(seq) = message.seq {
            let before = self.tasks.cursor().context("an event before a snapshot")?;
            ensure!(
                seq == before.seq + 1,
                "after event {} came {seq}",
                before.seq
            );
            self.events += 1;
        }
        let applied = self.tasks.apply(message);
        ensure!(!applied.stale, "an event does not say what changed");
        Ok(())
    }

    /// Fetches a snapshot. It retries on errors, since the server may be restarting.
    async fn fetch_snapshot(&mut self) -> Result<Cursor> {
        let url = format!(
            "http://{}/api/projects/{}/tasks?view=card",
            self.address,
            self.project.as_str()
        );
        let deadline = SystemTime::now() + PATIENCE;
        loop {
            match self.try_snapshot(&url).await {
                Ok(cursor) => return Ok(cursor),
                Err(error) if SystemTime::now() > deadline => return Err(error),
                Err(_) => tokio::time::sleep(INTERVAL).await,
            }
        }
    }

    async fn try_snapshot(&mut self, url: &str) -> Result<Cursor> {
        let request = self.http.get(url).timeout(REQUEST_TIMEOUT);
        let answer = request.send().await?.error_for_status()?;
        let header = |name: &str| {
            let value = answer.headers().get(name).context("no position")?;
            anyhow::Ok(value.to_str()?.to_owned())
        };
        let cursor = Cursor::new(
            header("stream-epoch")?.as_str().into(),
            header("stream-seq")?.parse()?,
        );
        let cards: Vec<TaskCard> = answer.json().await?;
        self.tasks.apply_snapshot(cards, Some(cursor.clone()));
        Ok(cursor)
    }
}

fn closed(generation: u64) -> Input {
    Input::SocketClosed {
        generation,
        code: 1006,
        reason: String::new(),
    }
}

fn environment() -> Environment {
    Environment {
        now_ms: now_ms(),
        visible: true,
        random: fastrand::f64(),
        buffered_bytes: 0,
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

async fn due(deadline: Option<i64>) {
    match deadline {
        Some(at) => {
            let left = u64::try_from(at - now_ms()).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
        None => std::future::pending().await,
    }
}
