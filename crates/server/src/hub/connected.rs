//! A connection's place in the hub: what it is subscribed to, as long as it lives.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tasktree_protocol::StreamId;

use super::handle::{Handle, Mode};
use super::stream::Stream;
use super::{Hub, credential_of};
use crate::shares::counted;

/// A connection's place in the hub, given back when it is dropped.
#[derive(Debug)]
pub struct Connected {
    pub(super) hub: Arc<Hub>,
    pub(super) handle: Arc<Handle>,
}

impl Connected {
    /// Begins to be woken by a stream. Do this first, and read its position afterwards: then nothing falls between.
    pub fn subscribe(&self, stream: &StreamId) -> Arc<Stream> {
        let mut registry = self.hub.registry();
        let stream = registry.stream(&self.hub, stream);
        stream.add(Arc::clone(&self.handle));
        stream
    }

    /// Is woken by that stream no longer. A stream that nobody is left at is forgotten.
    pub fn unsubscribe(&self, stream: &Arc<Stream>) {
        let mut registry = self.hub.registry();
        let unused = stream.drop_subscriber(self.handle.id);
        let current = registry.streams.get(stream.id());
        if unused && current.is_some_and(|current| Arc::ptr_eq(current, stream)) {
            registry.streams.remove(stream.id());
        }
    }

    /// Changes when a stream was added: what [`Self::all_streams`] gave is then no longer all.
    pub fn generation(&self) -> u64 {
        self.hub.generation.load(Ordering::Acquire)
    }

    /// Every stream that is known here and may be followed by whose connection it is.
    pub fn all_streams(&self) -> Vec<Arc<Stream>> {
        let registry = self.hub.registry();
        registry
            .streams
            .values()
            .filter(|stream| self.handle.principal().may_follow(stream.id()))
            .cloned()
            .collect()
    }
}

impl std::ops::Deref for Connected {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut registry = self.hub.registry();
        registry.connections.remove(&self.handle.id);
        let (address, user) = (
            self.handle.address.and_then(counted),
            credential_of(self.handle.principal()),
        );
        registry.addresses.leave(address.as_ref());
        registry.users.leave(user.as_ref());
        registry
            .streams
            .retain(|_, stream| !stream.drop_subscriber(self.handle.id));
        if self.handle.mode == Mode::Legacy {
            self.hub.readers_of_all.fetch_sub(1, Ordering::AcqRel);
        }
    }
}
