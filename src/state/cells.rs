//! The signals of one task. They are there while a card shows it: of 10,000 tasks most are never shown, and whoever scrolls through all of
//! them does not keep what is out of sight.

use std::collections::HashMap;

use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use tasktree_protocol::{Agent, TaskCard, TaskId, Timestamp};

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

/// The cells of all tasks that are shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    tasks: HashMap<TaskId, Shared>,
    made: u64,
}

/// The cells of one task.
#[derive(Debug)]
struct Shared {
    cells: Cells,
    /// Tells them from earlier cells of the same task.
    share: Share,
    readers: usize,
}

/// Which cells a reader has: a task may have been removed and brought back since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share(u64);

impl Shown {
    /// The cells of a task for one reader more, until [`Self::release`]; made where nobody reads them yet.
    pub(super) fn share(
        &mut self,
        id: &TaskId,
        make: impl FnOnce() -> Option<Cells>,
    ) -> Option<(Cells, Share)> {
        if !self.tasks.contains_key(id) {
            self.made += 1;
            let shared = Shared {
                cells: make()?,
                share: Share(self.made),
                readers: 0,
            };
            self.tasks.insert(id.clone(), shared);
        }
        let shared = self.tasks.get_mut(id)?;
        shared.readers += 1;
        Some((shared.cells.clone(), shared.share))
    }

    /// A reader is gone. With the last one the cells go.
    pub(super) fn release(&mut self, id: &TaskId, share: Share) {
        let Some(shared) = self.tasks.get_mut(id).filter(|it| it.share == share) else {
            return;
        };
        shared.readers -= 1;
        if shared.readers == 0 {
            self.tasks.remove(id);
        }
    }

    /// The task is gone. Whatever still shows it is about to go, with its last values.
    pub(super) fn remove(&mut self, id: &TaskId) {
        self.tasks.remove(id);
    }

    /// The cells of a task, where it is shown.
    pub(super) fn get(&self, id: &TaskId) -> Option<&Cells> {
        self.tasks.get(id).map(|shared| &shared.cells)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TaskId, &Cells)> {
        self.tasks.iter().map(|(id, shared)| (id, &shared.cells))
    }
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
