//! Events as the rest of the server sees them: encoded once, with their position.

use bytes::Bytes;
use tasktree_protocol::{Epoch, StreamId};

use super::{EventRow, StreamRow};

/// An event of the log. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Its stream.
    pub stream: StreamId,
    /// Its position.
    pub seq: u64,
    /// The life of the stream that the position is in.
    pub epoch: Epoch,
    /// Its type.
    pub kind: String,
    /// The message as `board.v1` carries it, in JSON; also a legal legacy frame.
    pub v1: Bytes,
    /// The message for legacy clients where that differs: the whole task instead of its card. Only right after the commit; an event
    /// that is read from the log has none.
    pub legacy: Option<Bytes>,
}

impl LoggedEvent {
    pub(crate) fn from_row(row: EventRow, epoch: Epoch) -> Self {
        Self {
            stream: row.stream,
            seq: row.seq,
            epoch,
            kind: row.kind,
            v1: row.message,
            legacy: None,
        }
    }

    /// What a legacy client gets.
    pub fn legacy_frame(&self) -> &Bytes {
        self.legacy.as_ref().unwrap_or(&self.v1)
    }
}

/// A part of a stream's log, and where the stream stood when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The life of the stream.
    pub epoch: Epoch,
    /// The stream's last event.
    pub top: u64,
    /// The first event that is kept; `top + 1` where none is.
    pub first_available: u64,
    /// Events in order, without a gap.
    pub events: Vec<LoggedEvent>,
}

impl LogPage {
    pub(crate) fn new(stream: &StreamRow, events: Vec<EventRow>) -> Self {
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

    /// Whether the log has more after the last event of the page.
    pub fn more(&self) -> bool {
        self.events.last().is_some_and(|event| event.seq < self.top)
    }
}
