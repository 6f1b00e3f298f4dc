//! What the service tells of its commits, and to whom.

use tasktree_protocol::{Cursor, StreamId};

use super::Ephemeral;
use crate::store::LoggedEvent;

/// Hears of every commit, in the order of the commits, before the writer gets its answer. The hub is one.
///
/// All calls come from the store's writer thread: an implementation must never block or wait.
pub trait Publisher: Send + Sync {
    /// Events were committed: those of one write, in order; positions in a stream have no gap from call to call.
    fn published(&self, events: Vec<LoggedEvent>);
    /// A stream began anew; whoever follows it must fetch a snapshot.
    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor);
    /// A message that is in no log and may be lost.
    fn ephemeral(&self, stream: &StreamId, message: Ephemeral);
    /// A stream is no more: its project was removed.
    fn stream_removed(&self, stream: &StreamId);
}

/// Tells nobody: for tools that write without a server.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPublisher;

impl Publisher for NoPublisher {
    fn published(&self, _events: Vec<LoggedEvent>) {}
    fn stream_reset(&self, _stream: &StreamId, _cursor: &Cursor) {}
    fn ephemeral(&self, _stream: &StreamId, _message: Ephemeral) {}
    fn stream_removed(&self, _stream: &StreamId) {}
}
