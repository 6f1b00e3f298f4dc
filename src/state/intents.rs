//! Changes that people request: shown at once, sent, and dropped when the answer has come.
//!
//! The work goes on when the component that began it is gone, so that nothing stays pending for
//! ever.

use std::rc::Rc;

use futures_channel::oneshot;
use tasktree_protocol::error::code;
use tasktree_protocol::{
    AgentId, Bound, Command, Epoch, NewTask, Task, TaskCard, TaskId, TaskPatch, WireError,
};

use super::board::BoardState;
use super::core::Core;
use super::delivery::IsMergeable;
use super::move_log::MoveId;
use super::rows::Overlay;
use super::send::{Answer, DISCARDED, UNDONE};
use crate::net::new_command_id;

/// Receiver of the answer.
pub(super) type Done = oneshot::Receiver<Answer>;

/// Waits for the answer.
pub(super) async fn outcome(done: Option<Done>) -> Answer {
    let closed = || {
        WireError::new(
            code::UNSENT,
            "The project was closed before an answer came.",
        )
    };
    done.ok_or_else(closed)?.await.map_err(|_| closed())?
}

/// Returns the row of an answer that must have one.
fn row(answer: Option<TaskCard>) -> Result<TaskCard, WireError> {
    answer.ok_or_else(|| WireError::new(code::INTERNAL, "The server did not say what it has made."))
}

/// Returns the merge rule of commands that are not updates: there is nothing to merge with.
fn never() -> IsMergeable {
    Box::new(|_, _| false)
}

/// Returns the condition that the project is still in that epoch.
pub(super) fn bound_to(epoch: Option<Epoch>) -> Option<Bound> {
    epoch.map(|epoch| Bound {
        epoch: Some(epoch),
        caller: None,
    })
}

/// Request to the server, with its overlay and its merge rule.
pub(super) struct Intent {
    pub(super) command: Command,
    /// Change that the board shows until the answer comes.
    pub(super) overlay: Option<(TaskId, Overlay)>,
    pub(super) is_mergeable: IsMergeable,
    /// Id of the move in the log that receives the answer.
    pub(super) makes_move: Option<MoveId>,
}

impl Intent {
    fn plain(command: Command, overlay: Option<(TaskId, Overlay)>) -> Self {
        Self {
            command,
            overlay,
            is_mergeable: never(),
            makes_move: None,
        }
    }
}

impl BoardState {
    /// Changes fields of a task at once; with `if_rev`, based on that version. If the task has a
    /// newer version, the change is based on that if `is_mergeable`: nobody has changed the same
    /// fields. Otherwise it is refused (code `conflict`, with the row in `current`) and rolled
    /// back.
    pub fn update_task<IsMergeable>(
        &self,
        id: TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
        is_mergeable: IsMergeable,
    ) -> impl Future<Output = Result<(), WireError>> + use<IsMergeable>
    where
        IsMergeable: Fn(&Task) -> bool + 'static,
    {
        let changed = self.update_task_taking(id, patch, if_rev, None, None, is_mergeable);
        async move { changed.await.map(drop) }
    }

    /// Changes a task as [`Self::update_task`] does. Its status or session is changed while an
    /// agent works on it only if `take` names that agent (code `claimed`, with the agent in
    /// `holder`). In another epoch of the project than `epoch`, nothing is changed (code
    /// `replaced`). The result is the changed row.
    pub fn update_task_taking<IsMergeable>(
        &self,
        id: TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
        take: Option<AgentId>,
        epoch: Option<Epoch>,
        is_mergeable: IsMergeable,
    ) -> impl Future<Output = Result<Option<TaskCard>, WireError>> + use<IsMergeable>
    where
        IsMergeable: Fn(&Task) -> bool + 'static,
    {
        let done = self.core().map(|core| {
            let command = Command::UpdateTask {
                project_id: core.project.clone(),
                task: id.clone(),
                patch: patch.clone(),
                if_rev,
                take,
                bound: bound_to(epoch),
            };
            let overlay = Overlay::Patch(Box::new(patch));
            core.intend(
                &new_command_id(),
                Intent {
                    is_mergeable: Box::new(move |task, _| is_mergeable(task)),
                    ..Intent::plain(command, Some((id, overlay)))
                },
            )
        });
        outcome(done)
    }

    /// Creates a task. It is on the board when the future resolves.
    pub fn create_task(
        &self,
        task: NewTask,
    ) -> impl Future<Output = Result<TaskCard, WireError>> + use<> {
        self.create_task_in(task, None)
    }

    /// Creates a task as [`Self::create_task`] does. In another epoch of the project than `epoch`,
    /// in which its dependencies were chosen, it is not created (code `replaced`).
    pub fn create_task_in(
        &self,
        task: NewTask,
        epoch: Option<Epoch>,
    ) -> impl Future<Output = Result<TaskCard, WireError>> + use<> {
        let done = self.core().map(|core| {
            let project_id = core.project.clone();
            let command = Command::CreateTask {
                project_id,
                task,
                bound: bound_to(epoch),
            };
            core.intend(&new_command_id(), Intent::plain(command, None))
        });
        async move { row(outcome(done).await?) }
    }

    /// Deletes a task at once; a refusal brings it back.
    pub fn delete_task(&self, task: TaskId) -> impl Future<Output = Result<(), WireError>> + use<> {
        self.remove_task(task).1
    }

    /// Deletes a task as [`Self::delete_task`] does, and also returns the id by which the deletion
    /// is undone. A deletion that was undone before it was sent has the code [`UNDONE`].
    pub fn remove_task(
        &self,
        task: TaskId,
    ) -> (
        Option<MoveId>,
        impl Future<Output = Result<(), WireError>> + use<>,
    ) {
        let (id, done) = self
            .core()
            .map(|core| {
                let name = new_command_id();
                let number = core.rows.borrow().view(&task).map(|card| card.number);
                let id = number.map(|number| {
                    let id = core.moves.borrow_mut().next_id();
                    let mut deletions = core.deletions.borrow_mut();
                    deletions.begin(id, task.clone(), number, name.clone());
                    id
                });
                let overlay = Some((task.clone(), Overlay::Removal));
                let project_id = core.project.clone();
                let command = Command::DeleteTask {
                    project_id,
                    task,
                    bound: None,
                };
                (id, core.intend(&name, Intent::plain(command, overlay)))
            })
            .unzip();
        (id.flatten(), async move { outcome(done).await.map(drop) })
    }

    /// Restores a deleted task.
    pub fn restore_task(
        &self,
        task: TaskId,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| {
            core.deletions.borrow_mut().forget(&task);
            let project_id = core.project.clone();
            let command = Command::RestoreTask {
                project_id,
                task,
                bound: None,
            };
            core.intend(&new_command_id(), Intent::plain(command, None))
        });
        async move { outcome(done).await.map(drop) }
    }
}

impl Core {
    /// Lays an intent over its task and starts to deliver it as the command with that id. Drops the
    /// intent when the answer has come.
    pub(super) fn intend(self: &Rc<Self>, id: &str, intent: Intent) -> Done {
        let Intent {
            mut command,
            overlay,
            is_mergeable,
            makes_move,
        } = intent;
        let (answer, done) = oneshot::channel();
        let intent = id.to_owned();
        self.bind(&mut command);
        let Some(ticket) = self.unsent.add(&intent, command.clone()) else {
            self.settle_move(makes_move, None);
            self.deletions.borrow_mut().settle(&intent, false);
            let _ = answer.send(Err(WireError::new(
                code::UNSENT,
                "Too many changes are waiting to be sent.",
            )));
            return done;
        };
        let task = overlay.map(|(id, overlay)| {
            self.change(|rows, changes| rows.add_intent(&id, &intent, overlay, changes));
            id
        });
        // A person's own change is visible at once.
        self.flush();
        let core = Rc::clone(self);
        wasm_bindgen_futures::spawn_local(async move {
            let removed = match &command {
                Command::DeleteTask { task, .. } => Some(task.clone()),
                _ => None,
            };
            let makes = matches!(
                command,
                Command::CreateTask { .. } | Command::RestoreTask { .. }
            );
            let mut outcome = core.deliver(&ticket, &intent, command, &is_mergeable).await;
            drop(ticket);
            core.unsent.settle(&intent, &mut outcome);
            let row = match &outcome {
                Ok(row) => row.clone(),
                // The refusal contains the row that caused it.
                Err(error) => error.current_row(),
            };
            // An answer may come late: a task that was changed and deleted since stays deleted.
            if let Some(card) =
                row.filter(|card| makes || core.rows.borrow().truth(&card.id).is_some())
            {
                core.upsert(card);
            }
            if let (Some(id), Ok(_)) = (&removed, &outcome) {
                core.change(|rows, changes| rows.remove(id, changes));
            }
            if let Some(id) = &task {
                core.change(|rows, changes| rows.drop_intent(id, &intent, changes));
            }
            core.flush();
            let after = outcome.as_ref().ok().and_then(Option::as_ref);
            let mut is_being_undone = core.settle_move(makes_move, after);
            if removed.is_some() {
                let mut deletions = core.deletions.borrow_mut();
                is_being_undone |= deletions.settle(&intent, outcome.is_ok());
            }
            if let Err(error) = &mut outcome
                && is_being_undone
                && error.code == DISCARDED
            {
                UNDONE.clone_into(&mut error.code);
            }
            // The receiver may be gone.
            let _ = answer.send(outcome);
        });
        done
    }

    /// Binds a command to its author and the epoch they see. It is not made in another project of
    /// the same name, nor by somebody else.
    fn bind(&self, command: &mut Command) {
        let Some(shown) = self.sync.epoch.borrow().clone() else {
            return;
        };
        let caller = self.unsent.caller();
        let bound = command.bound_mut().get_or_insert_default();
        bound.epoch.get_or_insert(shown);
        bound.caller = caller.map(|caller| caller.credential);
    }

    /// Ends fetching and listening. Pending requests are still answered.
    pub(super) fn stop(&self) {
        self.sync.stop();
    }
}
