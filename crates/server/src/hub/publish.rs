//! Entry points of the store's writer into the hub. They never wait.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tasktree_protocol::{Cursor, StreamId};

use super::WebSocketManager;
use super::stream::Stream;
use super::tail::Encoded;
use crate::service::{Ephemeral, Publisher};
use crate::store::LoggedEvent;

impl WebSocketManager {
    /// Appends committed events and returns the streams whose subscribers have to be woken.
    pub fn take_in(&self, events: &[LoggedEvent]) -> Vec<Arc<Stream>> {
        let all = self.hub.readers_of_all.load(Ordering::Acquire) > 0;
        let mut touched: Vec<Arc<Stream>> = Vec::new();
        let committed = Instant::now();
        for event in events {
            self.hub.metrics.event(&event.kind);
            let stream = match touched.iter().find(|stream| *stream.id() == event.stream) {
                Some(stream) => stream,
                None => {
                    let mut registry = self.hub.registry();
                    let stream = if all {
                        Some(registry.stream(&self.hub, &event.stream))
                    } else {
                        registry.streams.get(&event.stream).cloned()
                    };
                    let Some(stream) = stream else { continue };
                    touched.push_mut(stream)
                }
            };
            let mut encoded = Encoded::from(event);
            encoded.committed = Some(committed);
            if !all {
                encoded.legacy = None;
            }
            stream.push(&event.epoch, encoded);
        }
        touched
    }
}

impl Publisher for WebSocketManager {
    fn published(&self, events: Vec<LoggedEvent>) {
        for stream in self.take_in(&events) {
            stream.wake();
        }
    }

    fn stream_reset(&self, stream: &StreamId, cursor: &Cursor) {
        if let Some(stream) = self.hub.existing(stream) {
            stream.restart(cursor);
        }
    }

    fn ephemeral(&self, stream: &StreamId, message: Ephemeral) {
        let stream = if self.hub.readers_of_all.load(Ordering::Acquire) > 0 {
            Some(self.hub.registry().stream(&self.hub, stream))
        } else {
            self.hub.existing(stream)
        };
        if let Some(stream) = stream {
            stream.push_ephemeral(message);
        }
    }

    fn stream_removed(&self, stream: &StreamId) {
        let removed = self.hub.registry().streams.remove(stream);
        if let Some(stream) = removed {
            stream.remove();
        }
    }
}
