//! Requests to older servers, which lack endpoints and forms that the board uses.

use tasktree_protocol::http::paths;
use tasktree_protocol::{NewTask, ProjectId, Status, Task, TaskId};

use super::ApiError;
use super::request::{Call, Snapshot};

/// Finds a task in the list, for a server that refused to send it alone.
pub(super) async fn find_task(
    project: &ProjectId,
    task: &TaskId,
    mut refusal: ApiError,
) -> Result<Snapshot<Task>, ApiError> {
    if let ApiError::Rejected { status, .. } = &mut refusal {
        // The list has an endpoint; the task is missing.
        *status = 404;
    }
    let all: Vec<Task> = Call::get(&paths::tasks(project)).read().await?;
    let value = all.into_iter().find(|row| row.id == *task);
    value.map_or(Err(refusal), |value| {
        Ok(Snapshot {
            value,
            cursor: None,
        })
    })
}

/// Returns nothing if the server has no such endpoint.
pub(super) fn empty_if_missing<T: Default>(answer: Result<T, ApiError>) -> Result<T, ApiError> {
    match answer {
        Err(error) if error.is_no_endpoint() => Ok(T::default()),
        answer => answer,
    }
}

/// Creates a task in the form that older servers understand: fields in the query, dependencies in
/// the body.
pub async fn create_task_by_query(project: &ProjectId, task: &NewTask) -> Result<Task, ApiError> {
    let mut call = Call::post(&paths::tasks(project)).query("title", &task.title);
    for (name, value) in [
        ("description", &task.description),
        ("prompt", &task.prompt),
        ("branch", &task.branch),
    ] {
        if let Some(value) = value {
            call = call.query(name, value);
        }
    }
    if task.priority != 0 {
        call = call.query("priority", &task.priority.to_string());
    }
    if task.status != Status::default() {
        call = call.query("status", task.status.as_str());
    }
    if !task.dependencies.is_empty() {
        call = call.json(&task.dependencies)?;
    }
    call.read().await
}
