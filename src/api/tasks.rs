//! Tasks.

use serde::de::DeserializeOwned;
use tasktree_protocol::http::{HistoryEntry, HistorySummary, Undoable, Undone, paths};
use tasktree_protocol::{Bound, NewTask, ProjectId, Task, TaskCard, TaskId, TaskPatch};

use super::request::{Call, Snapshot};
use super::{ApiError, compat};

/// Id of a change, by which the server executes it once, and its conditions.
#[derive(Clone, Copy, Debug)]
pub struct Once<'a> {
    /// Id of the change.
    pub id: &'a str,
    /// Conditions of the change.
    pub bound: Option<&'a Bound>,
}

impl Once<'_> {
    pub(super) fn on(self, call: Call) -> Call {
        let mut call = call.header("Idempotency-Key", self.id);
        if let Some(epoch) = self.bound.and_then(|bound| bound.epoch.as_ref()) {
            call = call.header("If-Stream-Epoch", epoch.as_str());
        }
        if let Some(caller) = self.bound.and_then(|bound| bound.caller.as_ref()) {
            call = call.header("If-Caller", caller);
        }
        call
    }
}

/// Fetches all tasks of a project, without long texts. An older server sends whole tasks, from
/// which the cards are read.
pub async fn list_tasks(project: &ProjectId) -> Result<Snapshot<Vec<TaskCard>>, ApiError> {
    // Exactly the address that the page's header preloads.
    let call = Call::get(&paths::tasks(project)).query("view", "card");
    call.snapshot().await
}

/// Fetches one task in full. An older server has no such endpoint: there it is looked up in the
/// list.
pub async fn get_task(project: &ProjectId, task: &TaskId) -> Result<Snapshot<Task>, ApiError> {
    match Call::get(&paths::task(project, task)).snapshot().await {
        Err(error) if error.is_no_endpoint() => compat::find_task(project, task, error).await,
        answer => answer,
    }
}

/// Creates a task.
pub async fn create_task(
    project: &ProjectId,
    task: &NewTask,
    once: Once<'_>,
) -> Result<Task, ApiError> {
    once.on(Call::post(&paths::tasks(project)))
        .json(task)?
        .read()
        .await
}

/// Changes fields of a task; with `if_rev`, only if the row still has that version.
pub async fn update_task(
    project: &ProjectId,
    task: &TaskId,
    patch: &TaskPatch,
    if_rev: Option<u64>,
    once: Once<'_>,
) -> Result<Task, ApiError> {
    let mut call = once
        .on(Call::put(&paths::task(project, task)))
        .json(patch)?;
    if let Some(rev) = if_rev {
        call = call.header("If-Match", &format!("\"{rev}\""));
    }
    call.read().await
}

/// Deletes a task. It can be restored.
pub async fn delete_task(
    project: &ProjectId,
    task: &TaskId,
    once: Once<'_>,
) -> Result<(), ApiError> {
    let call = Call::delete(&paths::task(project, task));
    once.on(call).done().await
}

/// Restores a deleted task.
pub async fn restore_task(
    project: &ProjectId,
    task: &TaskId,
    once: Once<'_>,
) -> Result<Task, ApiError> {
    let call = Call::post(&paths::restore_task(project, task));
    once.on(call).read().await
}

/// Fetches the history of a task, newest first. Older servers have no log, so it is empty.
pub async fn task_history(
    project: &ProjectId,
    task: &TaskId,
) -> Result<Vec<HistoryEntry>, ApiError> {
    history_as(project, task).await
}

/// Fetches the history of a task, newest first, without the values before and after.
pub async fn history_summary(
    project: &ProjectId,
    task: &TaskId,
) -> Result<Vec<HistorySummary>, ApiError> {
    history_as(project, task).await
}

async fn history_as<T: DeserializeOwned>(
    project: &ProjectId,
    task: &TaskId,
) -> Result<Vec<T>, ApiError> {
    let answer = Call::get(&paths::history(project, task)).read().await;
    compat::empty_if_missing(answer)
}

/// Fetches the ids of the undos of a project, newest first.
pub async fn list_undos(project: &ProjectId) -> Result<Vec<String>, ApiError> {
    let all: Vec<Undoable> = Call::get(&paths::undos(project)).read().await?;
    Ok(all.into_iter().map(|one| one.id).collect())
}

/// Undoes a reset of all tasks, once; an error with status 404 if it was undone before or has
/// expired.
pub async fn undo(project: &ProjectId, undo: &str) -> Result<Undone, ApiError> {
    Call::post(&paths::undo(project, undo)).read().await
}
