//! The metrics of each part of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tasktree_protocol::Event;

use super::Label;

/// Metrics of the store.
#[derive(Clone, Debug)]
pub struct StoreMetrics {
    /// Duration of a commit with the changes in it, in seconds.
    pub(crate) commit: Histogram,
    /// Number of changes in a commit.
    pub(crate) commit_writes: Histogram,
    /// Duration of a read, in seconds.
    pub(crate) read: Histogram,
    /// Operations on rows, of changes and reads: each is a statement or a few.
    pub(crate) operations: Counter,
    /// Rows that one change wrote or removed.
    write_rows: Histogram,
    most_rows: Arc<AtomicU64>,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        Self {
            commit: times(0.0001),
            commit_writes: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            read: times(0.0001),
            operations: Counter::default(),
            write_rows: Histogram::new(exponential_buckets(1.0, 4.0, 8)),
            most_rows: Arc::default(),
        }
    }
}

impl StoreMetrics {
    /// Returns the number of operations on rows so far: the cost of a change, without a clock.
    pub fn operations(&self) -> u64 {
        self.operations.get()
    }

    /// Records the number of rows that one change wrote or removed.
    pub(crate) fn wrote(&self, rows: u64) {
        self.write_rows.observe(rows as f64);
        self.most_rows.fetch_max(rows, Ordering::Relaxed);
    }

    /// Returns the maximum number of rows that one change wrote or removed since the last call.
    pub fn take_most_rows(&self) -> u64 {
        self.most_rows.swap(0, Ordering::Relaxed)
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let mut seconds = |name: &str, help: &str, histogram: &Histogram| {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        };
        seconds(
            "store_commit",
            "Time of a commit with the changes in it",
            &self.commit,
        );
        seconds("store_read", "Time of a reading", &self.read);
        registry.register(
            "store_commit_writes",
            "Changes in one commit",
            self.commit_writes.clone(),
        );
        registry.register(
            "store_operations",
            "Operations on rows, in changes and readings",
            self.operations.clone(),
        );
        registry.register(
            "store_write_rows",
            "Rows that one change wrote or removed",
            self.write_rows.clone(),
        );
    }
}

/// Metrics of the hub and the sockets.
#[derive(Clone, Debug)]
pub struct SocketMetrics {
    events: Family<Label, Counter>,
    closes: Family<Label<u16>, Counter>,
    resumes: Family<Label, Counter>,
    resyncs: Family<Label, Counter>,
    commit_to_send: Histogram,
    commit_to_ack: Histogram,
    /// Bytes of messages received from clients, after decompression.
    pub(crate) received: Counter,
    /// Bytes of messages queued for clients, before compression.
    pub(crate) sent: Counter,
}

impl Default for SocketMetrics {
    fn default() -> Self {
        Self {
            events: Family::default(),
            closes: Family::default(),
            resumes: Family::default(),
            resyncs: Family::default(),
            commit_to_send: times(0.0005),
            // Clients acknowledge with their heartbeat, which comes every 20 s.
            commit_to_ack: times(0.005),
            received: Counter::default(),
            sent: Counter::default(),
        }
    }
}

impl SocketMetrics {
    /// Counts a published event of that type.
    pub(crate) fn event(&self, kind: &str) {
        let known = Event::KINDS.iter().find(|known| **known == kind);
        count(&self.events, "type", known.copied().unwrap_or("other"));
    }

    /// Counts a connection that was closed with that code.
    pub(crate) fn closed(&self, code: u16) {
        self.closes.get_or_create(&[("code", code)]).inc();
    }

    /// Counts the start of a subscription by its result.
    ///
    /// The result is `recovered`, the reason for which it could not be resumed, or `refused`.
    pub(crate) fn resumed(&self, result: &'static str) {
        count(&self.resumes, "result", result);
    }

    /// Counts a connected client that was told to fetch a snapshot.
    pub(crate) fn resynced(&self, reason: &'static str) {
        count(&self.resyncs, "reason", reason);
    }

    /// Records that events were written to a socket, and the time since the commit of the first.
    pub(crate) fn written(&self, after: Duration) {
        self.commit_to_send.observe(after.as_secs_f64());
    }

    /// Records that a client acknowledged an event, and the time since its commit.
    pub(crate) fn acknowledged(&self, after: Duration) {
        self.commit_to_ack.observe(after.as_secs_f64());
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let to_send = "From a commit until its event was written to a client's socket, the oldest event of each write";
        let to_ack = "From a commit until a client's heartbeat said that it has the event, the newest event of each heartbeat";
        for (name, help, histogram) in [
            ("commit_to_send", to_send, &self.commit_to_send),
            ("commit_to_ack", to_ack, &self.commit_to_ack),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        }
        registry.register("events", "Events that were published", self.events.clone());
        registry.register(
            "resumes",
            "Subscriptions by how they began",
            self.resumes.clone(),
        );
        registry.register(
            "resyncs",
            "Connected clients that had to fetch a snapshot",
            self.resyncs.clone(),
        );
        registry.register(
            "closes",
            "Closed WebSockets by close code",
            self.closes.clone(),
        );
        for (name, help, counter) in [
            (
                "messages_received",
                "WebSocket messages from clients, decompressed",
                &self.received,
            ),
            (
                "messages_sent",
                "WebSocket messages to clients, not compressed",
                &self.sent,
            ),
        ] {
            registry.register_with_unit(name, help, Unit::Bytes, counter.clone());
        }
    }
}

/// Metrics of refused callers.
#[derive(Clone, Debug, Default)]
pub struct AccessMetrics {
    refused: Family<Label, Counter>,
}

impl AccessMetrics {
    /// Counts a refused token, sign-in or ticket by its reason, such as `wrong` or `ended`.
    ///
    /// `slowed` means that too many wrong ones came before.
    pub(crate) fn refused(&self, reason: &'static str) {
        count(&self.refused, "reason", reason);
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "access_refused",
            "Tokens, sign-ins and tickets that were refused",
            self.refused.clone(),
        );
    }
}

/// Metrics of the bytes on the wire, for WebSockets and HTTP together, and of connections other
/// than WebSockets.
#[derive(Clone, Debug, Default)]
pub struct NetworkMetrics {
    /// Open HTTP connections.
    pub(crate) http_connections: Gauge,
    /// Connections that were refused for lack of room.
    pub(crate) sent_away: Counter,
    /// Bytes received.
    pub(crate) received: Counter,
    /// Bytes sent.
    pub(crate) sent: Counter,
}

impl NetworkMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        for (name, help, counter) in [
            (
                "network_received",
                "Bytes that came, in all",
                &self.received,
            ),
            ("network_sent", "Bytes that went, in all", &self.sent),
        ] {
            registry.register_with_unit(name, help, Unit::Bytes, counter.clone());
        }
        registry.register(
            "http_connections",
            "Open connections that are no WebSockets",
            self.http_connections.clone(),
        );
        registry.register(
            "connections_sent_away",
            "Connections that were closed at once because there were too many",
            self.sent_away.clone(),
        );
    }
}

fn count(family: &Family<Label, Counter>, name: &'static str, value: &'static str) {
    family.get_or_create(&[(name, value)]).inc();
}

/// Returns a histogram of seconds that starts at `shortest`, each bucket twice the one before.
fn times(shortest: f64) -> Histogram {
    Histogram::new(exponential_buckets(shortest, 2.0, 16))
}
