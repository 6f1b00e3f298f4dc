//! Plain messages of all projects from now on, as the older dashboard and scripts expect them.

use std::sync::Arc;

use serde_json::{Value, json};
use tasktree_protocol::Timestamp;

use crate::hub::{ConnectionGuard, Subscription};

/// Streams that a legacy client reads: all that there are.
#[derive(Debug)]
pub(crate) struct LegacyStreams {
    /// Generation of the hub's streams at the last look.
    generation: u64,
}

impl LegacyStreams {
    /// Returns the streams and the cursors of a client that starts after everything published so
    /// far.
    ///
    /// Call this before answering the upgrade: the client then gets everything published after it
    /// knows that it is connected.
    pub(crate) fn start(guard: &ConnectionGuard) -> (Self, Vec<Subscription>) {
        // Read the generation first: a stream that is added in between is found at the next look.
        let generation = guard.generation();
        let cursors = guard.all_streams().into_iter().map(|stream| {
            let position = stream.position();
            let mut subscription = Subscription::new(stream);
            if let Some(position) = position {
                subscription.start(position, None);
            }
            subscription
        });
        (Self { generation }, cursors.collect())
    }

    /// Subscribes to the streams added since the last look, from their first event here. Returns
    /// true if it looked.
    pub(crate) fn add_new(
        &mut self,
        guard: &ConnectionGuard,
        subscriptions: &mut Vec<Subscription>,
    ) -> bool {
        let current = guard.generation();
        if self.generation == current {
            return false;
        }
        self.generation = current;
        for stream in guard.all_streams() {
            let is_known = |one: &Subscription| Arc::ptr_eq(one.stream(), &stream);
            if !subscriptions.iter().any(is_known) {
                subscriptions.push(Subscription::new(stream));
            }
        }
        true
    }
}

/// Returns the answer to a message of a legacy client: one to `{"type":"ping"}`, none to anything
/// else.
pub(crate) fn answer(text: &str, now: Timestamp) -> Option<String> {
    let frame = serde_json::from_str::<Value>(text).ok()?;
    let is_ping = frame.get("type").and_then(Value::as_str) == Some("ping");
    is_ping.then(|| {
        json!({"type": "pong", "project_id": null, "data": {}, "timestamp": now}).to_string()
    })
}
