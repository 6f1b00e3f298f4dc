//! An open task: its texts and its history, which the board's list does not contain.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use tasktree_protocol::{Epoch, Task, TaskId, Timestamp};

use super::board::BoardState;
use super::load::Load;
use crate::api::{self, HistoryEntry, Snapshot};

/// Delay of the next fetch after a temporary failure, in milliseconds.
const RETRY_MS: u32 = 5_000;

/// Task that a drawer or a page shows, as the server has it. Typed text is kept by the component
/// that shows it.
#[derive(Clone, Copy, Debug)]
pub struct TaskDetail {
    /// Task as the server has it; a newer version replaces it.
    pub task: Signal<Option<Task>>,
    /// Epoch of the project in which the task was read; `None` from older servers.
    pub epoch: Signal<Option<Epoch>>,
    /// State of loading. `Failed` with status 404: there is no such task.
    pub load: Signal<Load>,
    /// History of the task, newest first, once it is known.
    pub history: Signal<Option<Vec<HistoryEntry>>>,
    /// Number of retries; a change starts another fetch.
    retries: RwSignal<u32>,
}

impl TaskDetail {
    fn new(board: BoardState, id: TaskId) -> Self {
        let task = RwSignal::new(None::<Task>);
        let epoch = RwSignal::new(None::<Epoch>);
        let load = RwSignal::new(Load::Loading);
        let history = RwSignal::new(None);
        let own = id.clone();
        let retries = RwSignal::new(0);
        // Version of the row on the board: if it changes, there is something to fetch.
        let known = Memo::new({
            let id = id.clone();
            move |_| {
                board.track_tasks();
                let core = board.core()?;
                core.rows
                    .borrow()
                    .truth(&id)
                    .map(|card| (card.rev, card.updated_at))
            }
        });
        Effect::new(move |_| {
            retries.track();
            let newest = known.get();
            let shown = task.read_untracked().as_ref().map(version_of);
            if shown.is_some() && shown == newest {
                return;
            }
            let (project, id) = (board.project(), id.clone());
            // Cancelled by the next run, and with the owner.
            spawn_local_scoped_with_cancellation(async move {
                match api::get_task(&project, &id).await {
                    Ok(Snapshot { value, cursor }) => {
                        epoch.set(cursor.map(|cursor| cursor.epoch));
                        task.set(Some(value));
                        load.set(Load::Ready);
                    }
                    Err(error) if error.is_not_found() => {
                        // The history of a removed task is left, and shows that the task existed.
                        if let Ok(events) = api::task_history(&project, &id).await {
                            history.set(Some(events));
                        }
                        load.set(Load::Failed(error));
                    }
                    Err(error) => {
                        let is_temporary = error.is_temporary();
                        // The current content stays meanwhile.
                        if task.read_untracked().is_none() {
                            load.set(Load::Failed(error));
                        }
                        if is_temporary {
                            retry_later(retries).await;
                        }
                    }
                }
            });
        });
        let version = Memo::new(move |_| task.read().as_ref().map(version_of));
        Effect::new(move |_| {
            retries.track();
            if version.get().is_none() {
                return;
            }
            let (project, id) = (board.project(), own.clone());
            spawn_local_scoped_with_cancellation(async move {
                match api::task_history(&project, &id).await {
                    Ok(events) => history.set(Some(events)),
                    Err(error) if error.is_temporary() => {
                        retry_later(retries).await;
                    }
                    // This failure is permanent: nothing is known of the task's past.
                    Err(_) => history.set(Some(Vec::new())),
                }
            });
        });
        Self {
            task: task.into(),
            epoch: epoch.into(),
            load: load.into(),
            history: history.into(),
            retries,
        }
    }

    /// Fetches again, after a failure.
    pub fn retry(&self) {
        self.retries.update(|count| *count += 1);
    }
}

impl BoardState {
    /// Opens a task: its texts and history are fetched now, and again when somebody changes it,
    /// until the current owner ends.
    pub fn open_task(&self, id: TaskId) -> TaskDetail {
        TaskDetail::new(*self, id)
    }
}

/// Fetches again after a delay.
pub(super) async fn retry_later(retries: RwSignal<u32>) {
    TimeoutFuture::new(RETRY_MS).await;
    retries.update(|count| *count += 1);
}

/// Returns the version of a row.
fn version_of(task: &Task) -> (u64, Timestamp) {
    (task.rev, task.updated_at)
}
