//! What the hub holds of a connection: its name, and a bell to wake it. Never its socket.

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

/// How a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Plain messages of all projects.
    Legacy,
    /// `board.v1`.
    V1,
    /// The coordination monitor of the older dashboard.
    Coordination,
}

/// Who connects.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// How it speaks.
    pub mode: Mode,
    /// Whose connection it is.
    pub principal: &'a Principal,
    /// Where it comes from, where that is known; behind a trusted proxy, what that says.
    pub address: Option<IpAddr>,
}

/// One connection, as others see it.
#[derive(Debug)]
pub struct Handle {
    pub(super) id: u64,
    pub(super) mode: Mode,
    principal: Principal,
    pub(super) address: Option<IpAddr>,
    session: String,
    since: Timestamp,
    /// What the client calls itself.
    client: OnceLock<String>,
    progress: Mutex<Vec<Arc<Progress>>>,
    /// Wakes the one task that serves the connection. Two atomic steps a ring, where a list of waiters would take a lock three times.
    bell: AtomicWaker,
    /// Whether the bell was rung since the connection last looked: a burst of events rings once.
    rung: AtomicBool,
    /// The close code that somebody asked for; 0 for none.
    close: AtomicU16,
}

impl Handle {
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

    /// The connection's name in the log.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Where it comes from.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Takes note of what the client calls itself; the first name stays.
    pub fn call(&self, client: &str) {
        // A name is for people: as much of it as they read.
        let name = client.chars().take(100).collect();
        let _ = self.client.set(name);
    }

    /// What the connection reads from now on.
    pub fn reads(&self, progress: Vec<Arc<Progress>>) {
        *self.progress() = progress;
    }

    /// The connection as an administrator sees it.
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

    /// The user's own stream.
    pub fn personal_stream(&self) -> StreamId {
        personal_stream(self.principal.name())
    }

    /// Whose connection it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Tells the connection that there is something to read.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.wake();
        }
    }

    /// Whether the bell was rung since the last call. Call it before looking at the streams: what comes later rings
    /// again.
    pub fn take_ring(&self) -> bool {
        self.rung.load(Ordering::Relaxed) && self.rung.swap(false, Ordering::AcqRel)
    }

    /// Waits until the bell was rung since [`Self::take_ring`]. Only the task that serves the connection waits.
    pub async fn rung(&self) {
        poll_fn(|context| {
            // First the waker, then the look: a ring in between wakes.
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

    /// The close code that somebody asked for.
    ///
    /// Ask after taking something to send and before sending it: whoever ended the connection was told that nothing more goes out.
    pub fn asked_to_close(&self) -> Option<u16> {
        Some(self.close.load(Ordering::Acquire)).filter(|code| *code != 0)
    }
}

/// The stream of one user's personal messages.
pub fn personal_stream(user: &str) -> StreamId {
    StreamId::from(format!("u:{user}"))
}
