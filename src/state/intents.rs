//! What people ask for: laid over the truth at once, sent, and taken away again when the answer has come.
//!
//! The work goes on when the component that began it is gone, so that nothing stays pending for ever.

use std::rc::Rc;

use futures_channel::oneshot;
use tasktree_protocol::error::code;
use tasktree_protocol::{
    Command, Maybe, NewTask, Status, Task, TaskCard, TaskId, TaskPatch, WireError,
};

use super::board::BoardState;
use super::core::Core;
use super::delivery::{Answer, IsMergeable};
use super::rows::Overlay;
use crate::api;
use crate::net::new_command_id;

/// Hears the answer.
type Done = oneshot::Receiver<Answer>;

/// Waits for the answer.
async fn outcome(done: Option<Done>) -> Answer {
    let closed = || {
        WireError::new(
            code::UNSENT,
            "The project was closed before an answer came.",
        )
    };
    done.ok_or_else(closed)?.await.map_err(|_| closed())?
}

/// The row of an answer that must have one.
fn row(answer: Option<TaskCard>) -> Result<TaskCard, WireError> {
    answer.ok_or_else(|| WireError::new(code::INTERNAL, "The server did not say what it has made."))
}

/// For what is no update, and has nothing to be merged with.
fn never() -> IsMergeable {
    Box::new(|_| false)
}

impl BoardState {
    /// Moves a task to a column, at once; the future says what the server answered. It need not be awaited. Where somebody else has moved
    /// the task elsewhere meanwhile, theirs stands (code `conflict`); a change of its other fields is no reason to refuse.
    pub fn move_task(
        &self,
        id: TaskId,
        status: Status,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let patch = TaskPatch {
            status: Maybe::Value(status),
            ..TaskPatch::default()
        };
        let seen = self.card(&id);
        let (from, rev) = (seen.as_ref().map(|card| card.status), self.rev(&id));
        self.update_task(id, patch, rev, move |task| {
            Some(task.status) == from || task.status == status
        })
    }

    /// The version of a task that is shown; older backends have none.
    fn rev(&self, id: &TaskId) -> Option<u64> {
        let core = self.core()?;
        let rows = core.rows.borrow();
        rows.truth(id).map(|card| card.rev).filter(|rev| *rev > 0)
    }

    /// Changes fields of a task, at once; with `if_rev`, of that version. Where the task has a newer one, the change is made on that if it
    /// `is_mergeable`: nobody has changed the same fields. Else it is refused (code `conflict`, with the row in `current`), and taken back.
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
        let done = self.core().map(|core| {
            let command = Command::UpdateTask {
                project_id: core.project.clone(),
                task: id.clone(),
                patch: patch.clone(),
                if_rev,
            };
            let overlay = Overlay::Patch(Box::new(patch));
            core.intend(command, Some((id, overlay)), Box::new(is_mergeable))
        });
        async move { outcome(done).await.map(drop) }
    }

    /// Makes a task. It is on the board when the future says so.
    pub fn create_task(
        &self,
        task: NewTask,
    ) -> impl Future<Output = Result<TaskCard, WireError>> + use<> {
        let done = self.core().map(|core| {
            let project_id = core.project.clone();
            core.intend(Command::CreateTask { project_id, task }, None, never())
        });
        async move { row(outcome(done).await?) }
    }

    /// Removes a task, at once; a refusal brings it back.
    pub fn delete_task(&self, task: TaskId) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| {
            let overlay = Some((task.clone(), Overlay::Removal));
            let project_id = core.project.clone();
            core.intend(Command::DeleteTask { project_id, task }, overlay, never())
        });
        async move { outcome(done).await.map(drop) }
    }

    /// Brings a removed task back.
    pub fn restore_task(
        &self,
        task: TaskId,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| {
            let project_id = core.project.clone();
            core.intend(Command::RestoreTask { project_id, task }, None, never())
        });
        async move { outcome(done).await.map(drop) }
    }

    /// Marks a completed task's branch merged, by merging it where the server has its repository, or without with `force`.
    pub fn merge_task(
        &self,
        id: TaskId,
        force: bool,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let project = self.project();
        async move {
            api::merge_task(&project, &id, force)
                .await
                .map_err(Into::into)
        }
    }
}

impl Core {
    /// Lays an intent over its task and begins to deliver it; takes it away when the answer is there.
    fn intend(
        self: &Rc<Self>,
        command: Command,
        overlay: Option<(TaskId, Overlay)>,
        is_mergeable: IsMergeable,
    ) -> Done {
        let (answer, done) = oneshot::channel();
        let intent = new_command_id();
        let Some(ticket) = self.unsent.add(&intent, command.clone()) else {
            let _ = answer.send(Err(WireError::new(
                code::UNSENT,
                "Too many changes wait to be sent.",
            )));
            return done;
        };
        let task = overlay.map(|(id, overlay)| {
            self.change(|rows, changes| rows.add_intent(&id, &intent, overlay, changes));
            id
        });
        // A person's own change is seen at once.
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
            let outcome = core.deliver(&ticket, &intent, command, &is_mergeable).await;
            drop(ticket);
            let row = match &outcome {
                Ok(row) => row.clone(),
                // The refusal shows the row that it was refused for.
                Err(error) => error.current_row(),
            };
            // An answer may come late: a task that was changed and is gone since stays gone.
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
            // Nobody may wait for it any more.
            let _ = answer.send(outcome);
        });
        done
    }

    /// Ends fetching and listening. What was asked for is still answered.
    pub(super) fn stop(&self) {
        self.sync.subscription.take();
        self.sync.guard.take();
        self.sync.refetch.take();
    }
}
