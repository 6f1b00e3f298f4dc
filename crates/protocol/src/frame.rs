//! Control frames of `board.v1`: their `type` begins with `sys.`, and `data` has what is given here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Command, CommandResult, Cursor, Epoch, Message, StreamId, Timestamp, WireError};

/// The WebSocket subprotocol. A client that does not ask for it gets legacy mode.
pub const SUBPROTOCOL: &str = "board.v1";

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
    /// Its credential, where the connection did not bring one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
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
    /// The server is about to close the connection.
    #[serde(rename = "sys.bye")]
    Bye {
        /// When to come back: earliest and latest, in milliseconds from now.
        reconnect_in_ms: [u64; 2],
        /// Why.
        reason: String,
    },
}

/// Whatever a server may send in one text frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A control frame.
    Control(ServerFrame),
    /// A control frame of a type, or with data, that this version does not know.
    UnknownControl {
        /// Its type.
        kind: String,
        /// The whole frame.
        raw: Value,
    },
    /// An event.
    Message(Box<Message>),
}

/// What every frame has in common.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// A request's id beside other fields.
#[derive(Deserialize)]
struct WithId {
    id: String,
}

/// The same, where a request may have been too broken to have one.
#[derive(Deserialize)]
struct MayHaveId {
    #[serde(default)]
    id: Option<String>,
}

impl ServerFrame {
    /// The frame of that type with that data, as JSON text.
    ///
    /// By hand, and not by serde's tagged enum: that copies the data into a form of its own first, and the reader of that form
    /// would be a tenth of what the board's users download.
    fn from_json(kind: &str, data: &str) -> serde_json::Result<Option<Self>> {
        use serde_json::from_str;

        #[derive(Deserialize)]
        struct Unsubscribed {
            id: String,
            stream: StreamId,
        }
        #[derive(Deserialize)]
        struct Live {
            stream: StreamId,
            seq: u64,
        }
        #[derive(Deserialize)]
        struct Batch {
            events: Vec<Message>,
        }
        #[derive(Deserialize)]
        struct Resync {
            stream: StreamId,
            epoch: Epoch,
            seq: u64,
            reason: String,
        }
        #[derive(Deserialize)]
        struct Bye {
            reconnect_in_ms: [u64; 2],
            reason: String,
        }

        Ok(Some(match kind {
            "sys.welcome" => Self::Welcome(from_str(data)?),
            "sys.live" => {
                let Live { stream, seq } = from_str(data)?;
                Self::Live { stream, seq }
            }
            "sys.subscribed" => Self::Subscribed {
                id: from_str::<WithId>(data)?.id,
                subscribed: from_str(data)?,
            },
            "sys.unsubscribed" => {
                let Unsubscribed { id, stream } = from_str(data)?;
                Self::Unsubscribed { id, stream }
            }
            "sys.error" => Self::Error {
                id: from_str::<MayHaveId>(data)?.id,
                error: from_str(data)?,
            },
            "sys.batch" => Self::Batch {
                events: from_str::<Batch>(data)?.events,
            },
            "sys.ping" => Self::Ping(from_str(data)?),
            "sys.pong" => Self::Pong(from_str(data)?),
            "sys.result" => Self::Result(from_str(data)?),
            "sys.resync" => {
                let frame: Resync = from_str(data)?;
                Self::Resync {
                    stream: frame.stream,
                    epoch: frame.epoch,
                    seq: frame.seq,
                    reason: frame.reason,
                }
            }
            "sys.bye" => {
                let frame: Bye = from_str(data)?;
                Self::Bye {
                    reconnect_in_ms: frame.reconnect_in_ms,
                    reason: frame.reason,
                }
            }
            _ => return Ok(None),
        }))
    }
}

impl Incoming {
    /// Reads a text frame.
    ///
    /// # Errors
    /// A sentence that says what is wrong, where it is not JSON or not a message. An unknown type is no error.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Control frames are rare and events are many: only a frame that may be one is read as one.
        if text.contains("\"sys.")
            && let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text)
            && envelope.r#type.starts_with("sys.")
        {
            let data = envelope.data.map_or("null", RawValue::get);
            return match ServerFrame::from_json(&envelope.r#type, data) {
                Ok(Some(frame)) => Ok(Self::Control(frame)),
                Ok(None) | Err(_) => Ok(Self::UnknownControl {
                    kind: envelope.r#type.into_owned(),
                    raw: serde_json::from_str(text)
                        .map_err(|error| format!("the frame is not JSON: {error}"))?,
                }),
            };
        }
        serde_json::from_str(text)
            .map(|message| Self::Message(Box::new(message)))
            .map_err(|error| format!("the frame is not a message: {error}"))
    }
}

/// Why a connection was closed: the codes that the server sends.
///
/// 3000-3499 and 4000-4499 mean that a client may reconnect, 3500-3999 and 4500-4999 that it must not: the rule of
/// <https://centrifugal.dev/docs/server/codes>.
pub mod close {
    /// The server is going down; come back.
    pub const DRAIN: u16 = 4000;
    /// The client read nothing for 30 s.
    pub const NO_PROGRESS: u16 = 4001;
    /// The client did not answer a ping.
    pub const NO_PONG: u16 = 4002;
    /// The credential has run out.
    pub const TOKEN_EXPIRED: u16 = 4004;
    /// Too many frames.
    pub const RATE_LIMITED: u16 = 4005;
    /// The server failed.
    pub const SERVER_ERROR: u16 = 4006;
    /// No hello came.
    pub const NO_HELLO: u16 = 4008;
    /// The credential is not valid.
    pub const INVALID_TOKEN: u16 = 4500;
    /// A frame could not be understood.
    pub const BAD_REQUEST: u16 = 4501;
    /// Too many connections.
    pub const TOO_MANY_CONNECTIONS: u16 = 4503;
    /// A frame was too large.
    pub const FRAME_TOO_LARGE: u16 = 4504;
    /// The client's version is not spoken here.
    pub const VERSION: u16 = 4505;
    /// Message too big, of RFC 6455.
    pub const TOO_BIG: u16 = 1009;

    /// Whether a client should come back after a close with that code. 1009 is final: the same frame would be
    /// refused again.
    pub const fn is_terminal(code: u16) -> bool {
        matches!(code, 1009 | 3500..=3999 | 4500..=4999)
    }
}
