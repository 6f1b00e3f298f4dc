//! Control frames of `board.v1`. Their `type` begins with `sys.`, and these types are their `data`.

pub mod close;
mod incoming;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Command, CommandResult, Cursor, Epoch, Message, StreamId, Timestamp, WireError};
pub use incoming::Incoming;

/// WebSocket subprotocol. A client that does not request it gets legacy mode.
pub const SUBPROTOCOL: &str = "board.v1";

/// Query parameter that requests [`SUBPROTOCOL`] in the address: `?protocol=board.v1`. Some proxies
/// drop the header `Sec-WebSocket-Protocol`, and a browser fails a connection whose server seems to
/// have chosen none of the subprotocols offered.
pub const PROTOCOL_PARAMETER: &str = "protocol";

/// Query parameter with a ticket, for a WebSocket behind a proxy that drops headers.
pub const TICKET_PARAMETER: &str = "ticket";

/// Returns the address of the socket that speaks [`SUBPROTOCOL`], given the address of
/// `ws/updates`.
pub fn board_socket(url: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{PROTOCOL_PARAMETER}={SUBPROTOCOL}")
}

/// Capability that a client declares in its hello: it reads [`ServerFrame::Batch`].
pub const CAP_BATCH: &str = "batch";

/// Request to receive a stream, from a position or from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Stream to subscribe to.
    pub stream: StreamId,
    /// Position to resume after. Without it, the answer names the stream's current position.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// Start of a subscription, as confirmed by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// Stream of the subscription.
    pub stream: StreamId,
    /// Current epoch of the stream.
    pub epoch: Epoch,
    /// Position of the stream's last event.
    pub seq: u64,
    /// True if all events after the client's position follow. If false, the client must fetch a
    /// snapshot.
    pub recovered: bool,
    /// Number of events that follow before `sys.live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<u64>,
    /// Reason why the stream could not be resumed: one of [`reason`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Reasons why a stream could not be resumed.
pub mod reason {
    /// The client sent no position.
    pub const NEW: &str = "new";
    /// The client's epoch is not the stream's.
    pub const EPOCH: &str = "epoch";
    /// The log was trimmed past the client's position.
    pub const TRIMMED: &str = "trimmed";
    /// There are more events to replay than is worthwhile.
    pub const TOO_MANY: &str = "too_many";
    /// The client is ahead of the log.
    pub const FUTURE: &str = "future";
}

/// First frame of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Name and version of the client.
    #[serde(default)]
    pub client: String,
    /// Streams that the client subscribes to.
    #[serde(default)]
    pub subs: Vec<Subscribe>,
    /// Capabilities of the client: see [`CAP_BATCH`].
    #[serde(default)]
    pub caps: Vec<String>,
}

/// Server's answer to hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Name of the connection in the server's log.
    pub session: String,
    /// Current time of the server.
    pub server_time: Timestamp,
    /// Interval between the server's pings, in milliseconds.
    pub ping_ms: u64,
    /// Time within which the server expects the pong, in milliseconds.
    pub pong_ms: u64,
    /// Longest frame that the server reads, in bytes.
    pub max_frame: u64,
    /// Start of each subscription.
    pub subs: Vec<Subscribed>,
}

/// Heartbeat request, with each stream's last position so that an unnoticed gap shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Number of the ping.
    #[serde(default)]
    pub n: u64,
    /// Sender's clock in milliseconds; returned in the pong.
    #[serde(default)]
    pub t: i64,
    /// Last position of each stream that the client is subscribed to.
    #[serde(default)]
    pub tops: BTreeMap<StreamId, u64>,
}

/// Heartbeat response. A client reports the positions that it applied, the server those of its
/// streams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// Number of the ping.
    #[serde(default)]
    pub n: u64,
    /// Field `t` of the ping.
    #[serde(default)]
    pub t: i64,
    /// Position of each stream. From a client, the last one that it applied, a cumulative
    /// acknowledgement; from the server, the newest one.
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
    /// First frame, due within 10 s.
    #[serde(rename = "sys.hello")]
    Hello(Hello),
    /// Subscribes to one more stream.
    #[serde(rename = "sys.subscribe")]
    Subscribe {
        /// Id for the answer.
        id: String,
        /// Stream and position.
        #[serde(flatten)]
        subscribe: Subscribe,
    },
    /// Ends a subscription.
    #[serde(rename = "sys.unsubscribe")]
    Unsubscribe {
        /// Id for the answer.
        id: String,
        /// Stream to unsubscribe from.
        stream: StreamId,
    },
    /// Probe that checks that the server is reachable.
    #[serde(rename = "sys.ping")]
    Ping(Ping),
    /// Answer to the server's ping.
    #[serde(rename = "sys.pong")]
    Pong(Pong),
    /// Command to execute.
    #[serde(rename = "sys.cmd")]
    Command {
        /// Id chosen by the client; a command with the same id is executed once.
        id: String,
        /// Command itself.
        #[serde(flatten)]
        command: Command,
    },
}

/// A control frame that the server sends; [`Incoming::parse`] reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "data")]
pub enum ServerFrame {
    /// Answer to hello.
    #[serde(rename = "sys.welcome")]
    Welcome(Welcome),
    /// End of a stream's replay; all later events are new.
    #[serde(rename = "sys.live")]
    Live {
        /// Stream that is live.
        stream: StreamId,
        /// Position of the stream.
        seq: u64,
    },
    /// Answer to subscribe.
    #[serde(rename = "sys.subscribed")]
    Subscribed {
        /// Id of the request.
        id: String,
        /// Start of the subscription.
        #[serde(flatten)]
        subscribed: Subscribed,
    },
    /// Answer to unsubscribe.
    #[serde(rename = "sys.unsubscribed")]
    Unsubscribed {
        /// Id of the request.
        id: String,
        /// Stream that was unsubscribed from.
        stream: StreamId,
    },
    /// Refusal of a request, or of a frame that could not be read.
    #[serde(rename = "sys.error")]
    Error {
        /// Id of the request, if it could be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Reason for the refusal.
        #[serde(flatten)]
        error: WireError,
    },
    /// Several events in one frame.
    #[serde(rename = "sys.batch")]
    Batch {
        /// Events, in order.
        events: Vec<Message>,
    },
    /// Heartbeat.
    #[serde(rename = "sys.ping")]
    Ping(Ping),
    /// Answer to the client's probe.
    #[serde(rename = "sys.pong")]
    Pong(Pong),
    /// Answer to a command.
    #[serde(rename = "sys.result")]
    Result(CommandResult),
    /// The stream cannot continue from the client's position: fetch the snapshot, then subscribe
    /// from its position.
    #[serde(rename = "sys.resync")]
    Resync {
        /// Stream to fetch.
        stream: StreamId,
        /// Current epoch of the stream.
        epoch: Epoch,
        /// Position of the stream's last event.
        seq: u64,
        /// Reason: one of [`reason`].
        reason: String,
    },
    /// Messages without a position were dropped because the client read too slowly. Data that adds
    /// to earlier data, as log lines do, must be read from where it is stored.
    #[serde(rename = "sys.missed")]
    Missed {
        /// Stream of the dropped messages.
        stream: StreamId,
    },
    /// Notice that the server is about to close the connection.
    #[serde(rename = "sys.bye")]
    Bye {
        /// Earliest and latest time to reconnect, in milliseconds from now.
        reconnect_in_ms: [u64; 2],
        /// Reason for the close.
        reason: String,
    },
}
