//! Metrics of events of harnesses.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use tasktree_protocol::agent::Source;

use crate::label::{Label, count};

/// Metrics of events of harnesses.
#[derive(Clone, Debug, Default)]
pub struct HookMetrics {
    received: Family<Label, Counter>,
    dropped: Family<Label, Counter>,
    unplaced: Counter,
    failed: Counter,
}

impl HookMetrics {
    /// Counts a received event by its harness.
    pub(super) fn received(&self, source: Source) {
        count(&self.received, "source", source.as_str());
    }

    /// Counts an event that is not applied, by the reason: `queue_full` or `no_session`.
    pub(super) fn dropped(&self, reason: &'static str) {
        count(&self.dropped, "reason", reason);
    }

    /// Counts an event that belongs to no project.
    pub(super) fn unplaced(&self) {
        self.unplaced.inc();
    }

    /// Counts an event that was refused, or that the store could not apply.
    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "hooks_received",
            "Events of harnesses, by harness",
            self.received.clone(),
        );
        registry.register(
            "hooks_dropped",
            "Events of harnesses that were not applied, by reason",
            self.dropped.clone(),
        );
        registry.register(
            "hooks_unplaced",
            "Events of harnesses that belong to no project",
            self.unplaced.clone(),
        );
        registry.register(
            "hooks_failed",
            "Events of harnesses that were refused or could not be stored",
            self.failed.clone(),
        );
    }
}
