//! What goes into the session and what comes out of it.

use super::constants;
use crate::{Command, CommandResult, Cursor, Epoch, Message, ProjectId, StreamId, WireError};

/// What an application chooses.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name and version of the client, for the server's log.
    pub client: String,
    /// After how many failed attempts in a row to give up; `None` never does.
    pub max_attempts: Option<u32>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            client: concat!("tasktree/", env!("CARGO_PKG_VERSION")).into(),
            max_attempts: constants::MAX_ATTEMPTS,
        }
    }
}

/// What the session must know of the world at the moment of an input. It is read anew for each: nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Environment {
    /// The wall clock, in milliseconds since 1970. It may jump in both directions.
    pub now_ms: i64,
    /// Whether the page is visible.
    pub visible: bool,
    /// A number drawn uniformly from [0, 1) for this input.
    pub random: f64,
    /// Bytes that the socket has accepted and not yet sent.
    pub buffered_bytes: u64,
}

/// Why the page has reason to believe that time has passed unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// `visibilitychange`, and the page is visible.
    Visible,
    /// The window got the focus.
    Focus,
    /// `pageshow` of a page that was kept in the back/forward cache.
    PageShow,
    /// `resume` of a page that was frozen.
    Resume,
    /// The clock has gone on much further than the page's timers: the machine slept, of which no event tells.
    Clock,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "an input is moved once and not kept"
)]
pub enum Input {
    /// The application wants a connection.
    Open,
    /// The application wants none, until the next [`Input::Open`].
    Close,
    /// A person asks not to wait. Nothing after [`Input::Close`].
    RetryNow,
    /// Receive a stream: after a position that the application has already, or from a snapshot that it will be asked for. A stream that
    /// is received already starts again from there.
    Subscribe {
        /// Which stream.
        stream: StreamId,
        /// The last event that the application has.
        cursor: Option<Cursor>,
    },
    /// Receive a stream no longer.
    Unsubscribe {
        /// Which stream.
        stream: StreamId,
    },
    /// The application has fetched and applied a snapshot of the stream.
    SnapshotApplied {
        /// Of which stream.
        stream: StreamId,
        /// Where the snapshot was taken; `None` where the backend did not say.
        cursor: Option<Cursor>,
    },
    /// Send a command. It is answered by exactly one [`Output::CommandDone`].
    Command {
        /// Chosen by the caller, and never used twice.
        id: String,
        /// What to do.
        command: Command,
    },
    /// A socket opened.
    SocketOpened {
        /// As in [`Output::Connect`].
        generation: u64,
    },
    /// A text frame came.
    Frame {
        /// As in [`Output::Connect`].
        generation: u64,
        /// What it says.
        text: String,
    },
    /// A binary frame came.
    BinaryFrame {
        /// As in [`Output::Connect`].
        generation: u64,
    },
    /// A socket closed, or could not be opened.
    SocketClosed {
        /// As in [`Output::Connect`].
        generation: u64,
        /// The close code; 1006 where none came.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// The answer to [`Output::Poll`].
    Polled {
        /// As in [`Output::Poll`].
        stream: StreamId,
        /// As in [`Output::Poll`].
        request: u64,
        /// What the server said.
        answer: Result<Polled, HttpFailure>,
    },
    /// The answer to [`Output::Post`].
    Posted {
        /// As in [`Output::Post`].
        id: String,
        /// What the server said.
        answer: Result<CommandResult, HttpFailure>,
    },
    /// The page woke up.
    Woke(Wake),
    /// The browser says that the machine is on a network, or on none.
    Online(bool),
    /// The time of [`Output::SetDeadline`] has come. A tick too many does no harm.
    Tick,
}

/// What the caller has to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket, to [`board_socket`](crate::frame::board_socket) of the address. The former
    /// one was closed, or is abandoned: see [`Output::CloseSocket`].
    Connect {
        /// Names the socket in everything that concerns it.
        generation: u64,
    },
    /// Send a text frame.
    Send {
        /// On which socket.
        generation: u64,
        /// What.
        text: String,
    },
    /// Close the socket, and listen to it no longer: what still comes from it is ignored.
    CloseSocket {
        /// Which socket.
        generation: u64,
        /// The close code.
        code: u16,
        /// The close reason.
        reason: String,
    },
    /// Ask by HTTP for the stream's events after a position, and give [`Input::Polled`].
    Poll {
        /// Names the answer.
        request: u64,
        /// Of which stream: a project's, or that of all projects.
        stream: StreamId,
        /// After which event.
        after: u64,
    },
    /// Send a command by HTTP, to `commands` of its project, and give [`Input::Posted`].
    Post {
        /// The command's id.
        id: String,
        /// Its project.
        project: ProjectId,
        /// The body of the request, as JSON.
        body: String,
    },
    /// Give [`Input::Tick`] at that time on the wall clock; it replaces the former. `None`: nothing is waited for.
    SetDeadline {
        /// In milliseconds since 1970.
        at_ms: Option<i64>,
    },
    /// A message, in order: nothing in the log is left out or given twice since the last snapshot.
    Deliver(Box<Message>),
    /// Fetch a snapshot of the stream, apply it, and give [`Input::SnapshotApplied`]. Until then nothing of the log is delivered.
    NeedSnapshot {
        /// Of which stream.
        stream: StreamId,
        /// Why.
        reason: SnapshotReason,
    },
    /// Messages of the stream that are in no log were dropped: read what adds to earlier ones, as log lines do, where it is stored.
    Missed {
        /// Of which stream.
        stream: StreamId,
    },
    /// The server refuses the stream, for good (it does not exist, or not for us). The next connection asks again.
    StreamRefused {
        /// Which stream.
        stream: StreamId,
        /// Why.
        error: WireError,
    },
    /// A command is done, or was given up.
    CommandDone {
        /// Which.
        id: String,
        /// What came of it.
        result: Result<CommandResult, WireError>,
    },
    /// The connection's state is another.
    StateChanged(ConnectionState),
    /// Something for whoever looks for a fault.
    Diagnostic(String),
}

/// Why a snapshot is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotReason {
    /// The stream is new to this session.
    New,
    /// The server cannot replay from our position; one of [`crate::frame::reason`].
    NotRecovered(String),
    /// The stream began a new life.
    Epoch,
    /// The same events were missing twice.
    Gap,
    /// The last request for a snapshot was never answered.
    NoAnswer,
    /// Too many of these in a minute; this one comes after a pause.
    AfterPause,
    /// The last snapshot had no position; this one is fetched while events flow, so that none falls between.
    Unpositioned,
    /// The connection is one to an older backend, which cannot replay.
    Legacy,
}

/// Where the connection stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Never opened.
    Idle,
    /// A socket is being opened, or has not been greeted yet.
    Connecting {
        /// From 1, since the connection was last good.
        attempt: u32,
    },
    /// Connected; events are still missing.
    CatchingUp {
        /// How many, as far as is known.
        remaining: u64,
    },
    /// Every stream is complete, and the server was heard from within the last heartbeat.
    Live,
    /// Not connected; the next attempt is at a set time.
    Waiting {
        /// When, in milliseconds since 1970.
        until_ms: i64,
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The machine is on no network.
    Offline,
    /// Connected, but a stream could not be followed and is paused.
    Degraded,
    /// Connected to an older backend, which has no `board.v1`.
    Legacy,
    /// Sockets do not get through; every stream is complete as of the last poll over HTTP.
    Polling(Blocked),
    /// Not connected, and it stays so until somebody acts.
    Stopped(StopReason),
}

impl ConnectionState {
    /// Returns whether what the application has is what the server has, but for seconds.
    pub fn is_current(&self) -> bool {
        matches!(self, Self::Live | Self::Legacy | Self::Polling(_))
    }
}

/// Place where sockets get stuck, while HTTP works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocked {
    /// They do not open.
    #[default]
    Refused,
    /// They open, and nothing comes.
    Silent,
    /// They work, and break off soon.
    Cut,
}

/// A part of a stream's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Polled {
    /// The life of the stream.
    pub epoch: Epoch,
    /// The stream's last event.
    pub seq: u64,
    /// Events after the position that was asked for, in order.
    pub events: Vec<Message>,
    /// Whether there are more after them.
    pub more: bool,
}

/// Reason for which a request over HTTP failed.
#[derive(Clone, Debug, PartialEq)]
pub enum HttpFailure {
    /// No answer of the server came.
    Unreachable,
    /// The server, or a proxy before it, asks to come back later (408, 429, 5xx).
    Busy {
        /// Milliseconds after which, where `Retry-After` says so.
        retry_ms: Option<u64>,
    },
    /// The credential is not valid (401).
    SignedOut,
    /// The log no longer goes back so far (410).
    Trimmed,
    /// The server refuses, for good.
    Refused(Box<WireError>),
}

/// Why the session does not try to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The application closed it.
    Closed,
    /// [`Config::max_attempts`] failed in a row. [`Input::RetryNow`] starts anew.
    MaxAttempts,
    /// The server said that coming back is of no use.
    Refused {
        /// The close code.
        code: u16,
        /// The close reason.
        reason: String,
    },
}

/// Numbers about the connection, for its details on the board. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Since when the state is of its present kind.
    pub since_ms: i64,
    /// When the board was last known to be complete; now, where it is.
    pub last_live_ms: Option<i64>,
    /// When the present connection was opened.
    pub connected_at_ms: Option<i64>,
    /// When the last frame came.
    pub last_frame_ms: Option<i64>,
    /// How long the server took to answer the last ping, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Attempts since the connection was last good.
    pub attempts: u32,
    /// Sockets that opened, in all.
    pub connections: u64,
    /// Messages that were delivered, in all.
    pub messages: u64,
    /// Messages that came twice and were dropped, in all.
    pub duplicates: u64,
    /// Times that messages were missing and were asked for again, in all.
    pub resyncs: u64,
    /// Commands that wait to be sent or answered.
    pub pending_commands: usize,
    /// Code and reason with which the last connection ended.
    pub last_close: Option<(u16, String)>,
    /// The name of the connection in the server's log.
    pub session: Option<String>,
    /// Whether the connection is in legacy mode.
    pub legacy: bool,
}
