//! Events as the rest of the server sees them: encoded once, with their position.

use bytes::Bytes;
use tasktree_protocol::{Epoch, StreamId};

use super::{EventRow, StreamRow};

/// An event of the log. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Stream of the event.
    pub stream: StreamId,
    /// Position of the event.
    pub seq: u64,
    /// Epoch of the stream that the position belongs to.
    pub epoch: Epoch,
    /// Type of the event.
    pub kind: String,
    /// Message as `board.v1` carries it, in JSON; also a valid legacy frame.
    pub v1: Bytes,
    /// Message for legacy clients if it differs: the whole task instead of its card.
    ///
    /// Only set right after the commit; an event read from the log has none.
    pub legacy: Option<Bytes>,
}

impl LoggedEvent {
    /// Returns a row of the log as an event of an epoch.
    pub fn from_row(row: EventRow, epoch: Epoch) -> Self {
        Self {
            stream: row.stream,
            seq: row.seq,
            epoch,
            kind: row.kind,
            v1: row.message,
            legacy: None,
        }
    }

    /// Returns the frame for legacy clients.
    pub fn legacy_frame(&self) -> &Bytes {
        self.legacy.as_ref().unwrap_or(&self.v1)
    }
}

/// A part of a stream's log, with the stream's position when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// Epoch of the stream.
    pub epoch: Epoch,
    /// Position of the stream's last event.
    pub top: u64,
    /// Position of the first event that is kept; `top + 1` if none is.
    pub first_available: u64,
    /// Events in order, without a gap.
    pub events: Vec<LoggedEvent>,
}

impl LogPage {
    /// Returns a page with events of a stream.
    pub fn new(stream: &StreamRow, events: Vec<EventRow>) -> Self {
        let events = events
            .into_iter()
            .map(|row| LoggedEvent::from_row(row, stream.epoch.clone()))
            .collect();
        Self {
            epoch: stream.epoch.clone(),
            top: stream.seq,
            first_available: stream.kept_after + 1,
            events,
        }
    }

    /// Returns true if the log has more events after the page.
    pub fn more(&self) -> bool {
        self.events.last().is_some_and(|event| event.seq < self.top)
    }
}
