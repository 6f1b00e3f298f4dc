//! How far connections are, for whoever asks: an administrator, the metrics.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::Serialize;
use tasktree_protocol::{StreamId, Timestamp};

use super::handle::Mode;
use super::stream::Stream;

/// Stands for "no position yet".
const NOWHERE: u64 = u64::MAX;

/// How far one connection is in one stream. Its task writes it, anybody may read it.
#[derive(Debug)]
pub struct Progress {
    stream: Arc<Stream>,
    sent: AtomicU64,
    acknowledged: AtomicU64,
}

impl Progress {
    pub(super) fn new(stream: Arc<Stream>) -> Self {
        Self {
            stream,
            sent: AtomicU64::new(NOWHERE),
            acknowledged: AtomicU64::new(0),
        }
    }

    pub(super) fn sent(&self, seq: u64) {
        self.sent.store(seq, Ordering::Relaxed);
    }

    /// The cursor stands elsewhere: in another life of the stream, or in another place.
    pub(super) fn moved(&self, seq: u64) {
        self.sent(seq);
        self.acknowledged.store(0, Ordering::Relaxed);
    }

    /// The client said that it has everything up to `seq`. When the last event of it was committed, where that is news and is
    /// still known.
    pub fn acknowledge(&self, seq: u64) -> Option<Instant> {
        // What was never sent cannot be there.
        if seq > self.sent.load(Ordering::Relaxed) {
            return None;
        }
        let before = self.acknowledged.fetch_max(seq, Ordering::Relaxed);
        (seq > before)
            .then(|| self.stream.committed_at(seq))
            .flatten()
    }

    pub(super) fn info(&self) -> SubscriptionInfo {
        let sent = Some(self.sent.load(Ordering::Relaxed)).filter(|sent| *sent != NOWHERE);
        let top = self.stream.top();
        SubscriptionInfo {
            stream: self.stream.id().clone(),
            top,
            cursor: sent,
            acknowledged: self.acknowledged.load(Ordering::Relaxed),
            lag: sent.map_or(0, |sent| top.saturating_sub(sent)),
        }
    }
}

/// A connection as an administrator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectionInfo {
    /// Its name in the log.
    pub session: String,
    /// How it speaks.
    pub mode: Mode,
    /// Whose it is.
    pub user: String,
    /// Where it comes from: the next hop, or what that says where it is a trusted proxy.
    pub address: Option<IpAddr>,
    /// What the client calls itself, where it did.
    pub client: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What it reads.
    pub subscriptions: Vec<SubscriptionInfo>,
}

/// One stream that a connection reads.
#[derive(Clone, Debug, Serialize)]
pub struct SubscriptionInfo {
    /// Which stream.
    pub stream: StreamId,
    /// The last event of the stream.
    pub top: u64,
    /// The last event that was sent; none before there was one, and in a stream without positions.
    pub cursor: Option<u64>,
    /// The last event that the client said it has; 0 before it did.
    pub acknowledged: u64,
    /// Events that were not sent yet.
    pub lag: u64,
}
