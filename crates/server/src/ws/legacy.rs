//! Legacy mode: plain messages of all projects from now on, as the older dashboard and scripts
//! expect them. Of the client's messages, only `{"type":"ping"}` is answered.

use std::sync::Arc;

use serde_json::{Value, json};
use tasktree_protocol::Timestamp;

use super::connection::{Connection, Mode};
use crate::hub::{ConnectionGuard, Subscription};

/// Returns the mode and the cursors of a client that starts after everything published so far.
///
/// Call this before answering the upgrade: the client then gets everything published after it knows
/// that it is connected.
pub(super) fn start(guard: &ConnectionGuard) -> (Mode, Vec<Subscription>) {
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
    (Mode::Legacy { generation }, cursors.collect())
}

impl Connection {
    /// Subscribes to the streams added since the last look, from their first event here.
    pub(super) fn find_new_streams(&mut self) {
        let Mode::Legacy { generation } = &mut self.mode else {
            return;
        };
        let current = self.guard.generation();
        if *generation == current {
            return;
        }
        *generation = current;
        for stream in self.guard.all_streams() {
            if !self
                .subscriptions
                .iter()
                .any(|one| Arc::ptr_eq(one.stream(), &stream))
            {
                self.subscriptions.push(Subscription::new(stream));
            }
        }
        self.publish_progress();
    }

    /// Ignores everything that a legacy client sends, except a ping.
    pub(super) fn read_legacy(&mut self, text: &str) {
        let kind = serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|frame| frame.get("type").and_then(Value::as_str).map(str::to_owned));
        if kind.as_deref() == Some("ping") {
            let timestamp = Timestamp::from_unix_millis(crate::service::system_millis());
            let pong = json!({
                "type": "pong", "project_id": null, "data": {}, "timestamp": timestamp,
            });
            self.post(pong.to_string().into());
        }
    }
}
