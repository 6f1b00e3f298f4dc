//! The message that both modes of `/ws/updates` carry.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{Cursor, Epoch, Event, ProjectId, StreamId, Timestamp};

/// An event with its project, stream and time. Legacy mode has the first four fields; `board.v1`
/// adds the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Event: `type` and `data` on the wire.
    pub event: Event,
    /// Project that the event belongs to.
    pub project_id: Option<ProjectId>,
    /// Time when the message was sent.
    pub timestamp: Timestamp,
    /// Stream of the message, if it is not the project's (see [`Message::stream`]).
    pub stream: Option<StreamId>,
    /// Position in the stream. A message without one is ephemeral: it may be lost, and only the
    /// last of a kind counts.
    pub seq: Option<u64>,
    /// Epoch of the stream that `seq` belongs to.
    pub epoch: Option<Epoch>,
    /// Key for removing duplicates.
    pub id: Option<String>,
    /// Actor that caused the event: `human:..`, `agent:..` or `system:..`.
    pub actor: Option<String>,
    /// Id of the command that caused the event.
    pub cause: Option<String>,
    /// Fields of the row that changed, if the event is an update.
    pub changed: Vec<String>,
}

impl Message {
    /// Creates a message with the fields that every message has.
    pub fn new(event: Event, project_id: Option<ProjectId>, timestamp: Timestamp) -> Self {
        Self {
            event,
            project_id,
            timestamp,
            stream: None,
            seq: None,
            epoch: None,
            id: None,
            actor: None,
            cause: None,
            changed: Vec::new(),
        }
    }

    /// Returns the stream of the message: the one it names, else its project's, else the system's.
    ///
    /// Messages about projects that are created, changed or removed are sent on the system's
    /// stream, since nobody can be subscribed to a new project. They name their project too.
    pub fn stream(&self) -> StreamId {
        match (&self.stream, &self.project_id) {
            (Some(stream), _) => stream.clone(),
            (None, Some(project)) => StreamId::project(project),
            (None, None) => StreamId::system(),
        }
    }

    /// Returns the position of the message, if it is in the log.
    pub fn cursor(&self) -> Option<Cursor> {
        Some(Cursor::new(self.epoch.clone()?, self.seq?))
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.event.kind())?;
        map.serialize_entry("project_id", &self.project_id)?;
        map.serialize_entry("data", &self.event.data())?;
        map.serialize_entry("timestamp", &self.timestamp)?;
        macro_rules! optional {
            ($($field:ident),*) => {
                $(if let Some(value) = &self.$field {
                    map.serialize_entry(stringify!($field), value)?;
                })*
            };
        }
        optional!(stream, seq, epoch, id, actor, cause);
        if !self.changed.is_empty() {
            map.serialize_entry("changed", &self.changed)?;
        }
        map.end()
    }
}

/// Event of a project.
//
// A `Message` as it is on the wire.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub(crate) struct Raw {
    r#type: String,
    #[serde(default)]
    project_id: Option<ProjectId>,
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "schema", schema(required, value_type = serde_json::Value))]
    data: Option<Box<RawValue>>,
    timestamp: Timestamp,
    #[serde(default)]
    stream: Option<StreamId>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    epoch: Option<Epoch>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    changed: Option<Vec<String>>,
}

/// Deserializes a field that is present, `null` included. An absent one is read as an empty object.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let data = raw.data.as_deref().map_or("{}", RawValue::get);
        Ok(Self {
            event: Event::from_json(&raw.r#type, data).map_err(de::Error::custom)?,
            project_id: raw.project_id,
            timestamp: raw.timestamp,
            stream: raw.stream,
            seq: raw.seq,
            epoch: raw.epoch,
            id: raw.id,
            actor: raw.actor,
            cause: raw.cause,
            changed: raw.changed.unwrap_or_default(),
        })
    }
}
