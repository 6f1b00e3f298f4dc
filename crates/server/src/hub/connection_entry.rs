//! State that the hub holds for a connection: its name, and a bell to wake it. Never its socket.

use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;
use serde::Serialize;
use tasktree_protocol::{StreamId, Timestamp};

use super::progress::{ConnectionInfo, Progress};
use crate::auth::Principal;
use crate::service::system_millis;

/// Protocol of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Plain messages of all projects.
    Legacy,
    /// `board.v1`.
    V1,
    /// The coordination monitor of the older dashboard.
    Coordination,
    /// A client of the Model Context Protocol that listens for changes.
    Mcp,
}

/// Client that opens a connection.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Protocol that the client speaks.
    pub mode: Mode,
    /// Principal that the connection acts for.
    pub principal: &'a Principal,
    /// Client address if known. Behind a trusted proxy, the address that the proxy reports.
    pub address: Option<IpAddr>,
}

/// Connection as the rest of the server sees it.
#[derive(Debug)]
pub struct ConnectionEntry {
    pub(super) id: u64,
    pub(super) mode: Mode,
    principal: Principal,
    pub(super) address: Option<IpAddr>,
    session: String,
    since: Timestamp,
    /// Name that the client reports for itself.
    client: OnceLock<String>,
    progress: Mutex<Vec<Arc<Progress>>>,
    /// Waker of the one task that serves the connection. A ring takes two atomic steps; a list of
    /// waiters would take a lock three times.
    bell: AtomicWaker,
    /// True if the bell was rung since the connection last looked: a burst of events rings once.
    rung: AtomicBool,
    /// Requested close code; 0 for none.
    close: AtomicU16,
}

impl ConnectionEntry {
    pub(super) fn new(id: u64, visitor: Visitor<'_>) -> Self {
        Self {
            id,
            mode: visitor.mode,
            principal: visitor.principal.clone(),
            address: visitor.address,
            session: uuid::Uuid::now_v7().simple().to_string(),
            since: Timestamp::from_unix_millis(system_millis()),
            client: OnceLock::new(),
            progress: Mutex::default(),
            bell: AtomicWaker::new(),
            rung: AtomicBool::new(false),
            close: AtomicU16::new(0),
        }
    }

    /// Returns the connection's name in the log.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Returns the client address if known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Stores the name that the client reports for itself. The first name stays.
    pub fn call(&self, client: &str) {
        // Names are for people: keep as much as they read.
        let name = client.chars().take(100).collect();
        let _ = self.client.set(name);
    }

    /// Replaces the list of streams that the connection reads.
    pub fn reads(&self, progress: Vec<Arc<Progress>>) {
        *self.progress() = progress;
    }

    /// Returns the connection as an administrator sees it.
    pub(super) fn info(&self) -> ConnectionInfo {
        ConnectionInfo {
            session: self.session.clone(),
            mode: self.mode,
            user: self.principal.name().to_owned(),
            address: self.address,
            client: self.client.get().cloned(),
            since: self.since,
            subscriptions: self.progress().iter().map(|one| one.info()).collect(),
        }
    }

    fn progress(&self) -> MutexGuard<'_, Vec<Arc<Progress>>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the stream of the user's personal messages.
    pub fn personal_stream(&self) -> StreamId {
        personal_stream(self.principal.name())
    }

    /// Returns the principal that the connection acts for.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Wakes the connection because there is something to read.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.wake();
        }
    }

    /// Returns true if the bell was rung since the last call. Call this before looking at the
    /// streams: later events ring again.
    pub fn take_ring(&self) -> bool {
        self.rung.load(Ordering::Relaxed) && self.rung.swap(false, Ordering::AcqRel)
    }

    /// Waits until the bell is rung after [`Self::take_ring`]. Only the task that serves the
    /// connection waits.
    pub async fn rung(&self) {
        poll_fn(|context| {
            // Register the waker first, then look: a ring in between wakes.
            self.bell.register(context.waker());
            if self.rung.load(Ordering::Acquire) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    pub(super) fn ask_to_close(&self, code: u16) {
        self.close.store(code, Ordering::Release);
        self.ring();
    }

    /// Returns the requested close code.
    ///
    /// Call this after taking something to send and before sending it: the caller that ended the
    /// connection was promised that nothing more goes out.
    pub fn asked_to_close(&self) -> Option<u16> {
        Some(self.close.load(Ordering::Acquire)).filter(|code| *code != 0)
    }
}

/// Returns the stream of one user's personal messages.
pub fn personal_stream(user: &str) -> StreamId {
    StreamId::personal(user)
}
