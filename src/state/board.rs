//! `use_board`: the view that components have of an open project.

mod cards;
mod shown;

use std::collections::BTreeSet;
use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::agent::Lease;
use tasktree_protocol::{Agent, Bound, ProjectId, Status, TaskCard, TaskId};

use super::attention::use_attention;
use super::cells::write;
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
        let attention = use_attention();
        let own = core.project.clone();
        let urgent = Memo::new(move |_| attention.of_project(&own));
        let agents: Signal<Vec<Agent>> = signals.agents.read_only().into();
        let board = Self {
            filter,
            load: signals.load.read_only().into(),
            refresh_error: signals.refresh_error.read_only().into(),
            team: signals.team.read_only().into(),
            agents,
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
                    let (filter, urgent) = (filter.read(), urgent.read());
                    if urgent.iter().any(|item| item.task.is_none()) {
                        // It concerns the tasks that its agents hold.
                        agents.track();
                    }
                    read(stored, |core| core.shown(status, &filter, &urgent))
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
