//! What the hub holds of a connection: its name, and a bell to wake it. Never its socket.

use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use tasktree_protocol::StreamId;
use tokio::sync::Notify;

/// How a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Plain messages of all projects.
    Legacy,
    /// `board.v1`.
    V1,
    /// The coordination monitor of the older dashboard.
    Coordination,
}

/// One connection, as others see it.
#[derive(Debug)]
pub struct Handle {
    pub(super) id: u64,
    pub(super) mode: Mode,
    pub(super) user: String,
    session: String,
    bell: Notify,
    /// Whether the bell was rung since the connection last looked: a burst of events rings once.
    rung: AtomicBool,
    /// The close code that somebody asked for; 0 for none.
    close: AtomicU16,
}

impl Handle {
    pub(super) fn new(id: u64, mode: Mode, user: &str) -> Self {
        Self {
            id,
            mode,
            user: user.to_owned(),
            session: uuid::Uuid::now_v7().simple().to_string(),
            bell: Notify::new(),
            rung: AtomicBool::new(false),
            close: AtomicU16::new(0),
        }
    }

    /// The connection's name in the log.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// The user's own stream.
    pub fn personal_stream(&self) -> StreamId {
        personal_stream(&self.user)
    }

    /// Tells the connection that there is something to read.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.notify_one();
        }
    }

    /// Whether the bell was rung since the last call. Call it before looking at the streams: what comes later rings
    /// again.
    pub fn take_ring(&self) -> bool {
        self.rung.load(Ordering::Relaxed) && self.rung.swap(false, Ordering::AcqRel)
    }

    /// Waits for the bell.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(super) fn ask_to_close(&self, code: u16) {
        self.close.store(code, Ordering::Release);
        self.ring();
    }

    /// The close code that somebody asked for.
    pub fn asked_to_close(&self) -> Option<u16> {
        Some(self.close.load(Ordering::Acquire)).filter(|code| *code != 0)
    }
}

/// The stream of one user's personal messages.
pub fn personal_stream(user: &str) -> StreamId {
    StreamId::from(format!("u:{user}"))
}
