//! One stream as the hub knows it: its newest events, and who wants to be woken.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tasktree_protocol::{Cursor, Epoch, StreamId};

use super::ephemeral::{Heard, Next, Ring};
use super::handle::Handle;
use super::pages::{Page, Pages};
use super::tail::{Encoded, Tail};
use crate::error::Error;
use crate::service::{Ephemeral, Service};

/// The life number of a stream that is no more.
const REMOVED: u64 = u64::MAX;

#[derive(Debug, Default)]
struct State {
    tail: Tail,
    ring: Ring,
}

/// See the module. It exists while somebody is subscribed.
#[derive(Debug)]
pub struct Stream {
    id: StreamId,
    /// Copies of what `state` says, so that a connection sees without a lock that there is nothing new.
    top: AtomicU64,
    ephemeral_top: AtomicU64,
    /// Counts resets, or [`REMOVED`].
    life: AtomicU64,
    state: Mutex<State>,
    /// In the order in which they connected, so that a simulation is the same each time.
    subscribers: Mutex<BTreeMap<u64, Arc<Handle>>>,
    pages: Pages,
}

impl Stream {
    pub(super) fn new(id: StreamId) -> Self {
        Self {
            id,
            top: AtomicU64::new(0),
            ephemeral_top: AtomicU64::new(0),
            life: AtomicU64::new(0),
            state: Mutex::default(),
            subscribers: Mutex::default(),
            pages: Pages::default(),
        }
    }

    /// Its name.
    pub fn id(&self) -> &StreamId {
        &self.id
    }

    /// Its last event, as far as is known here.
    pub fn top(&self) -> u64 {
        self.top.load(Ordering::Acquire)
    }

    /// Its position, once that is known.
    pub fn position(&self) -> Option<Cursor> {
        self.state().tail.position()
    }

    /// Where the stream stood when it was first seen here.
    pub(super) fn origin(&self) -> Option<Cursor> {
        self.state().tail.origin()
    }

    /// Takes note of a position that was read from the store after subscribing.
    pub fn learn(&self, position: &Cursor) {
        let mut state = self.state();
        state.tail.learn(position);
        self.copy_top(&state);
    }

    pub(super) fn life(&self) -> u64 {
        self.life.load(Ordering::Acquire)
    }

    pub(super) fn is_removed(&self) -> bool {
        self.life() == REMOVED
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
        // Under the lock: of two that push at once the later number stays.
        self.ephemeral_top
            .store(state.ring.push(message), Ordering::Release);
        drop(state);
        self.wake();
    }

    pub(super) fn restart(&self, position: &Cursor) {
        let mut state = self.state();
        state.tail.restart(position);
        self.copy_top(&state);
        self.life.fetch_add(1, Ordering::AcqRel);
        drop(state);
        self.wake();
    }

    pub(super) fn remove(&self) {
        self.life.store(REMOVED, Ordering::Release);
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

    /// When an event was committed, while it is one of the newest.
    pub(super) fn committed_at(&self, seq: u64) -> Option<Instant> {
        self.state().tail.committed_at(seq)
    }

    /// The page of the log with the event after `seq`.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn read_page(&self, service: &Service, life: u64, seq: u64) -> Result<Page, Error> {
        self.pages.read(service, &self.id, life, seq).await
    }

    pub(super) fn add(&self, handle: Arc<Handle>) {
        self.subscribers().insert(handle.id, handle);
    }

    /// Says whether nobody is left.
    pub(super) fn drop_subscriber(&self, connection: u64) -> bool {
        let mut subscribers = self.subscribers();
        subscribers.remove(&connection);
        subscribers.is_empty()
    }

    pub(super) fn subscriber_count(&self) -> usize {
        self.subscribers().len()
    }

    /// Rings every subscriber's bell: what a publisher does, instead of writing to sockets.
    pub fn wake(&self) {
        for handle in self.subscribers().values() {
            handle.ring();
        }
    }

    fn copy_top(&self, state: &State) {
        let top = state.tail.position().map_or(0, |position| position.seq);
        self.top.store(top, Ordering::Release);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscribers(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Handle>>> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
