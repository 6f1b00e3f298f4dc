//! Parameters of writes, and results of reads and writes.

use std::sync::Arc;
use std::time::Instant;

use tasktree_protocol::{Bound, Command, Cursor};

use super::IdempotencyKey;
use crate::actor::Actor;
use crate::error::Result;

/// Actor of a write, and the key that tells it from a repetition.
#[derive(Clone, Debug)]
pub struct WriteContext {
    /// Actor that causes the change.
    pub actor: Actor,
    /// Key under which the answer is kept, so that a repetition gets it again.
    pub idempotency: Option<IdempotencyKey>,
    /// Id of the command that causes the change; events carry it.
    pub cause: Option<String>,
    /// Conditions under which the write is made.
    pub bound: Option<Bound>,
    /// Reservation of memory, which is released when the write ends, even if its caller is gone.
    pub holds: Option<Holding>,
}

/// Something that is held for as long as others depend on it.
pub type Holding = Arc<dyn std::fmt::Debug + Send + Sync>;

impl WriteContext {
    /// Returns the context of a write without an idempotency key.
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            idempotency: None,
            cause: None,
            bound: None,
            holds: None,
        }
    }

    /// Returns the context of a socket's command: executed once under its id, which its events
    /// carry as their cause.
    ///
    /// # Errors
    /// If the command cannot be written as JSON.
    pub fn command(actor: Actor, id: &str, command: &Command) -> Result<Self> {
        let idempotency = IdempotencyKey::command(id, &serde_json::to_vec(command)?);
        Ok(Self {
            actor,
            idempotency: Some(idempotency),
            cause: Some(id.to_owned()),
            bound: command.bound().cloned(),
            holds: None,
        })
    }

    /// Returns the context of the server's own writes.
    pub fn server() -> Self {
        Self::new(Actor::server())
    }
}

/// Result of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt<T> {
    /// The row, or whatever the operation returns.
    pub value: T,
    /// Position of the project's stream with the write in it; of the system's stream if the write
    /// has no project or removed it.
    pub cursor: Cursor,
    /// True if this is the kept answer to an earlier request with the same idempotency key.
    pub replayed: bool,
    /// Time of the commit; `None` for a kept answer and for a dry run, which commit nothing.
    pub committed: Option<Instant>,
}

/// Result of a read, and the position at which it was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// The value.
    pub value: T,
    /// Position of the project's stream; of the system's if the read has no project.
    pub cursor: Cursor,
}
