//! Metrics of the hub and the sockets.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tasktree_protocol::Event;

use crate::label::{Label, count};

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

    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let to_send = "Time from the commit of an event until it is written to a client's socket, for the oldest event of each write";
        let to_ack = "Time from the commit of an event until a client's heartbeat acknowledges it, for the newest event of each heartbeat";
        for (name, help, histogram) in [
            ("commit_to_send", to_send, &self.commit_to_send),
            ("commit_to_ack", to_ack, &self.commit_to_ack),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        }
        registry.register("events", "Published events", self.events.clone());
        registry.register(
            "resumes",
            "Started subscriptions, by the way they started",
            self.resumes.clone(),
        );
        registry.register(
            "resyncs",
            "Snapshots that connected clients had to fetch",
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
                "WebSocket messages received, after decompression",
                &self.received,
            ),
            (
                "messages_sent",
                "WebSocket messages sent, before compression",
                &self.sent,
            ),
        ] {
            registry.register_with_unit(name, help, Unit::Bytes, counter.clone());
        }
    }
}

/// Returns a histogram of seconds that starts at `shortest`, each bucket twice the one before.
fn times(shortest: f64) -> Histogram {
    Histogram::new(exponential_buckets(shortest, 2.0, 16))
}
