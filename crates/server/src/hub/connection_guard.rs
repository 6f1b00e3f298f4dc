//! Registration of a connection in the hub, and its subscriptions, for as long as it lives.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tasktree_protocol::StreamId;

use super::connection_entry::{ConnectionEntry, Mode};
use super::stream::Stream;
use super::{Hub, credential_of};
use crate::keyed_counter::counted;

/// Guard of a connection's registration in the hub. Dropping it removes the connection.
#[derive(Debug)]
pub struct ConnectionGuard {
    pub(super) hub: Arc<Hub>,
    pub(super) entry: Arc<ConnectionEntry>,
}

impl ConnectionGuard {
    /// Starts to be woken by a stream. Call this before reading the stream's position, so that no
    /// event is missed in between.
    pub fn subscribe(&self, stream: &StreamId) -> Arc<Stream> {
        let mut registry = self.hub.registry();
        let stream = registry.stream(&self.hub, stream);
        stream.add(Arc::clone(&self.entry));
        stream
    }

    /// Stops being woken by a stream. A stream without subscribers is removed from memory.
    pub fn unsubscribe(&self, stream: &Arc<Stream>) {
        let mut registry = self.hub.registry();
        let unused = stream.drop_subscriber(self.entry.id);
        let current = registry.streams.get(stream.id());
        if unused && current.is_some_and(|current| Arc::ptr_eq(current, stream)) {
            registry.streams.remove(stream.id());
        }
    }

    /// Returns a number that changes when a stream is added. [`Self::all_streams`] is then out of
    /// date.
    pub fn generation(&self) -> u64 {
        self.hub.generation.load(Ordering::Acquire)
    }

    /// Returns every stream in memory that the connection's principal may follow.
    pub fn all_streams(&self) -> Vec<Arc<Stream>> {
        let registry = self.hub.registry();
        registry
            .streams
            .values()
            .filter(|stream| self.entry.principal().may_follow(stream.id()))
            .cloned()
            .collect()
    }
}

impl std::ops::Deref for ConnectionGuard {
    type Target = ConnectionEntry;

    fn deref(&self) -> &ConnectionEntry {
        &self.entry
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        let mut registry = self.hub.registry();
        registry.connections.remove(&self.entry.id);
        let (address, user) = (
            self.entry.address.and_then(counted),
            credential_of(self.entry.principal()),
        );
        registry.addresses.leave(address.as_ref());
        registry.users.leave(user.as_ref());
        registry
            .streams
            .retain(|_, stream| !stream.drop_subscriber(self.entry.id));
        if self.entry.mode == Mode::Legacy {
            self.hub.readers_of_all.fetch_sub(1, Ordering::AcqRel);
        }
    }
}
