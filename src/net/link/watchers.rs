//! Watchers of streams: a stream is subscribed to as long as it has one.

use std::rc::Rc;

use tasktree_protocol::session::{Input, SnapshotReason};
use tasktree_protocol::{StreamId, WireError};

use super::Link;

/// Callbacks of a stream's subscriber.
pub struct Watcher {
    /// Fetches a snapshot, applies it, and calls
    /// [`StreamGuard::snapshot_applied`](crate::net::StreamGuard::snapshot_applied).
    pub need_snapshot: Box<dyn Fn(SnapshotReason)>,
    /// Handles the loss of messages that are in no log, such as log lines.
    pub missed: Box<dyn Fn()>,
    /// Handles the server's refusal of the stream.
    pub refused: Box<dyn Fn(WireError)>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Watchers of one stream, each with the id by which it can be removed.
pub(super) type Watchers = Vec<(u64, Rc<Watcher>)>;

impl Link {
    /// Subscribes to a stream, until [`Self::unwatch`] was called as often. A second watcher of a
    /// stream fetches for itself.
    pub(in crate::net) fn watch(&self, stream: &StreamId, watcher: Watcher) -> u64 {
        let id = self.next_watcher.get();
        self.next_watcher.set(id + 1);
        let watcher = Rc::new(watcher);
        let first = {
            let mut watchers = self.watchers.borrow_mut();
            let list = watchers.entry(stream.clone()).or_default();
            list.push((id, Rc::clone(&watcher)));
            list.len() == 1
        };
        if first {
            self.input(Input::Subscribe {
                stream: stream.clone(),
                cursor: None,
            });
        } else {
            (watcher.need_snapshot)(SnapshotReason::New);
        }
        id
    }

    /// Removes one watcher.
    pub(in crate::net) fn unwatch(&self, stream: &StreamId, id: u64) {
        let last = {
            let mut watchers = self.watchers.borrow_mut();
            let Some(list) = watchers.get_mut(stream) else {
                return;
            };
            list.retain(|(other, _)| *other != id);
            let last = list.is_empty();
            if last {
                watchers.remove(stream);
            }
            last
        };
        if last {
            self.input(Input::Unsubscribe {
                stream: stream.clone(),
            });
        }
    }

    /// Returns the watchers of a stream.
    pub(super) fn watchers_of(&self, stream: &StreamId) -> Vec<Rc<Watcher>> {
        let watchers = self.watchers.borrow();
        watchers
            .get(stream)
            .into_iter()
            .flatten()
            .map(|(_, watcher)| Rc::clone(watcher))
            .collect()
    }
}
