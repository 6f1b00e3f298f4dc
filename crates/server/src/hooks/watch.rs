//! Notice of commits that answer or close a question.

use std::sync::Arc;

use tasktree_protocol::{Cursor, StreamId};
use tokio::sync::watch;

use crate::service::{Ephemeral, Publisher};
use crate::store::LoggedEvent;

/// Events after which a question may have another state.
const KINDS: [&str; 2] = ["question_answered", "question_closed"];

/// Notice of changes of questions. Cloning returns another handle.
#[derive(Clone, Debug)]
pub struct QuestionWatch {
    changes: Arc<watch::Sender<u64>>,
}

impl Default for QuestionWatch {
    fn default() -> Self {
        Self {
            changes: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl QuestionWatch {
    /// Returns a publisher that passes everything on, and notices changes of questions.
    pub fn over(&self, publisher: Arc<dyn Publisher>) -> Arc<dyn Publisher> {
        Arc::new(Watched {
            publisher,
            changes: Arc::clone(&self.changes),
        })
    }

    /// Returns a receiver of the changes from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

struct Watched {
    publisher: Arc<dyn Publisher>,
    changes: Arc<watch::Sender<u64>>,
}

impl Publisher for Watched {
    fn published(&self, events: Vec<LoggedEvent>) {
        let is_noticed = events
            .iter()
            .any(|event| KINDS.contains(&event.kind.as_str()));
        self.publisher.published(events);
        if is_noticed {
            self.changes.send_modify(|changes| *changes += 1);
        }
    }

    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor) {
        self.publisher.stream_reset(stream, cursor);
        // The questions of the project may be gone.
        self.changes.send_modify(|changes| *changes += 1);
    }

    fn ephemeral(&self, stream: &StreamId, message: Ephemeral) {
        self.publisher.ephemeral(stream, message);
    }

    fn stream_removed(&self, stream: &StreamId) {
        self.publisher.stream_removed(stream);
        self.changes.send_modify(|changes| *changes += 1);
    }
}
