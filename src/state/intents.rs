//! What people ask for: laid over the truth at once, sent, and taken away again when the answer has come.
//!
//! The work goes on when the component that began it is gone, so that nothing stays pending for ever.

use std::rc::Rc;

use futures_channel::oneshot;
use tasktree_protocol::error::code;
use tasktree_protocol::session::ConnectionState;
use tasktree_protocol::{
    Command, Maybe, NewTask, Status, Task, TaskCard, TaskId, TaskPatch, WireError,
};

use leptos::prelude::GetUntracked;

use super::board::BoardState;
use super::core::Core;
use super::rows::Overlay;
use crate::api;
use crate::net::new_command_id;

/// The server reads frames of at most 64 KiB; texts that may come near go by HTTP, which takes more. In bytes of JSON.
const COMMAND_LIMIT: usize = 48 * 1024;

/// The server's row after the change, where it says.
type Answer = Result<Option<TaskCard>, WireError>;
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

#[expect(
    clippy::needless_pass_by_value,
    reason = "a function of an answer, for map"
)]
fn card_from(task: Task) -> Option<TaskCard> {
    Some(TaskCard::from(&task))
}

/// Whether a change is too long for a frame, so that it goes by HTTP.
fn is_too_long(change: &impl serde::Serialize) -> bool {
    serde_json::to_string(change).is_ok_and(|json| json.len() > COMMAND_LIMIT)
}

impl BoardState {
    /// Moves a task to a column, at once; the future says what the server answered. It need not be awaited.
    pub fn move_task(
        &self,
        id: TaskId,
        status: Status,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let patch = TaskPatch {
            status: Maybe::Value(status),
            ..TaskPatch::default()
        };
        self.update_task(id, patch, None)
    }

    /// Changes fields of a task, at once; with `if_rev`, the server refuses (code `conflict`, with the row in `current`) where the
    /// task has changed since that version. A refusal takes the change back.
    pub fn update_task(
        &self,
        id: TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
    ) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| core.send_update(id, patch, if_rev));
        async move { outcome(done).await.map(drop) }
    }

    /// Makes a task. It is on the board when the future says so.
    pub fn create_task(
        &self,
        task: NewTask,
    ) -> impl Future<Output = Result<TaskCard, WireError>> + use<> {
        let done = self.core().map(|core| core.send_new(task));
        async move { row(outcome(done).await?) }
    }

    /// Removes a task, at once; a refusal brings it back.
    pub fn delete_task(&self, id: TaskId) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| core.send_removal(id));
        async move { outcome(done).await.map(drop) }
    }

    /// Brings a removed task back.
    pub fn restore_task(&self, id: TaskId) -> impl Future<Output = Result<(), WireError>> + use<> {
        let done = self.core().map(|core| core.send_restoration(id));
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
    fn send_update(self: &Rc<Self>, id: TaskId, patch: TaskPatch, if_rev: Option<u64>) -> Done {
        let overlay = Overlay::Patch(Box::new(patch.clone()));
        let core = Rc::clone(self);
        self.intend(Some((id.clone(), overlay)), move |intent| async move {
            let project_id = core.project.clone();
            if !is_too_long(&patch) {
                let (task, patch) = (id.clone(), patch.clone());
                let command = Command::UpdateTask {
                    project_id: project_id.clone(),
                    task,
                    patch,
                    if_rev,
                };
                if let Some(answer) = core.command(&intent, command).await {
                    return answer;
                }
            }
            Ok(api::update_task(&project_id, &id, &patch, if_rev)
                .await
                .map(card_from)?)
        })
    }

    fn send_new(self: &Rc<Self>, task: NewTask) -> Done {
        let core = Rc::clone(self);
        self.intend(None, move |intent| async move {
            let project_id = core.project.clone();
            if !is_too_long(&task) {
                let command = Command::CreateTask {
                    project_id: project_id.clone(),
                    task: task.clone(),
                };
                if let Some(answer) = core.command(&intent, command).await {
                    return answer;
                }
            }
            let made = if core.is_legacy() {
                api::create_task_by_query(&project_id, &task).await
            } else {
                api::create_task(&project_id, &task).await
            };
            Ok(made.map(card_from)?)
        })
    }

    fn send_removal(self: &Rc<Self>, id: TaskId) -> Done {
        let core = Rc::clone(self);
        self.intend(
            Some((id.clone(), Overlay::Removal)),
            move |intent| async move {
                let project_id = core.project.clone();
                let command = Command::DeleteTask {
                    project_id: project_id.clone(),
                    task: id.clone(),
                };
                match core.command(&intent, command).await {
                    Some(answer) => drop(answer?),
                    None => api::delete_task(&project_id, &id).await?,
                }
                core.change(|rows, changes| rows.remove(&id, changes));
                Ok(None)
            },
        )
    }

    fn send_restoration(self: &Rc<Self>, id: TaskId) -> Done {
        let core = Rc::clone(self);
        self.intend(None, move |intent| async move {
            let project_id = core.project.clone();
            let command = Command::RestoreTask {
                project_id: project_id.clone(),
                task: id.clone(),
            };
            match core.command(&intent, command).await {
                Some(answer) => answer,
                None => Ok(api::restore_task(&project_id, &id).await.map(card_from)?),
            }
        })
    }

    /// Lays an intent over its task and begins the work; takes it away when the answer is there.
    fn intend<F>(
        self: &Rc<Self>,
        overlay: Option<(TaskId, Overlay)>,
        work: impl FnOnce(String) -> F,
    ) -> Done
    where
        F: Future<Output = Answer> + 'static,
    {
        let (answer, done) = oneshot::channel();
        let intent = new_command_id();
        let task = overlay.map(|(id, overlay)| {
            self.change(|rows, changes| rows.add_intent(&id, &intent, overlay, changes));
            id
        });
        // A person's own change is seen at once.
        self.flush();
        let (core, work) = (Rc::clone(self), work(intent.clone()));
        wasm_bindgen_futures::spawn_local(async move {
            let outcome = work.await;
            match &outcome {
                Ok(row) => row.iter().for_each(|card| core.upsert(card.clone())),
                // The refusal shows the row that it was refused for.
                Err(error) => error
                    .current_row()
                    .into_iter()
                    .for_each(|card| core.upsert(card)),
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

    /// Sends a command over the live connection. `None` where the backend is an older one, which takes none: it was not sent.
    async fn command(&self, intent: &str, command: Command) -> Option<Answer> {
        if self.is_legacy() {
            return None;
        }
        match self.socket.send_with_id(intent.into(), command).await {
            // It waited for a connection, and that turned out to be one to an older backend.
            Err(error) if error.code == code::UNSENT && self.is_legacy() => None,
            answer => Some(answer.map(|result| result.row())),
        }
    }

    pub(super) fn is_legacy(&self) -> bool {
        self.socket.state.try_get_untracked() == Some(ConnectionState::Legacy)
    }

    /// Ends fetching and listening. What was asked for is still answered.
    pub(super) fn stop(&self) {
        self.sync.subscription.take();
        self.sync.guard.take();
        self.sync.refetch.take();
    }
}
