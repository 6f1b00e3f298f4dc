//! Messages that are in no log: log lines, presence, messages to one person.
//!
//! A client that is away misses them, and a slow one may.

use bytes::Bytes;
use serde_json::Value;
use tasktree_protocol::{Event, Message};

/// A message without a position, encoded once for all connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ephemeral {
    /// The message in JSON.
    pub frame: Bytes,
    /// Subject of the message.
    pub subject: Subject,
    /// True if it adds to the earlier messages about the subject, as log lines do; otherwise it
    /// replaces them.
    pub adds: bool,
}

/// Type of a message and the entity that it is about: an agent, or nothing in particular.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    kind: String,
    entity: String,
}

impl Subject {
    /// Creates the subject of messages of that type about that entity.
    pub fn new(kind: &str, entity: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            entity: entity.to_owned(),
        }
    }
}

impl Ephemeral {
    /// Encodes a message. One that names its entity replaces the one before it; one that does not,
    /// adds.
    ///
    /// # Errors
    /// If the message cannot be written as JSON.
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
