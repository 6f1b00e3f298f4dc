//! Publisher that passes everything to the hub, and attention events to the webhook too.

use bytes::Bytes;
use tasktree_protocol::{Cursor, StreamId};
use tokio::sync::mpsc::Sender;

use super::WebhookMetrics;
use crate::hub::WebSocketManager;
use crate::service::{Ephemeral, Publisher};
use crate::store::LoggedEvent;

/// Type of the events that the webhook reads.
const KIND: &str = "attention_changed";

/// Publisher in front of the hub.
#[derive(Debug)]
pub(crate) struct Tap {
    hub: WebSocketManager,
    queue: Sender<Bytes>,
    metrics: WebhookMetrics,
}

impl Tap {
    pub(super) const fn new(
        hub: WebSocketManager,
        queue: Sender<Bytes>,
        metrics: WebhookMetrics,
    ) -> Self {
        Self {
            hub,
            queue,
            metrics,
        }
    }
}

impl Publisher for Tap {
    fn published(&self, events: Vec<LoggedEvent>) {
        for event in events.iter().filter(|event| event.kind == KIND) {
            // Full while the webhook reads nothing: it is ending, or the machine is overloaded.
            if self.queue.try_send(event.v1.clone()).is_err() {
                self.metrics.count("dropped");
                tracing::warn!("dropped an attention event: the webhook does not read");
            }
        }
        self.hub.published(events);
    }

    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor) {
        self.hub.stream_reset(stream, cursor);
    }

    fn ephemeral(&self, stream: &StreamId, message: Ephemeral) {
        self.hub.ephemeral(stream, message);
    }

    fn stream_removed(&self, stream: &StreamId) {
        self.hub.stream_removed(stream);
    }
}
