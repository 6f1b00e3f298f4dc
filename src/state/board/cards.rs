//! The tasks of an open project, each with the signals of its card.

use leptos::prelude::*;
use tasktree_protocol::{Agent, Status, TaskCard, TaskId};

use super::{BoardState, TaskRow};
use crate::state::cells::{Cells, Flash};

impl BoardState {
    /// Returns the tasks of a column that match the filter, in order.
    pub fn column(&self, status: Status) -> Memo<Vec<TaskId>> {
        self.columns[status as usize]
    }

    /// Returns the number of tasks in a column, regardless of the filter. Tracked.
    pub fn count(&self, status: Status) -> usize {
        self.counts[status as usize].get()
    }

    /// Returns the card of a task with its pending changes, or `None` if there is no such task. The
    /// existence of the task is not tracked.
    pub fn task(&self, id: &TaskId) -> Option<TaskRow> {
        Some(self.cells(id)?.card.read_only())
    }

    /// Returns the current card of a task, untracked.
    pub fn card(&self, id: &TaskId) -> Option<TaskCard> {
        self.core()?.rows.borrow().view(id).cloned()
    }

    /// Returns the task with a number, if there is one. Tracked.
    pub fn find(&self, number: u64) -> Option<TaskId> {
        self.tasks_version.track();
        let core = self.core()?;
        let rows = core.rows.borrow();
        let found = Status::ALL
            .iter()
            .find_map(|status| rows.column(*status).find(|card| card.number == number));
        found.map(|card| card.id.clone())
    }

    /// Returns all current cards, column by column, to choose dependencies from. Not tracked.
    pub fn all_cards(&self) -> Vec<TaskCard> {
        let Some(core) = self.core() else {
            return Vec::new();
        };
        let rows = core.rows.borrow();
        Status::ALL
            .iter()
            .flat_map(|status| rows.column(*status).cloned().collect::<Vec<_>>())
            .collect()
    }

    /// Returns the numbers of the tasks that block a task.
    pub fn blocked_by(&self, id: &TaskId) -> Signal<Vec<u64>> {
        self.cell(id, |cells| cells.blocked_by.read_only().into())
    }

    /// Returns the agent that works on a task.
    pub fn agent_on(&self, id: &TaskId) -> Signal<Option<Agent>> {
        self.cell(id, |cells| cells.agent.read_only().into())
    }

    /// Returns a signal that is true while a change of the task waits for the server's answer.
    pub fn pending(&self, id: &TaskId) -> Signal<bool> {
        self.cell(id, |cells| cells.pending.read_only().into())
    }

    /// Returns the last change of a task by somebody else, with its time by this browser's clock.
    /// The actor is `human:..`, `agent:..` or `system:..`, and empty if an older server does not
    /// name it.
    pub fn flash(&self, id: &TaskId) -> Signal<Option<Flash>> {
        self.cell(id, |cells| cells.flash.read_only().into())
    }

    fn cell<T>(&self, id: &TaskId, signal: impl FnOnce(Cells) -> Signal<T>) -> Signal<T>
    where
        T: Clone + Default + Send + Sync + 'static,
    {
        self.cells(id)
            .map_or_else(|| Signal::stored(T::default()), signal)
    }

    /// Returns the signals of a task. They follow the task until the current owner ends; without an
    /// owner, until the project is closed.
    fn cells(&self, id: &TaskId) -> Option<Cells> {
        let (cells, share) = self.core()?.share_cells(id)?;
        let (core, id) = (self.core, id.clone());
        on_cleanup(move || {
            // `None`: the project was closed before.
            core.try_with_value(|running| running.0.release_cells(&id, share));
        });
        Some(cells)
    }

    /// Tracks every change of any task, for views that depend on many of them.
    pub fn track_tasks(&self) {
        self.tasks_version.track();
    }
}
