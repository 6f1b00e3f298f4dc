//! Who is connected, and what is new: the place where committed events meet connections.
//!
//! A connection is a cursor over streams. [`WebSocketManager`] keeps, for each stream that somebody is subscribed to, the
//! newest events (encoded once) and the list of bells to ring. Publishing appends and rings; it never waits and
//! never sees a socket, so a client that does not read costs nobody else anything. The connection's own task
//! pulls: from the newest events, else from pages of the log ([`pages`]).
//!
//! ```text
//! commit -> Publisher -> tail (512 events) + bells -> connection task -> Subscription::pull -> socket
//!                                                              `-- behind the tail? read a page of the log
//! ```

mod connected;
mod ephemeral;
mod handle;
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

pub use connected::Connected;
pub use handle::{Handle, Mode, Visitor, personal_stream};
pub use pages::{PAGE_EVENTS, Page};
pub use progress::{ConnectionInfo, Progress, SubscriptionInfo};
pub use stream::Stream;
pub use subscription::{Pulled, Subscription};
pub use tail::Encoded;

use crate::auth::Principal;
use crate::metrics::SocketMetrics;
use crate::service::{Ephemeral, Publisher};
use crate::shares::{Shares, counted};

/// How many connections there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In legacy mode.
    pub legacy: usize,
    /// Speaking `board.v1`.
    pub v1: usize,
    /// Reading the older coordination monitor.
    pub coordination: usize,
}

impl Counts {
    /// All of them.
    pub const fn total(self) -> usize {
        self.legacy + self.v1 + self.coordination
    }
}

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// In all.
    pub in_all: usize,
    /// From one address of another machine.
    pub per_address: usize,
    /// With one token. Where nobody has to sign in, nobody is counted; nor is who has the secret of `--token`, which many may share.
    pub per_user: usize,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyConnections {
    /// In all.
    InAll,
    /// From that address.
    FromAddress,
    /// With that credential.
    OfUser,
}

impl TooManyConnections {
    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InAll => "there are too many connections",
            Self::FromAddress => "there are too many connections from this address",
            Self::OfUser => "this user has too many connections",
        }
    }
}

impl std::fmt::Display for TooManyConnections {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::error::Error for TooManyConnections {}

/// See the module. Cloning gives another handle on the same hub.
#[derive(Clone, Debug, Default)]
pub struct WebSocketManager {
    hub: Arc<Hub>,
}

#[derive(Debug, Default)]
struct Hub {
    registry: Mutex<Registry>,
    /// Counts streams that came, so that a connection in legacy mode sees without a lock that there is one more.
    generation: AtomicU64,
    /// Connections that read every stream.
    readers_of_all: AtomicUsize,
    next_connection: AtomicU64,
    draining: AtomicBool,
    metrics: SocketMetrics,
}

/// Streams and connections change together under one lock: a connection that reads all streams must miss none.
#[derive(Debug, Default)]
struct Registry {
    streams: HashMap<StreamId, Arc<Stream>>,
    connections: HashMap<u64, Arc<Handle>>,
    addresses: Shares<IpAddr>,
    /// By credential.
    users: Shares<String>,
}

impl Registry {
    fn stream(&mut self, hub: &Hub, id: &StreamId) -> Arc<Stream> {
        if let Some(stream) = self.streams.get(id) {
            return Arc::clone(stream);
        }
        let stream = Arc::new(Stream::new(id.clone()));
        for handle in self
            .connections
            .values()
            .filter(|handle| handle.mode == Mode::Legacy && handle.principal().may_follow(id))
        {
            stream.add(Arc::clone(handle));
        }
        self.streams.insert(id.clone(), Arc::clone(&stream));
        hub.generation.fetch_add(1, Ordering::AcqRel);
        stream
    }
}

/// What a user's connections are counted by.
fn credential_of(principal: &Principal) -> Option<String> {
    let access = principal.access().filter(|_| !principal.is_shared())?;
    Some(access.credential().to_owned())
}

impl WebSocketManager {
    /// A hub without connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a connection in. It is there until the guard is dropped.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn connect(
        &self,
        visitor: Visitor<'_>,
        room: Room,
    ) -> Result<Connected, TooManyConnections> {
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
        let handle = Arc::new(Handle::new(id, visitor));
        registry.connections.insert(id, Arc::clone(&handle));
        if visitor.mode == Mode::Legacy {
            self.hub.readers_of_all.fetch_add(1, Ordering::AcqRel);
            let mine = |stream: &&Arc<Stream>| visitor.principal.may_follow(stream.id());
            for stream in registry.streams.values().filter(mine) {
                stream.add(Arc::clone(&handle));
            }
        }
        Ok(Connected {
            hub: Arc::clone(&self.hub),
            handle,
        })
    }

    /// Asks a connection to close with that code; says whether there is one of that name.
    pub fn disconnect(&self, session: &str, code: u16) -> bool {
        let registry = self.hub.registry();
        let found = registry
            .connections
            .values()
            .find(|handle| handle.session() == session);
        if let Some(handle) = found {
            handle.ask_to_close(code);
        }
        found.is_some()
    }

    /// Closes every connection whose token or sign-in has ended. Nothing that is published after this reaches them.
    pub fn close_ended(&self) {
        for handle in self.hub.registry().connections.values() {
            if handle.principal().is_ended() {
                handle.ask_to_close(close::INVALID_TOKEN);
            }
        }
    }

    /// Sends a message to every connection of one user. It is not logged: who is away misses it.
    pub fn send_personal_message(&self, user: &str, message: &Message) {
        self.send_ephemeral(&personal_stream(user), message);
    }

    /// Sends a message to everybody who is subscribed to the system's stream. It is not logged.
    pub fn broadcast(&self, message: &Message) {
        self.send_ephemeral(&StreamId::system(), message);
    }

    /// Sends a message to everybody who is subscribed to a project, and to nobody else. It is not logged.
    pub fn broadcast_to_project(&self, project: &ProjectId, message: &Message) {
        self.send_ephemeral(&StreamId::project(project), message);
    }

    /// How many connections there are.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for handle in self.hub.registry().connections.values() {
            match handle.mode {
                Mode::Legacy => counts.legacy += 1,
                Mode::V1 => counts.v1 += 1,
                Mode::Coordination => counts.coordination += 1,
            }
        }
        counts
    }

    /// Every connection, the oldest first, with what it reads and how far it is.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        let mut handles: Vec<_> = self.hub.registry().connections.values().cloned().collect();
        handles.sort_unstable_by_key(|handle| handle.id);
        handles.iter().map(|handle| handle.info()).collect()
    }

    /// What is counted of connections.
    pub fn metrics(&self) -> &SocketMetrics {
        &self.hub.metrics
    }

    /// How many streams are kept in memory: those that somebody is subscribed to.
    pub fn stream_count(&self) -> usize {
        self.hub.registry().streams.len()
    }

    /// How many connections would be woken by an event of that stream.
    pub fn subscriber_count(&self, stream: &StreamId) -> usize {
        self.hub
            .registry()
            .streams
            .get(stream)
            .map_or(0, |stream| stream.subscriber_count())
    }

    /// Tells every connection that the server is going down. Each says goodbye and closes by itself; who connects from
    /// now on is sent away at once.
    pub fn drain(&self) {
        self.hub.draining.store(true, Ordering::Release);
        for handle in self.hub.registry().connections.values() {
            handle.ask_to_close(close::DRAIN);
        }
    }

    /// Whether [`Self::drain`] was called.
    pub fn is_draining(&self) -> bool {
        self.hub.draining.load(Ordering::Acquire)
    }

    fn send_ephemeral(&self, stream: &StreamId, message: &Message) {
        match Ephemeral::new(message) {
            Ok(message) => self.ephemeral(stream, message),
            Err(error) => tracing::error!(%stream, %error, "a message could not be encoded"),
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
