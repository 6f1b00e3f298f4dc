//! What people ask for: laid over the truth at once, sent, and taken away again when the answer has come.
//!
//! The work goes on when the component that began it is gone, so that nothing stays pending for ever.

use std::rc::Rc;

use futures_channel::oneshot;
use serde_json::Value;
use tasktree_protocol::error::code;
use tasktree_protocol::session::ConnectionState;
use tasktree_protocol::{
    Command, CommandResult, NewTask, Task, TaskCard, TaskId, TaskPatch, WireError,
};

use leptos::prelude::GetUntracked;

use super::core::Core;
use super::rows::Overlay;
use crate::api;
use crate::net::new_command_id;

/// The server reads frames of at most 64 KiB; texts that may come near go by HTTP, which takes more. In bytes of JSON.
const COMMAND_LIMIT: usize = 48 * 1024;

/// The server's row after the change, where it says.
type Answer = Result<Option<TaskCard>, WireError>;
/// Hears the answer.
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

/// The row of an answer that must have one.
pub(super) fn row(answer: Option<TaskCard>) -> Result<TaskCard, WireError> {
    answer.ok_or_else(|| WireError::new(code::INTERNAL, "The server did not say what it has made."))
}

fn card_of(result: &CommandResult) -> Option<TaskCard> {
    result.result.as_ref().and_then(card_in)
}

fn card_in(row: &Value) -> Option<TaskCard> {
    serde::Deserialize::deserialize(row).ok()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a function of an answer, for map"
)]
fn card_from(task: Task) -> Option<TaskCard> {
    Some(TaskCard::from(&task))
}

impl Core {
    pub(super) fn update_task(
        self: &Rc<Self>,
        id: TaskId,
        patch: TaskPatch,
        if_rev: Option<u64>,
    ) -> Done {
        let overlay = Overlay::Patch(Box::new(patch.clone()));
        let core = Rc::clone(self);
        self.intend(Some((id.clone(), overlay)), move |intent| async move {
            let project = core.project.clone();
            if core.uses_http(&patch) {
                return Ok(api::update_task(&project, &id, &patch, if_rev)
                    .await
                    .map(card_from)?);
            }
            core.command(
                intent,
                Command::UpdateTask {
                    project_id: project,
                    task: id,
                    patch,
                    if_rev,
                },
            )
            .await
        })
    }

    pub(super) fn create_task(self: &Rc<Self>, task: NewTask) -> Done {
        let core = Rc::clone(self);
        self.intend(None, move |intent| async move {
            let project = core.project.clone();
            if core.is_legacy() {
                return Ok(api::create_task_by_query(&project, &task)
                    .await
                    .map(card_from)?);
            }
            if core.uses_http(&task) {
                return Ok(api::create_task(&project, &task).await.map(card_from)?);
            }
            core.command(
                intent,
                Command::CreateTask {
                    project_id: project,
                    task,
                },
            )
            .await
        })
    }

    pub(super) fn delete_task(self: &Rc<Self>, id: TaskId) -> Done {
        let core = Rc::clone(self);
        self.intend(
            Some((id.clone(), Overlay::Removal)),
            move |intent| async move {
                let project = core.project.clone();
                if core.is_legacy() {
                    api::delete_task(&project, &id).await?;
                } else {
                    core.command(
                        intent,
                        Command::DeleteTask {
                            project_id: project,
                            task: id.clone(),
                        },
                    )
                    .await?;
                }
                core.change(|rows, changes| rows.remove(&id, changes));
                Ok(None)
            },
        )
    }

    pub(super) fn restore_task(self: &Rc<Self>, id: TaskId) -> Done {
        let core = Rc::clone(self);
        self.intend(None, move |intent| async move {
            let project = core.project.clone();
            if core.is_legacy() {
                return Ok(api::restore_task(&project, &id).await.map(card_from)?);
            }
            core.command(
                intent,
                Command::RestoreTask {
                    project_id: project,
                    task: id,
                },
            )
            .await
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
                    .current
                    .iter()
                    .filter_map(card_in)
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

    async fn command(&self, intent: String, command: Command) -> Answer {
        let result = self.socket.send_with_id(intent, command).await?;
        Ok(card_of(&result))
    }

    fn is_legacy(&self) -> bool {
        self.socket.state.get_untracked() == ConnectionState::Legacy
    }

    /// Whether a change goes by HTTP: to an older backend, or because it is too long for a frame.
    fn uses_http(&self, change: &impl serde::Serialize) -> bool {
        self.is_legacy()
            || serde_json::to_string(change).is_ok_and(|json| json.len() > COMMAND_LIMIT)
    }

    /// Ends fetching and listening. What was asked for is still answered.
    pub(super) fn stop(&self) {
        self.sync.subscription.take();
        self.sync.guard.take();
        self.sync.refetch.take();
    }
}
