//! Labels of metrics.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// The only label of a metric: its name and a value of a fixed set.
pub(crate) type Label<T = &'static str> = [(&'static str, T); 1];

/// Counts one more under that value of the label.
pub(crate) fn count(family: &Family<Label, Counter>, name: &'static str, value: &'static str) {
    family.get_or_create(&[(name, value)]).inc();
}
