//! Metrics of the webhook.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::label::{Label, count};

/// Metrics of the webhook.
#[derive(Clone, Debug, Default)]
pub(crate) struct WebhookMetrics {
    items: Family<Label, Counter>,
}

impl WebhookMetrics {
    /// Counts an item by its outcome: `sent`, `shown` on a page instead, `failed` or `dropped`.
    pub(crate) fn count(&self, outcome: &'static str) {
        count(&self.items, "outcome", outcome);
    }

    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "webhook_items",
            "Attention items for the webhook",
            self.items.clone(),
        );
    }
}
