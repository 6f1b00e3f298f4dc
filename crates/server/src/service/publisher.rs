//! The interface through which the service publishes its commits.

use tasktree_protocol::{Cursor, StreamId};

use super::Ephemeral;
use crate::store::LoggedEvent;

/// Receiver of every commit, in the order of the commits, before the writer gets its answer. The
/// hub is one.
///
/// All calls come from the store's writer thread: an implementation must never block or wait.
pub trait Publisher: Send + Sync {
    /// Receives the events of one committed write, in order. Positions in a stream have no gap from
    /// call to call.
    fn published(&self, events: Vec<LoggedEvent>);
    /// Receives the start of a new epoch of a stream; subscribers must fetch a snapshot.
    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor);
    /// Receives a message that is in no log and may be lost.
    fn ephemeral(&self, stream: &StreamId, message: Ephemeral);
    /// Receives the end of a stream: its project was removed.
    fn stream_removed(&self, stream: &StreamId);
}

/// Publisher that drops everything: for tools that write without a server.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPublisher;

impl Publisher for NoPublisher {
    fn published(&self, _events: Vec<LoggedEvent>) {}
    fn stream_reset(&self, _stream: &StreamId, _cursor: &Cursor) {}
    fn ephemeral(&self, _stream: &StreamId, _message: Ephemeral) {}
    fn stream_removed(&self, _stream: &StreamId) {}
}
