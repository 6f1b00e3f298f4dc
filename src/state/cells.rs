//! The signals of the tasks that are shown.
//!
//! A task's signals exist while a card reads them: of 10,000 tasks most are never shown, and
//! scrolling through all of them keeps none that is out of sight.

use std::collections::HashMap;

use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use tasktree_protocol::{Agent, TaskCard, TaskId, Timestamp};

/// Latest change of a task by somebody else: its actor, and its time by this browser's clock. The
/// actor is empty if an older server does not name it.
pub type Flash = (String, Timestamp);

/// Signals that a card reads.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    pub(super) card: ArcRwSignal<TaskCard>,
    pub(super) pending: ArcRwSignal<bool>,
    pub(super) blocked_by: ArcRwSignal<Vec<u64>>,
    pub(super) agent: ArcRwSignal<Option<Agent>>,
    pub(super) flash: ArcRwSignal<Option<Flash>>,
}

/// Cells of all tasks that are shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    tasks: HashMap<TaskId, Shared>,
    made: u64,
}

/// Cells of one task, and how many read them.
#[derive(Debug)]
struct Shared {
    cells: Cells,
    /// Distinguishes these cells from earlier ones of the same task.
    share: Share,
    readers: usize,
}

/// Id of one set of cells: a task may have been removed and restored since a reader got its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share(u64);

impl Shown {
    /// Returns the cells of a task for one more reader, until [`Self::release`]. They are created
    /// for the first reader.
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

    /// Removes a reader. The cells are dropped with the last one.
    pub(super) fn release(&mut self, id: &TaskId, share: Share) {
        let Some(shared) = self.tasks.get_mut(id).filter(|it| it.share == share) else {
            return;
        };
        shared.readers -= 1;
        if shared.readers == 0 {
            self.tasks.remove(id);
        }
    }

    /// Removes the cells of a task that is gone. Cards that still show it keep its last values.
    pub(super) fn remove(&mut self, id: &TaskId) {
        self.tasks.remove(id);
    }

    /// Returns the cells of a task, if it is shown.
    pub(super) fn get(&self, id: &TaskId) -> Option<&Cells> {
        self.tasks.get(id).map(|shared| &shared.cells)
    }

    /// Returns all cells.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&TaskId, &Cells)> {
        self.tasks.iter().map(|(id, shared)| (id, &shared.cells))
    }
}

/// Writes a signal only if the value differs: an equal value must not re-run its subscribers.
pub(super) fn write<T: Clone + PartialEq + Send + Sync + 'static>(
    signal: &ArcRwSignal<T>,
    value: T,
) {
    if signal.get_untracked() != value {
        signal.set(value);
    }
}
