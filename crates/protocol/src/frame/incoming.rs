//! Parser of the frames that a server sends.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ServerFrame;
use crate::{Epoch, Message, StreamId};

/// Content of a text frame from the server.
#[allow(
    clippy::large_enum_variant,
    reason = "it is matched as soon as it is read; a box would cost an allocation for each frame"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A control frame.
    Control(ServerFrame),
    /// A control frame whose type or data this version does not know.
    UnknownControl {
        /// Type of the frame.
        kind: String,
        /// Complete frame.
        raw: Value,
    },
    /// An event.
    Message(Box<Message>),
}

/// Fields that all frames have in common.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// Id of a request beside other fields.
#[derive(Deserialize)]
struct WithId {
    id: String,
}

/// Optional id, for a request that may have been too malformed to have one.
#[derive(Deserialize)]
struct MayHaveId {
    #[serde(default)]
    id: Option<String>,
}

impl ServerFrame {
    /// Parses a frame of the given type from its data as JSON text.
    ///
    /// It does not use serde's tagged enum, which first copies the data into an intermediate form.
    /// The deserializer of that form would be a tenth of what the board's users download.
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
        struct Missed {
            stream: StreamId,
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
            "sys.missed" => Self::Missed {
                stream: from_str::<Missed>(data)?.stream,
            },
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
    /// Parses a text frame. An unknown type is not an error.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong if the text is not JSON or not a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        // Control frames are rare and events are frequent: parse as a control frame only what may
        // be one.
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
                        .map_err(|error| format!("the frame is not valid JSON: {error}"))?,
                }),
            };
        }
        serde_json::from_str(text)
            .map(|message| Self::Message(Box::new(message)))
            .map_err(|error| format!("the frame is not a valid message: {error}"))
    }
}
