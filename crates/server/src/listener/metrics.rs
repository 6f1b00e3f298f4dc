//! Metrics of connections and of the bytes on the wire.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

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
    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        for (name, help, counter) in [
            ("network_received", "Total bytes received", &self.received),
            ("network_sent", "Total bytes sent", &self.sent),
        ] {
            registry.register_with_unit(name, help, Unit::Bytes, counter.clone());
        }
        registry.register(
            "http_connections",
            "Open connections other than WebSockets",
            self.http_connections.clone(),
        );
        registry.register(
            "connections_sent_away",
            "Connections closed at once because the limit was reached",
            self.sent_away.clone(),
        );
    }
}
