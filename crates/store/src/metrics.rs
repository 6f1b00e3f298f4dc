//! Metrics of the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

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

    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        let mut seconds = |name: &str, help: &str, histogram: &Histogram| {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        };
        seconds(
            "store_commit",
            "Duration of a commit, including its changes",
            &self.commit,
        );
        seconds("store_read", "Duration of a read transaction", &self.read);
        registry.register(
            "store_commit_writes",
            "Changes per commit",
            self.commit_writes.clone(),
        );
        registry.register(
            "store_operations",
            "Row operations, in reads and writes",
            self.operations.clone(),
        );
        registry.register(
            "store_write_rows",
            "Rows written or deleted per change",
            self.write_rows.clone(),
        );
    }
}

/// Returns a histogram of seconds that starts at `shortest`, each bucket twice the one before.
fn times(shortest: f64) -> Histogram {
    Histogram::new(exponential_buckets(shortest, 2.0, 16))
}
