//! Inputs and outputs of the session.

use super::constants;
use crate::http::EventPage;
use crate::{Command, CommandResult, Cursor, Message, ProjectId, StreamId, WireError};

/// Settings of the application.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name and version of the client, for the server's log.
    pub client: String,
    /// Number of failed attempts in a row after which to give up; `None` means never.
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

/// Environment of the session at the moment of an input. It is read for each input and not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Environment {
    /// Wall clock, in milliseconds since 1970. It may jump in both directions.
    pub now_ms: i64,
    /// True if the page is visible.
    pub visible: bool,
    /// Number drawn uniformly from [0, 1) for this input.
    pub random: f64,
    /// Number of bytes that the socket has accepted and not yet sent.
    pub buffered_bytes: u64,
}

/// Reason to believe that time has passed unnoticed by the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// `visibilitychange`, with the page visible.
    Visible,
    /// Focus of the window.
    Focus,
    /// `pageshow` of a page that was kept in the back/forward cache.
    PageShow,
    /// `resume` of a page that was frozen.
    Resume,
    /// The clock has advanced much further than the page's timers: the machine slept, which no
    /// event reports.
    Clock,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "an input is moved once and not kept"
)]
pub enum Input {
    /// The application wants a connection.
    Open,
    /// The application wants no connection until the next [`Input::Open`].
    Close,
    /// A person asks not to wait. It has no effect after [`Input::Close`].
    RetryNow,
    /// The application wants a stream, after a position that it already has, or from a snapshot
    /// that it will be asked for. A stream that is already received starts again from there.
    Subscribe {
        /// Stream to receive.
        stream: StreamId,
        /// Last event that the application has.
        cursor: Option<Cursor>,
    },
    /// The application no longer wants a stream.
    Unsubscribe {
        /// Stream to stop.
        stream: StreamId,
    },
    /// The application has fetched and applied a snapshot of the stream.
    SnapshotApplied {
        /// Stream of the snapshot.
        stream: StreamId,
        /// Position of the snapshot; `None` if the backend sent none.
        cursor: Option<Cursor>,
    },
    /// The application sends a command. It is answered by exactly one [`Output::CommandDone`].
    Command {
        /// Id chosen by the caller, and never used twice.
        id: String,
        /// Command to execute.
        command: Command,
    },
    /// A socket opened.
    SocketOpened {
        /// Socket, as in [`Output::Connect`].
        generation: u64,
    },
    /// A text frame arrived.
    Frame {
        /// Socket, as in [`Output::Connect`].
        generation: u64,
        /// Content of the frame.
        text: String,
    },
    /// A binary frame arrived.
    BinaryFrame {
        /// Socket, as in [`Output::Connect`].
        generation: u64,
    },
    /// A socket closed, or could not be opened.
    SocketClosed {
        /// Socket, as in [`Output::Connect`].
        generation: u64,
        /// Close code; 1006 if there was none.
        code: u16,
        /// Close reason.
        reason: String,
    },
    /// An [`Output::Poll`] was answered, or failed.
    Polled {
        /// Stream, as in [`Output::Poll`].
        stream: StreamId,
        /// Number, as in [`Output::Poll`].
        request: u64,
        /// Answer of the server.
        answer: Result<EventPage, HttpFailure>,
    },
    /// An [`Output::Post`] was answered, or failed.
    Posted {
        /// Id, as in [`Output::Post`].
        id: String,
        /// Answer of the server.
        answer: Result<CommandResult, HttpFailure>,
    },
    /// The page woke up.
    Woke(Wake),
    /// The browser reports that the machine is on a network, or on none.
    Online(bool),
    /// The time of [`Output::SetDeadline`] has come. An extra tick does no harm.
    Tick,
}

/// An action that the caller has to perform, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a socket to [`board_socket`](crate::frame::board_socket) of the address. The previous
    /// socket was closed or abandoned: see [`Output::CloseSocket`].
    Connect {
        /// Number of the socket in all inputs and outputs about it.
        generation: u64,
    },
    /// Send a text frame.
    Send {
        /// Socket to send on.
        generation: u64,
        /// Content of the frame.
        text: String,
    },
    /// Close the socket and ignore it: anything that still arrives from it has no effect.
    CloseSocket {
        /// Socket to close.
        generation: u64,
        /// Close code.
        code: u16,
        /// Close reason.
        reason: String,
    },
    /// Request the stream's events after a position over HTTP, and pass [`Input::Polled`].
    Poll {
        /// Number of the request, for the answer.
        request: u64,
        /// Stream to poll: a project's, or that of all projects.
        stream: StreamId,
        /// Last event before the requested ones.
        after: u64,
    },
    /// Send a command over HTTP, to `commands` of its project, and pass [`Input::Posted`].
    Post {
        /// Id of the command.
        id: String,
        /// Project of the command.
        project: ProjectId,
        /// Body of the request, as JSON.
        body: String,
    },
    /// Pass [`Input::Tick`] at the given time on the wall clock, which replaces the previous one.
    /// `None` cancels it.
    SetDeadline {
        /// Time in milliseconds since 1970.
        at_ms: Option<i64>,
    },
    /// Apply a message. Messages come in order, and no event of the log is missing or repeated
    /// since the last snapshot.
    Deliver(Box<Message>),
    /// Fetch a snapshot of the stream, apply it, and pass [`Input::SnapshotApplied`]. Until then
    /// nothing of the log is delivered.
    NeedSnapshot {
        /// Stream to fetch.
        stream: StreamId,
        /// Reason for the snapshot.
        reason: SnapshotReason,
    },
    /// Refetch data of the stream that is in no log: messages were dropped. Data that adds to
    /// earlier data, as log lines do, must be read from where it is stored.
    Missed {
        /// Stream of the dropped messages.
        stream: StreamId,
    },
    /// Note that the server refuses the stream permanently (it does not exist, or we may not see
    /// it). The next connection requests it again.
    StreamRefused {
        /// Stream that was refused.
        stream: StreamId,
        /// Reason for the refusal.
        error: WireError,
    },
    /// Note that a command is done, or was given up.
    CommandDone {
        /// Id of the command.
        id: String,
        /// Result of the command.
        result: Result<CommandResult, WireError>,
    },
    /// Note that the connection's state changed.
    StateChanged(ConnectionState),
    /// Record a message for troubleshooting.
    Diagnostic(String),
}

/// Reason for which a snapshot is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotReason {
    /// The stream is new to this session.
    New,
    /// The server cannot replay from our position; one of [`crate::frame::reason`].
    NotRecovered(String),
    /// The stream began a new epoch.
    Epoch,
    /// The same events were missing twice.
    Gap,
    /// The last request for a snapshot was never answered.
    NoAnswer,
    /// There were too many snapshots in a minute; this one comes after a pause.
    AfterPause,
    /// The last snapshot had no position. This one is fetched while events flow, so that none is
    /// lost in between.
    Unpositioned,
    /// The connection is one to an older backend, which cannot replay.
    Legacy,
}

/// State of the connection, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Never opened.
    Idle,
    /// Opening a socket, or waiting for the server's welcome.
    Connecting {
        /// Number of the attempt since the connection was last good, from 1.
        attempt: u32,
    },
    /// Connected; events are still missing.
    CatchingUp {
        /// Number of missing events, as far as known.
        remaining: u64,
    },
    /// Every stream is complete, and the server was heard from within the last heartbeat.
    Live,
    /// Not connected; the next attempt is at a set time.
    Waiting {
        /// Time of the next attempt, in milliseconds since 1970.
        until_ms: i64,
        /// Number of the next attempt, from 1.
        attempt: u32,
    },
    /// The machine is on no network.
    Offline,
    /// Connected, but a stream could not be followed and is paused.
    Degraded,
    /// Connected to an older backend, which has no `board.v1`.
    Legacy,
    /// Polling over HTTP, because sockets are blocked; every stream is complete as of the last
    /// poll.
    Polling(Blocked),
    /// Not connected, until a person or the application acts.
    Stopped(StopReason),
}

impl ConnectionState {
    /// Returns true if the application has the server's data, except for the last seconds.
    pub fn is_current(&self) -> bool {
        matches!(self, Self::Live | Self::Legacy | Self::Polling(_))
    }
}

/// Point at which sockets get stuck while HTTP works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocked {
    /// Sockets do not open.
    #[default]
    Refused,
    /// Sockets open, but nothing arrives.
    Silent,
    /// Sockets work, but break off soon.
    Cut,
}

/// Reason for which a request over HTTP failed.
#[derive(Clone, Debug, PartialEq)]
pub enum HttpFailure {
    /// No answer from the server arrived.
    Unreachable,
    /// The server, or a proxy before it, asks to retry later (408, 429, 5xx).
    Busy {
        /// Delay in milliseconds, if `Retry-After` sets one.
        retry_ms: Option<u64>,
    },
    /// The credential is not valid (401).
    SignedOut,
    /// The log was trimmed past the position (410).
    Trimmed,
    /// The server refuses permanently.
    Refused(Box<WireError>),
}

/// Reason for which the session does not try to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The application closed the connection.
    Closed,
    /// [`Config::max_attempts`] attempts failed in a row. [`Input::RetryNow`] restarts.
    MaxAttempts,
    /// The server said that reconnecting is useless.
    Refused {
        /// Close code.
        code: u16,
        /// Close reason.
        reason: String,
    },
}

/// Statistics of the connection, for its details on the board. Times are in milliseconds since
/// 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Time since which the state is of its current kind.
    pub since_ms: i64,
    /// Time when the board was last known to be complete; the current time if it is.
    pub last_live_ms: Option<i64>,
    /// Time when the current connection was opened.
    pub connected_at_ms: Option<i64>,
    /// Time of the last frame.
    pub last_frame_ms: Option<i64>,
    /// Round trip of the last ping, in milliseconds.
    pub round_trip_ms: Option<f64>,
    /// Number of attempts since the connection was last good.
    pub attempts: u32,
    /// Total number of sockets that opened.
    pub connections: u64,
    /// Total number of messages that were delivered.
    pub messages: u64,
    /// Total number of duplicate messages that were dropped.
    pub duplicates: u64,
    /// Total number of times that missing messages were requested again.
    pub resyncs: u64,
    /// Number of commands that wait to be sent or answered.
    pub pending_commands: usize,
    /// Code and reason of the last close.
    pub last_close: Option<(u16, String)>,
    /// Name of the connection in the server's log.
    pub session: Option<String>,
    /// True if the connection is in legacy mode.
    pub legacy: bool,
}
