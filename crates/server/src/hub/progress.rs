//! Progress of connections in their streams, for administrators and the metrics.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::Serialize;
use tasktree_protocol::{StreamId, Timestamp};

use super::connection_entry::Mode;
use super::stream::Stream;

/// Value that stands for "no position yet".
const NOWHERE: u64 = u64::MAX;

/// Progress of one connection in one stream. Its task writes it; anything may read it.
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

    /// Moves the cursor to another epoch of the stream or to another position.
    pub(super) fn moved(&self, seq: u64) {
        self.sent(seq);
        self.acknowledged.store(0, Ordering::Relaxed);
    }

    /// Records that the client has everything up to `seq`. Returns the commit time of that event if
    /// the acknowledgment is new and the time is still known.
    pub fn acknowledge(&self, seq: u64) -> Option<Instant> {
        // An event that was never sent cannot have arrived.
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

/// Open WebSocket, as an administrator sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionInfo {
    /// Name of the connection in the log.
    pub session: String,
    /// Protocol of the connection: `v1`, `legacy` or `coordination`.
    #[schema(value_type = String)]
    pub mode: Mode,
    /// User that the connection acts for.
    pub user: String,
    /// Address of the next hop, or the client address that it reports if it is a trusted proxy.
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
    /// Name that the client reports for itself, if any.
    pub client: Option<String>,
    /// Time at which the connection was opened.
    pub since: Timestamp,
    /// Streams that the connection reads.
    pub subscriptions: Vec<SubscriptionInfo>,
}

/// Stream that a connection reads, with its progress.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionInfo {
    /// Id of the stream.
    pub stream: StreamId,
    /// Position of the last event of the stream.
    pub top: u64,
    /// Position of the last event sent. None before the first, and in a stream without positions.
    pub cursor: Option<u64>,
    /// Position of the last event that the client acknowledged; 0 before the first.
    pub acknowledged: u64,
    /// Number of events not sent yet.
    pub lag: u64,
}
