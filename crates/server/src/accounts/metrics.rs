//! Metrics of refused callers.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::label::{Label, count};

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

    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "access_refused",
            "Refused tokens, sign-ins and tickets",
            self.refused.clone(),
        );
    }
}
