//! Messages that are in no log: log lines, presence, messages to one person. Who is away misses them, and who is slow may.

use bytes::Bytes;
use serde_json::Value;
use tasktree_protocol::{Event, Message};

/// A message without a position, encoded once for all connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ephemeral {
    /// The message in JSON.
    pub frame: Bytes,
    /// What it is about.
    pub subject: Subject,
    /// Whether it adds to the earlier messages about the subject, as log lines do, instead of taking their place.
    pub adds: bool,
}

/// A type of message, and what such messages are about: an agent, or nothing in particular.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    kind: String,
    entity: String,
}

impl Subject {
    /// The subject of messages of that type about that entity.
    pub fn new(kind: &str, entity: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            entity: entity.to_owned(),
        }
    }
}

impl Ephemeral {
    /// Encodes a message. One that names what it is about replaces the one before it; one that does not, adds.
    ///
    /// # Errors
    /// Where the message cannot be written as JSON.
    pub fn new(message: &Message) -> Result<Self, serde_json::Error> {
        let (entity, adds) = match &message.event {
            Event::Log(log) => (log.agent.as_ref().map_or("", |agent| agent.as_str()), true),
            Event::AgentStatusUpdate(agent) => (agent.id.as_str(), false),
            Event::CoordinationUpdate(_) | Event::FileLocksUpdate(_) => ("", false),
            Event::Unknown { data, .. } => match data.get("id").and_then(Value::as_str) {
                Some(id) => (id, false),
                None => ("", true),
            },
            _ => ("", true),
        };
        Ok(Self {
            frame: serde_json::to_vec(message)?.into(),
            subject: Subject::new(message.event.kind(), entity),
            adds,
        })
    }
}
