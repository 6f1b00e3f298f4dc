//! Stream in the hub: its newest events and the connections to wake.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tasktree_protocol::{Cursor, Epoch, StreamId};

use super::connection_entry::ConnectionEntry;
use super::ephemeral::{Heard, Next, Ring};
use super::pages::{Page, Pages};
use super::tail::{Encoded, Tail};
use crate::error::Error;
use crate::service::{Ephemeral, Service};

/// Generation of a stream that was removed.
const REMOVED: u64 = u64::MAX;

#[derive(Debug, Default)]
struct State {
    tail: Tail,
    ring: Ring,
}

/// Stream with its newest events and subscribers. It exists while it has a subscriber.
#[derive(Debug)]
pub struct Stream {
    id: StreamId,
    /// Copy of the position in `state`, so that a connection sees without a lock that nothing is
    /// new.
    top: AtomicU64,
    ephemeral_top: AtomicU64,
    /// Number of resets, or [`REMOVED`].
    generation: AtomicU64,
    state: Mutex<State>,
    /// Subscribers in the order in which they connected, so that a simulation is the same each
    /// time.
    subscribers: Mutex<BTreeMap<u64, Arc<ConnectionEntry>>>,
    pages: Pages,
}

impl Stream {
    pub(super) fn new(id: StreamId) -> Self {
        Self {
            id,
            top: AtomicU64::new(0),
            ephemeral_top: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            state: Mutex::default(),
            subscribers: Mutex::default(),
            pages: Pages::default(),
        }
    }

    /// Returns the id of the stream.
    pub fn id(&self) -> &StreamId {
        &self.id
    }

    /// Returns the position of the last event, as far as known here.
    pub fn top(&self) -> u64 {
        self.top.load(Ordering::Acquire)
    }

    /// Returns the position of the stream once it is known.
    pub fn position(&self) -> Option<Cursor> {
        self.state().tail.position()
    }

    /// Returns the position at which the stream was first seen here.
    pub(super) fn origin(&self) -> Option<Cursor> {
        self.state().tail.origin()
    }

    /// Records a position that was read from the store after subscribing.
    pub fn learn(&self, position: &Cursor) {
        let mut state = self.state();
        state.tail.learn(position);
        self.copy_top(&state);
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(super) fn is_removed(&self) -> bool {
        self.generation() == REMOVED
    }

    pub(super) fn ephemeral_top(&self) -> u64 {
        self.ephemeral_top.load(Ordering::Acquire)
    }

    pub(super) fn push(&self, epoch: &Epoch, event: Encoded) -> bool {
        let mut state = self.state();
        let new = state.tail.push(epoch, event);
        self.copy_top(&state);
        new
    }

    pub(super) fn push_ephemeral(&self, message: Ephemeral) {
        let mut state = self.state();
        // Keep the lock: if two push at once, the later number has to stay.
        self.ephemeral_top
            .store(state.ring.push(message), Ordering::Release);
        drop(state);
        self.wake();
    }

    pub(super) fn restart(&self, position: &Cursor) {
        let mut state = self.state();
        state.tail.restart(position);
        self.copy_top(&state);
        self.generation.fetch_add(1, Ordering::AcqRel);
        drop(state);
        self.wake();
    }

    pub(super) fn remove(&self) {
        self.generation.store(REMOVED, Ordering::Release);
        self.wake();
    }

    pub(super) fn after(&self, seq: u64, limit: usize, bytes: usize) -> Option<Vec<Encoded>> {
        self.state().tail.after(seq, limit, bytes)
    }

    pub(super) fn ephemeral_after(&self, heard: &mut Heard) -> Option<Next> {
        if heard.is_done(self.ephemeral_top()) {
            return None;
        }
        self.state().ring.next(heard)
    }

    /// Returns the commit time of an event while it is one of the newest.
    pub(super) fn committed_at(&self, seq: u64) -> Option<Instant> {
        self.state().tail.committed_at(seq)
    }

    /// Returns the page of the log that contains the event after `seq`.
    ///
    /// # Errors
    /// Returns any error of the store.
    pub async fn read_page(
        &self,
        service: &Service,
        generation: u64,
        seq: u64,
    ) -> Result<Page, Error> {
        self.pages.read(service, &self.id, generation, seq).await
    }

    pub(super) fn add(&self, entry: Arc<ConnectionEntry>) {
        self.subscribers().insert(entry.id, entry);
    }

    /// Removes a subscriber. Returns true if none is left.
    pub(super) fn drop_subscriber(&self, connection: u64) -> bool {
        let mut subscribers = self.subscribers();
        subscribers.remove(&connection);
        subscribers.is_empty()
    }

    /// Returns true if a subscriber satisfies a condition.
    pub(super) fn has_subscriber(&self, is_it: impl Fn(&ConnectionEntry) -> bool) -> bool {
        self.subscribers().values().any(|entry| is_it(entry))
    }

    pub(super) fn subscriber_count(&self) -> usize {
        self.subscribers().len()
    }

    /// Rings every subscriber's bell. Publishers do this instead of writing to sockets.
    pub fn wake(&self) {
        for entry in self.subscribers().values() {
            entry.ring();
        }
    }

    fn copy_top(&self, state: &State) {
        let top = state.tail.position().map_or(0, |position| position.seq);
        self.top.store(top, Ordering::Release);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscribers(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<ConnectionEntry>>> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
