//! The hub, which connects committed events to the connections that follow them.
//!
//! A connection is a cursor over streams. For each stream with a subscriber, [`WebSocketManager`]
//! keeps the newest events (encoded once) and the list of bells to ring. Publishing appends and
//! rings; it never waits and never sees a socket, so a client that does not read costs no other
//! client anything. The connection's own task pulls: from the newest events, otherwise from pages
//! of the log ([`pages`]).
//!
//! ```text
//! commit -> Publisher -> tail (512 events) + bells -> connection task
//!        -> Subscription::pull -> socket
//!           `-- behind the tail? read a page of the log
//! ```

mod connection_entry;
mod connection_guard;
mod connection_limits;
mod ephemeral;
mod hidden;
mod metrics;
mod pages;
mod progress;
mod publish;
mod stream;
mod subscription;
mod tail;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tasktree_protocol::{Message, ProjectId, StreamId, frame::close};

pub use connection_entry::{ConnectionEntry, Mode, Visitor, personal_stream};
pub use connection_guard::ConnectionGuard;
pub use connection_limits::{ConnectionLimits, TooManyConnections};
pub(crate) use hidden::{hidden_unless, hide_unless, is_seen};
pub use metrics::SocketMetrics;
pub use pages::{PAGE_EVENTS, Page};
pub use progress::{ConnectionInfo, Progress, SubscriptionInfo};
pub use stream::Stream;
pub use subscription::{PullOutcome, Subscription};
pub use tail::Encoded;

use crate::auth::Principal;
use crate::keyed_counter::{KeyedCounter, counted};
use crate::service::{Ephemeral, Publisher};

/// Number of open connections by mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections in legacy mode.
    pub legacy: usize,
    /// Connections that speak `board.v1`.
    pub v1: usize,
    /// Connections of the older coordination monitor.
    pub coordination: usize,
    /// Clients of the Model Context Protocol that listen for changes.
    pub mcp: usize,
}

impl Counts {
    /// Returns the number of all connections.
    pub const fn total(self) -> usize {
        self.legacy + self.v1 + self.coordination + self.mcp
    }
}

/// Hub of all connections and followed streams. Cloning returns another handle to the same hub.
#[derive(Clone, Debug, Default)]
pub struct WebSocketManager {
    hub: Arc<Hub>,
}

#[derive(Debug, Default)]
struct Hub {
    registry: Mutex<Registry>,
    /// Number of streams added so far, so that a legacy connection detects a new one without a
    /// lock.
    generation: AtomicU64,
    /// Number of connections that read every stream.
    readers_of_all: AtomicUsize,
    next_connection: AtomicU64,
    draining: AtomicBool,
    metrics: SocketMetrics,
}

/// Streams and connections, behind one lock: a connection that reads all streams must miss none.
#[derive(Debug, Default)]
struct Registry {
    streams: HashMap<StreamId, Arc<Stream>>,
    connections: HashMap<u64, Arc<ConnectionEntry>>,
    addresses: KeyedCounter<IpAddr>,
    /// Number of connections by credential.
    users: KeyedCounter<String>,
}

impl Registry {
    fn stream(&mut self, hub: &Hub, id: &StreamId) -> Arc<Stream> {
        if let Some(stream) = self.streams.get(id) {
            return Arc::clone(stream);
        }
        let stream = Arc::new(Stream::new(id.clone()));
        for entry in self
            .connections
            .values()
            .filter(|entry| entry.mode == Mode::Legacy && entry.principal().may_follow(id))
        {
            stream.add(Arc::clone(entry));
        }
        self.streams.insert(id.clone(), Arc::clone(&stream));
        hub.generation.fetch_add(1, Ordering::AcqRel);
        stream
    }
}

/// Returns the credential that a user's connections are counted by. `None` for shared secrets.
fn credential_of(principal: &Principal) -> Option<String> {
    let access = principal.access().filter(|_| !principal.is_shared())?;
    Some(access.credential().to_owned())
}

impl WebSocketManager {
    /// Creates a hub without connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a connection until the returned guard is dropped.
    ///
    /// # Errors
    /// Returns the limit that is reached.
    pub fn connect(
        &self,
        visitor: Visitor<'_>,
        room: ConnectionLimits,
    ) -> Result<ConnectionGuard, TooManyConnections> {
        let mut registry = self.hub.registry();
        if registry.connections.len() >= room.in_all {
            return Err(TooManyConnections::InAll);
        }
        let (address, user) = (
            visitor.address.and_then(counted),
            credential_of(visitor.principal),
        );
        if !registry
            .addresses
            .has_room(address.as_ref(), room.per_address)
        {
            return Err(TooManyConnections::FromAddress);
        }
        if !registry.users.has_room(user.as_ref(), room.per_user) {
            return Err(TooManyConnections::OfUser);
        }
        registry.addresses.enter(address);
        registry.users.enter(user);
        let id = self.hub.next_connection.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(ConnectionEntry::new(id, visitor));
        registry.connections.insert(id, Arc::clone(&entry));
        if visitor.mode == Mode::Legacy {
            self.hub.readers_of_all.fetch_add(1, Ordering::AcqRel);
            let mine = |stream: &&Arc<Stream>| visitor.principal.may_follow(stream.id());
            for stream in registry.streams.values().filter(mine) {
                stream.add(Arc::clone(&entry));
            }
        }
        Ok(ConnectionGuard {
            hub: Arc::clone(&self.hub),
            entry,
        })
    }

    /// Asks a connection to close with `code`. Returns true if a connection with that session
    /// exists.
    pub fn disconnect(&self, session: &str, code: u16) -> bool {
        let registry = self.hub.registry();
        let found = registry
            .connections
            .values()
            .find(|entry| entry.session() == session);
        if let Some(entry) = found {
            entry.ask_to_close(code);
        }
        found.is_some()
    }

    /// Closes every connection whose token or sign-in has ended. Events published later do not
    /// reach them.
    pub fn close_ended(&self) {
        for entry in self.hub.registry().connections.values() {
            if entry.principal().is_ended() {
                entry.ask_to_close(close::INVALID_TOKEN);
            }
        }
    }

    /// Sends a message to every connection of one user. It is not logged: a user who is away misses
    /// it.
    pub fn send_personal_message(&self, user: &str, message: &Message) {
        self.send_ephemeral(&personal_stream(user), message);
    }

    /// Sends a message to every subscriber of the system stream. It is not logged.
    pub fn broadcast(&self, message: &Message) {
        self.send_ephemeral(&StreamId::system(), message);
    }

    /// Sends a message to the subscribers of one project only. It is not logged.
    pub fn broadcast_to_project(&self, project: &ProjectId, message: &Message) {
        self.send_ephemeral(&StreamId::project(project), message);
    }

    /// Returns the number of open connections by mode.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in self.hub.registry().connections.values() {
            match entry.mode {
                Mode::Legacy => counts.legacy += 1,
                Mode::V1 => counts.v1 += 1,
                Mode::Coordination => counts.coordination += 1,
                Mode::Mcp => counts.mcp += 1,
            }
        }
        counts
    }

    /// Returns every connection, oldest first, with its subscriptions and their progress.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        let mut handles: Vec<_> = self.hub.registry().connections.values().cloned().collect();
        handles.sort_unstable_by_key(|entry| entry.id);
        handles.iter().map(|entry| entry.info()).collect()
    }

    /// Returns true if a person who may see the project has a page open that follows attention
    /// items: a connection of `board.v1` that is subscribed to the system's stream.
    pub fn has_page_of(&self, project: &ProjectId) -> bool {
        let Some(stream) = self.hub.existing(&StreamId::system()) else {
            return false;
        };
        stream.has_subscriber(|entry| {
            let principal = entry.principal();
            entry.mode == Mode::V1 && principal.person().is_some() && principal.scope().has(project)
        })
    }

    /// Returns the metrics of connections.
    pub fn metrics(&self) -> &SocketMetrics {
        &self.hub.metrics
    }

    /// Returns the number of streams in memory: those with a subscriber.
    pub fn stream_count(&self) -> usize {
        self.hub.registry().streams.len()
    }

    /// Returns the number of connections that an event of `stream` would wake.
    pub fn subscriber_count(&self, stream: &StreamId) -> usize {
        self.hub
            .registry()
            .streams
            .get(stream)
            .map_or(0, |stream| stream.subscriber_count())
    }

    /// Tells every connection that the server is shutting down. Each says goodbye and closes by
    /// itself; later connections are closed immediately.
    pub fn drain(&self) {
        self.hub.draining.store(true, Ordering::Release);
        for entry in self.hub.registry().connections.values() {
            entry.ask_to_close(close::DRAIN);
        }
    }

    /// Returns true if [`Self::drain`] was called.
    pub fn is_draining(&self) -> bool {
        self.hub.draining.load(Ordering::Acquire)
    }

    fn send_ephemeral(&self, stream: &StreamId, message: &Message) {
        match Ephemeral::new(message) {
            Ok(message) => self.ephemeral(stream, message),
            Err(error) => tracing::error!(%stream, %error, "cannot encode a message"),
        }
    }
}

impl Hub {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn existing(&self, stream: &StreamId) -> Option<Arc<Stream>> {
        self.registry().streams.get(stream).cloned()
    }
}
