//! The signals of one task. They are made when a card is first shown: of 10,000 tasks most never are.

use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use tasktree_protocol::{Agent, TaskCard, Timestamp};

/// That somebody else changed a task just now: who (empty where an older backend does not say), and when by this browser's clock.
pub type Flash = (String, Timestamp);

/// What a card reads.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) card: ArcRwSignal<TaskCard>,
    pub(super) pending: ArcRwSignal<bool>,
    pub(super) blocked_by: ArcRwSignal<Vec<u64>>,
    pub(super) agent: ArcRwSignal<Option<Agent>>,
    pub(super) flash: ArcRwSignal<Option<Flash>>,
}

/// Writes a signal only where the value differs: an equal value must not re-run what reads it.
pub(super) fn write<T: Clone + PartialEq + Send + Sync + 'static>(
    signal: &ArcRwSignal<T>,
    value: T,
) {
    if signal.get_untracked() != value {
        signal.set(value);
    }
}
