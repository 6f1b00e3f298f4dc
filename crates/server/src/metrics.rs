//! The server's own metrics for Prometheus (OpenMetrics text) at `/metrics`.
//!
//! Each part counts in a struct of its own: [`StoreMetrics`], [`SocketMetrics`],
//! [`NetworkMetrics`], [`AccessMetrics`], [`WebhookMetrics`], [`HookMetrics`]. They are handles, so
//! the parts know nothing of a registry. [`Metrics`] registers them, and reads the rest from the
//! hub when it is scraped.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::accounts::AccessMetrics;
use crate::hooks::HookMetrics;
use crate::hub::{SocketMetrics, WebSocketManager};
use crate::label::Label;
use crate::listener::NetworkMetrics;
use crate::store::StoreMetrics;
use crate::webhook::WebhookMetrics;

/// The media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    connections: Family<Label, Gauge>,
    subscriptions: Gauge,
    streams: Gauge,
    behind: Gauge,
    lag: Gauge,
}

impl Metrics {
    /// Registers the metrics of the parts.
    pub fn new(
        store: &StoreMetrics,
        sockets: &SocketMetrics,
        network: &NetworkMetrics,
        access: &AccessMetrics,
        hooks: &HookMetrics,
    ) -> Self {
        let mut registry = Registry::with_prefix("tasktree");
        store.register(&mut registry);
        sockets.register(&mut registry);
        network.register(&mut registry);
        access.register(&mut registry);
        hooks.register(&mut registry);
        let connections = Family::default();
        registry.register("connections", "Open WebSockets", connections.clone());
        let mut gauge = |name: &str, help: &str, unit: Option<&str>| {
            let gauge = Gauge::default();
            match unit {
                Some(unit) => {
                    registry.register_with_unit(
                        name,
                        help,
                        Unit::Other(unit.into()),
                        gauge.clone(),
                    );
                }
                None => registry.register(name, help, gauge.clone()),
            }
            gauge
        };
        Self {
            subscriptions: gauge("subscriptions", "Subscriptions of all connections", None),
            streams: gauge("streams", "Streams with at least one subscription", None),
            behind: gauge(
                "connections_behind",
                "Connections with events not yet sent to them",
                None,
            ),
            lag: gauge(
                "lag",
                "Events not yet sent to the slowest connection",
                Some("events"),
            ),
            connections,
            registry,
        }
    }

    /// Registers the metrics of the webhook.
    pub(crate) fn add_webhook(&mut self, webhook: &WebhookMetrics) {
        webhook.register(&mut self.registry);
    }

    /// Returns all metrics as text.
    ///
    /// # Errors
    /// If the text cannot be written: never, in memory.
    pub fn text(&self, hub: &WebSocketManager) -> Result<String, std::fmt::Error> {
        let counts = hub.counts();
        for (mode, count) in [
            ("v1", counts.v1),
            ("legacy", counts.legacy),
            ("coordination", counts.coordination),
            ("mcp", counts.mcp),
        ] {
            self.connections
                .get_or_create(&[("mode", mode)])
                .set(signed(count as u64));
        }
        let (mut subscriptions, mut behind, mut lag) = (0, 0, 0);
        for connection in hub.connections() {
            let slowest = connection.subscriptions.iter().map(|one| one.lag).max();
            subscriptions += connection.subscriptions.len();
            behind += u64::from(slowest.is_some_and(|lag| lag > 0));
            lag = lag.max(slowest.unwrap_or(0));
        }
        self.subscriptions.set(signed(subscriptions as u64));
        self.streams.set(signed(hub.stream_count() as u64));
        self.behind.set(signed(behind));
        self.lag.set(signed(lag));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn signed(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
