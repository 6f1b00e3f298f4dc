//! Control frames of `board.v1`: their `type` begins with `sys.`, and `data` has what is given here.

pub mod close;
mod incoming;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Command, CommandResult, Cursor, Epoch, Message, StreamId, Timestamp, WireError};
pub use incoming::Incoming;

/// The WebSocket subprotocol. A client that does not ask for it gets legacy mode.
pub const SUBPROTOCOL: &str = "board.v1";

/// The query parameter that asks for [`SUBPROTOCOL`] in the address, `?protocol=board.v1`: some
/// proxies drop the header `Sec-WebSocket-Protocol`, and a browser fails a connection whose server
/// seems to have chosen none of the subprotocols that it offered.
pub const PROTOCOL_PARAMETER: &str = "protocol";

/// The query parameter with a ticket, for a WebSocket behind such a proxy.
pub const TICKET_PARAMETER: &str = "ticket";

/// Returns the address of the socket that speaks [`SUBPROTOCOL`], for the address of `ws/updates`.
pub fn board_socket(url: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{PROTOCOL_PARAMETER}={SUBPROTOCOL}")
}

/// A capability that a client names in its hello: it reads [`ServerFrame::Batch`].
pub const CAP_BATCH: &str = "batch";

/// A wish to receive a stream, from a position or from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Which stream.
    pub stream: StreamId,
    /// The position after which to go on; without it the answer says where the stream stands.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// How a subscription began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// Which stream.
    pub stream: StreamId,
    /// Its life.
    pub epoch: Epoch,
    /// Its last event.
    pub seq: u64,
    /// Whether everything after the client's position follows. Where not, the client must fetch a snapshot.
    pub recovered: bool,
    /// How many events follow before `sys.live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<u64>,
    /// Why it could not be recovered: one of [`reason`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a stream could not be resumed.
pub mod reason {
    /// The client named no position.
    pub const NEW: &str = "new";
    /// The client's epoch is another.
    pub const EPOCH: &str = "epoch";
    /// The log no longer goes back so far.
    pub const TRIMMED: &str = "trimmed";
    /// More events than are worth replaying.
    pub const TOO_MANY: &str = "too_many";
    /// The client is ahead of the log.
    pub const FUTURE: &str = "future";
}

/// What a client says first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Its name and version.
    #[serde(default)]
    pub client: String,
    /// The streams that it wants.
    #[serde(default)]
    pub subs: Vec<Subscribe>,
    /// What it can do: see [`CAP_BATCH`].
    #[serde(default)]
    pub caps: Vec<String>,
}

/// The server's answer to hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The connection's name in the server's log.
    pub session: String,
    /// The server's clock.
    pub server_time: Timestamp,
    /// How often the server pings, in milliseconds.
    pub ping_ms: u64,
    /// Within how many milliseconds it expects the pong.
    pub pong_ms: u64,
    /// The longest frame that it reads, in bytes.
    pub max_frame: u64,
    /// How each subscription began.
    pub subs: Vec<Subscribed>,
}

/// The heartbeat's question: with each stream's last position, so that a hidden gap shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Number of the ping.
    #[serde(default)]
    pub n: u64,
    /// The sender's clock in milliseconds; comes back in the pong.
    #[serde(default)]
    pub t: i64,
    /// Last position of each stream that the client is subscribed to.
    #[serde(default)]
    pub tops: BTreeMap<StreamId, u64>,
}

/// The heartbeat's answer, with what is there: a client says what it applied, the server how far its streams are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The ping's number.
    #[serde(default)]
    pub n: u64,
    /// The ping's `t`.
    #[serde(default)]
    pub t: i64,
    /// A client's last applied position of each stream, a cumulative acknowledgement; the server's newest one.
    #[serde(default)]
    pub seen: BTreeMap<StreamId, u64>,
}

/// A frame that a client sends, `{"type": "sys.ping", "data": {..}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    clippy::large_enum_variant,
    reason = "a frame is read, acted upon and dropped"
)]
#[serde(tag = "type", content = "data")]
pub enum ClientFrame {
    /// The first frame, within 10 s.
    #[serde(rename = "sys.hello")]
    Hello(Hello),
    /// Receive one more stream.
    #[serde(rename = "sys.subscribe")]
    Subscribe {
        /// Names the answer.
        id: String,
        /// Which stream, from where.
        #[serde(flatten)]
        subscribe: Subscribe,
    },
    /// Receive a stream no longer.
    #[serde(rename = "sys.unsubscribe")]
    Unsubscribe {
        /// Names the answer.
        id: String,
        /// Which stream.
        stream: StreamId,
    },
    /// A probe: is anybody there?
    #[serde(rename = "sys.ping")]
    Ping(Ping),
    /// The answer to the server's ping.
    #[serde(rename = "sys.pong")]
    Pong(Pong),
    /// A command.
    #[serde(rename = "sys.cmd")]
    Command {
        /// Chosen by the client; the same id is executed once.
        id: String,
        /// What to do.
        #[serde(flatten)]
        command: Command,
    },
}

/// A control frame that the server sends; [`Incoming::parse`] reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "data")]
pub enum ServerFrame {
    /// The answer to hello.
    #[serde(rename = "sys.welcome")]
    Welcome(Welcome),
    /// The replay of a stream is complete; what follows is new.
    #[serde(rename = "sys.live")]
    Live {
        /// Which stream.
        stream: StreamId,
        /// Its position.
        seq: u64,
    },
    /// The answer to subscribe.
    #[serde(rename = "sys.subscribed")]
    Subscribed {
        /// The request's id.
        id: String,
        /// How it began.
        #[serde(flatten)]
        subscribed: Subscribed,
    },
    /// The answer to unsubscribe.
    #[serde(rename = "sys.unsubscribed")]
    Unsubscribed {
        /// The request's id.
        id: String,
        /// Which stream.
        stream: StreamId,
    },
    /// A request was refused, or a frame could not be read.
    #[serde(rename = "sys.error")]
    Error {
        /// The request's id, where it could be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Why.
        #[serde(flatten)]
        error: WireError,
    },
    /// Several events in one frame.
    #[serde(rename = "sys.batch")]
    Batch {
        /// In order.
        events: Vec<Message>,
    },
    /// The heartbeat.
    #[serde(rename = "sys.ping")]
    Ping(Ping),
    /// The answer to the client's probe.
    #[serde(rename = "sys.pong")]
    Pong(Pong),
    /// The answer to a command.
    #[serde(rename = "sys.result")]
    Result(CommandResult),
    /// The stream cannot go on from where the client is: fetch the snapshot, then subscribe from there.
    #[serde(rename = "sys.resync")]
    Resync {
        /// Which stream.
        stream: StreamId,
        /// Its life.
        epoch: Epoch,
        /// Its last event.
        seq: u64,
        /// Why: one of [`reason`].
        reason: String,
    },
    /// Messages without a position were dropped, since the client read too slowly: what adds to earlier ones, as log lines do, is to be read
    /// where it is stored.
    #[serde(rename = "sys.missed")]
    Missed {
        /// Of which stream.
        stream: StreamId,
    },
    /// The server is about to close the connection.
    #[serde(rename = "sys.bye")]
    Bye {
        /// When to come back: earliest and latest, in milliseconds from now.
        reconnect_in_ms: [u64; 2],
        /// Why.
        reason: String,
    },
}
