//! `use_board`: the view that components have of an open project.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::agent::Lease;
use tasktree_protocol::query::State;
use tasktree_protocol::{Agent, AgentStatus, Bound, ProjectId, Status, TaskCard, TaskId};

use super::cells::{Cells, Flash, write};
use super::core::Core;
use super::filter::Filter;
use super::load::Load;
use super::logs::Logs;
use super::unsent::{Unsent, provide_unsent};
use crate::api::ApiError;
use crate::net::{WebSocketHandle, use_websocket};

/// Card of a task, as a signal of its own: a change of a task re-runs only what shows that task.
pub type TaskRow = ArcReadSignal<TaskCard>;

/// State of the open project. All copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct BoardState {
    filter: Signal<Filter>,
    load: Signal<Load>,
    refresh_error: Signal<Option<ApiError>>,
    team: Signal<Load>,
    agents: Signal<Vec<Agent>>,
    leases: Signal<Vec<Lease>>,
    total: Signal<usize>,
    logs: Logs,
    columns: [Memo<Vec<TaskId>>; 5],
    counts: [Memo<usize>; 5],
    tasks_version: Signal<u64>,
    core: StoredValue<Running, LocalStorage>,
}

/// Guard that ends fetching and listening with the owner of the state, even during a request.
struct Running(Rc<Core>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Opens a project for everything below the current owner. It is closed when the owner ends.
pub fn provide_board(project: ProjectId) -> BoardState {
    let board = BoardState::new(project, use_websocket(), provide_unsent());
    provide_context(board);
    board
}

/// Returns the open project.
///
/// # Panics
/// If [`provide_board`] was not called above.
#[must_use]
#[track_caller]
pub fn use_board() -> BoardState {
    expect_context()
}

impl BoardState {
    fn new(project: ProjectId, socket: WebSocketHandle, unsent: Unsent) -> Self {
        let core = Core::new(project, socket, unsent);
        let signals = core.signals.clone();
        let stored = StoredValue::new_local(Running(Rc::clone(&core)));
        let filter: Signal<Filter> = signals.filter.read_only().into();
        let board = Self {
            filter,
            load: signals.load.read_only().into(),
            refresh_error: signals.refresh_error.read_only().into(),
            team: signals.team.read_only().into(),
            agents: signals.agents.read_only().into(),
            leases: signals.leases.read_only().into(),
            total: {
                let columns = signals.columns.clone();
                Memo::new(move |_| {
                    columns.iter().for_each(Track::track);
                    read(stored, |core| {
                        Status::ALL
                            .map(|status| core.rows.borrow().count(status))
                            .iter()
                            .sum()
                    })
                })
                .into()
            },
            logs: Logs::of(&core),
            columns: Status::ALL.map(|status| {
                let version = signals.columns[status as usize].clone();
                Memo::new(move |_| {
                    version.track();
                    let filter = filter.read();
                    read(stored, |core| core.shown(status, &filter))
                })
            }),
            counts: Status::ALL.map(|status| {
                let version = signals.columns[status as usize].clone();
                Memo::new(move |_| {
                    version.track();
                    read(stored, |core| core.rows.borrow().count(status))
                })
            }),
            tasks_version: signals.tasks.read_only().into(),
            core: stored,
        };
        core.follow();
        board
    }

    /// Returns the state, or `None` after the project was closed: late answers and event handlers
    /// may still call.
    pub(super) fn core(&self) -> Option<Rc<Core>> {
        self.core.try_with_value(|running| Rc::clone(&running.0))
    }

    /// Returns the id of the open project.
    pub fn project(&self) -> ProjectId {
        self.core()
            .map_or_else(|| ProjectId::from(""), |core| core.project.clone())
    }

    /// Returns the filter.
    pub fn filter(&self) -> Signal<Filter> {
        self.filter
    }

    /// Sets the filter. A call after the project was closed has no effect.
    pub fn set_filter(&self, filter: Filter) {
        if let Some(core) = self.core() {
            write(&core.signals.filter, filter);
        }
    }

    /// Returns the conditions of a change based on the present board; `None` if an older server has
    /// no epochs.
    pub fn bound(&self) -> Option<Bound> {
        let epoch = self.core()?.sync.epoch.borrow().clone()?;
        Some(Bound {
            epoch: Some(epoch),
            caller: None,
        })
    }

    /// Returns the state of loading the tasks.
    pub fn load(&self) -> Signal<Load> {
        self.load
    }

    /// Returns the error of the last attempt to refresh a loaded board, until one succeeds.
    pub fn refresh_error(&self) -> Signal<Option<ApiError>> {
        self.refresh_error
    }

    /// Returns the state of loading agents and leases, which come after the tasks. Until it is
    /// ready, empty lists do not mean that there are none.
    pub fn team(&self) -> Signal<Load> {
        self.team
    }

    /// Returns all agents, by name.
    pub fn agents(&self) -> Signal<Vec<Agent>> {
        self.agents
    }

    /// Returns the leases: the files that agents have announced to edit.
    pub fn leases(&self) -> Signal<Vec<Lease>> {
        self.leases
    }

    /// Returns the names of the agents and of the sessions that hold tasks, to choose one from.
    /// Tracked.
    pub fn agent_names(&self) -> Vec<String> {
        self.tasks_version.track();
        let mut names = BTreeSet::new();
        let agents = self.agents.read();
        names.extend(agents.iter().map(|agent| agent.id.as_str().to_owned()));
        if let Some(core) = self.core() {
            names.extend(core.rows.borrow().sessions().map(str::to_owned));
        }
        names.into_iter().collect()
    }

    /// Returns the number of tasks, regardless of the filter.
    pub fn total(&self) -> Signal<usize> {
        self.total
    }

    /// Returns the newest log lines.
    pub fn logs(&self) -> Logs {
        self.logs
    }

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

    /// Fetches at once, after a failure or when a person requests it.
    pub fn retry(&self) {
        if let Some(core) = self.core() {
            for load in [&core.signals.load, &core.signals.team] {
                if matches!(load.get_untracked(), Load::Failed(_)) {
                    load.set(Load::Loading);
                }
            }
            core.fetch_now();
        }
    }
}

/// Reads the state, or returns the default if the project was closed.
fn read<T: Default>(
    core: StoredValue<Running, LocalStorage>,
    reading: impl FnOnce(&Core) -> T,
) -> T {
    core.try_with_value(|running| reading(&running.0))
        .unwrap_or_default()
}

impl std::fmt::Debug for BoardState {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("BoardState")
            .field("project", &self.project())
            .finish_non_exhaustive()
    }
}

impl Core {
    /// Returns the tasks of a column that match a filter, in order.
    fn shown(&self, status: Status, filter: &Filter) -> Vec<TaskId> {
        let rows = self.rows.borrow();
        if filter.is_empty() {
            return rows.column(status).map(|card| card.id.clone()).collect();
        }
        let matcher = filter.matcher();
        if !matcher.shows(status) {
            return Vec::new();
        }
        let agents = self.agents.borrow();
        let holder = |card: &TaskCard| card.holder.as_ref().and_then(|id| agents.one(id));
        let is_blocked = |card: &TaskCard| {
            // A task that is done depends on nothing any more, whatever its record says.
            !card.status.is_done() && !rows.blocked_by(&card.id).is_empty()
        };
        let parents = match matcher.asks(State::Ready) {
            true => rows.open_parents(),
            false => HashSet::new(),
        };
        let is = |card: &TaskCard, state| match state {
            State::Blocked => is_blocked(card),
            State::Waiting => holder(card)
                .is_some_and(|agent| agent.is_alive && agent.status == AgentStatus::Waiting),
            State::Silent => {
                holder(card).is_some_and(|agent| !agent.is_alive && agent.status.is_open())
            }
            State::Ready => {
                matches!(card.status, Status::Unclaimed | Status::UpNext)
                    && card.on_hold.is_none()
                    && !parents.contains(&card.id)
                    && !is_blocked(card)
            }
            _ => false,
        };
        let shown = rows
            .column(status)
            .filter(|card| matcher.matches(card, |state| is(card, state)));
        shown.map(|card| card.id.clone()).collect()
    }
}
