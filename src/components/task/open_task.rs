//! The task of an open drawer, saved a field at a time.

use std::rc::Rc;

use leptos::prelude::*;
use tasktree_protocol::{Bound, Task, TaskCard, TaskId, TaskPatch, Timestamp, error::code};

use crate::api::HistoryEntry;
use crate::components::board::actions::BoardActions;
use crate::components::board::take::holder_in;
use crate::components::board::view::Taking;
use crate::state::{Load, TaskDetail};

/// State of the drawer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Nothing is loaded yet.
    Loading,
    /// The task is loaded.
    Ready,
    /// The task existed, and was deleted.
    Gone,
    /// There is no such task.
    NotFound,
    /// It could not be fetched, for this reason.
    Failed(String),
}

/// Outcome of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// The change is stored, in that version of the task. `None` from older servers.
    Done(Option<u64>),
    /// Somebody else changed the field since the person began. The current task.
    Conflict(Box<Task>),
    /// It was refused, for this reason.
    Refused(String),
    /// The person left the task to the agent that works on it.
    Declined,
}

/// Handle to the open task. It can be copied into handlers and futures.
#[derive(Clone, Copy, Debug)]
pub struct OpenTask {
    /// Actions on the board behind the drawer.
    pub actions: BoardActions,
    /// Number of the task.
    pub number: u64,
    id: StoredValue<TaskId>,
    detail: TaskDetail,
}

impl OpenTask {
    /// Opens the task with that number, and starts to fetch it.
    pub fn new(actions: BoardActions, number: u64) -> Self {
        let board = actions.board;
        let id =
            untrack(|| board.find(number)).unwrap_or_else(|| TaskId::new(number, &board.project()));
        Self {
            actions,
            number,
            id: StoredValue::new(id.clone()),
            detail: board.open_task(id),
        }
    }

    /// Returns the id of the task.
    pub fn id(self) -> TaskId {
        self.id.get_value()
    }

    /// Returns the state of the drawer. Tracked.
    pub fn state(self) -> Opened {
        let board = self.actions.board;
        board.track_tasks();
        let is_on_board = board.card(&self.id()).is_some();
        let is_board_ready = board.load().with(Load::is_ready);
        let was_there = self.detail.task.with(Option::is_some);
        match self.detail.load.get() {
            _ if was_there && is_board_ready && !is_on_board => Opened::Gone,
            // A task with a history existed.
            Load::Failed(error) if error.is_not_found() && (was_there || self.has_past()) => {
                Opened::Gone
            }
            Load::Failed(error) if error.is_not_found() => Opened::NotFound,
            _ if was_there => Opened::Ready,
            Load::Failed(error) => Opened::Failed(self.actions.reason(&error.into())),
            Load::Loading | Load::Ready => Opened::Loading,
        }
    }

    /// Reads a value of the task; the default until the task is loaded.
    pub fn read<T: Default>(self, read: impl FnOnce(&Task) -> T) -> T {
        self.detail
            .task
            .with(|task| task.as_ref().map(read).unwrap_or_default())
    }

    /// Returns the task's card with its pending changes, which the person sees and continues from.
    /// Tracked.
    pub fn card(self) -> Option<TaskCard> {
        self.actions.board.track_tasks();
        self.actions.board.card(&self.id())
    }

    /// Returns the history of the task, newest first, once it is known.
    pub fn history(self) -> Signal<Option<Vec<HistoryEntry>>> {
        self.detail.history
    }

    fn has_past(self) -> bool {
        let is_past = |events: &Vec<HistoryEntry>| !events.is_empty();
        self.detail
            .history
            .with(|history| history.as_ref().is_some_and(is_past))
    }

    /// Fetches the task again.
    pub fn retry(self) {
        self.detail.retry();
    }

    /// Returns the version of the task that is shown; servers without versions have none.
    pub fn rev(self) -> Option<u64> {
        let rev = |task: &Option<Task>| task.as_ref().map(|task| task.rev);
        self.detail.task.with_untracked(rev).filter(|rev| *rev > 0)
    }

    /// Returns the time at which the shown task was created. It distinguishes the task from others
    /// with its number in a former database. Tracked.
    pub fn born(self) -> Option<Timestamp> {
        let born = |task: &Option<Task>| task.as_ref().map(|task| task.created_at);
        self.detail.task.try_with(born).flatten()
    }

    /// Returns the conditions of a change of the shown task: the epoch of the project in which it
    /// was read.
    pub fn bound(self) -> Option<Bound> {
        let epoch = self.detail.epoch.try_get_untracked().flatten();
        epoch.map(|epoch| Bound {
            epoch: Some(epoch),
            caller: None,
        })
    }

    /// Saves a change based on that version.
    ///
    /// `untouched` returns true if the field still has, in a newer version of the task, the value
    /// that the person began with: a change of another field is then no reason to ask. If an agent
    /// works on the task and the change would take it away, the person is asked.
    pub fn save(
        self,
        patch: TaskPatch,
        rev: Option<u64>,
        untouched: impl Fn(&Task) -> bool + 'static,
    ) -> impl Future<Output = Saved> {
        let (actions, id, number) = (self.actions, self.id(), self.number);
        let epoch = self.bound().and_then(|bound| bound.epoch);
        let untouched = Rc::new(untouched);
        let update = move |take| {
            let untouched = Rc::clone(&untouched);
            let (id, patch) = (id.clone(), patch.clone());
            let untouched = move |task: &Task| untouched(task);
            let (board, epoch) = (actions.board, epoch.clone());
            board.update_task_taking(id, patch, rev, take, epoch, untouched)
        };
        // Now, and not when the future runs: the drawer may be closed by then.
        let (answer, id) = (update(None), self.id());
        async move {
            let mut outcome = answer.await;
            if let Err(error) = &outcome
                && let Some(holder) = holder_in(error)
            {
                match actions.ask_to_take(&id, number, &holder).await {
                    Taking::Yes => outcome = update(Some(holder)).await,
                    Taking::No => return Saved::Declined,
                    Taking::Gone => {
                        let gone = untrack(|| actions.i18n.t(|s| s.task.gone));
                        return Saved::Refused(gone.to_owned());
                    }
                }
            }
            match outcome {
                Ok(card) => Saved::Done(card.map(|card| card.rev).filter(|rev| *rev > 0)),
                Err(error) if error.code == code::CONFLICT => match error.current_row() {
                    Some(task) => Saved::Conflict(Box::new(task)),
                    None => Saved::Refused(error.message),
                },
                Err(error) => Saved::Refused(actions.reason(&error)),
            }
        }
    }

    /// Shows a toast that a change was lost with its view, and why; its button copies the written
    /// text.
    pub fn say_lost(self, saved: &Saved, written: Option<String>) {
        match saved {
            Saved::Done(_) | Saved::Declined => {}
            Saved::Conflict(_) => self.say_overtaken(written),
            Saved::Refused(reason) => self.say_not_saved(reason, written),
        }
    }

    /// Shows the same toast if somebody else was first.
    pub fn say_overtaken(self, written: Option<String>) {
        let reason = untrack(|| self.actions.i18n.t(|s| s.task.overtaken));
        self.say_not_saved(reason, written);
    }

    /// Shows the same toast with that reason.
    pub fn say_not_saved(self, reason: &str, written: Option<String>) {
        self.actions.say_not_saved(self.number, reason, written);
    }
}
