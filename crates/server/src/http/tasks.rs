//! Tasks: list, one task, its changes and its history.

use axum::Extension;
use axum::http::StatusCode;
use serde::Serialize;

use tasktree_protocol::http::paths;
use tasktree_protocol::{ProjectId, Task, TaskId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffers::Answers;
use super::caller::{Acting, Change, Destroy, Manage, Write};
use super::error::{ApiError, ApiResult};
use super::extract::{AnyJson, Ids, IfMatch, Object, OwnPage, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema, task_fields, task_list};
use crate::compat::new_task::NewTaskFields;
use crate::limits::{ATTEMPTS_KEPT, HISTORY_SHOWN};
use crate::service::MergeBy;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(task_list::list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
        .routes(routes!(preview_merge, merge))
        .routes(routes!(history))
        .routes(routes!(attempts))
        .routes(routes!(reset_all))
        .routes(routes!(undos))
        .routes(routes!(undo))
}

/// Creates a task.
///
/// Its fields come in the query string, as older scripts send them, or in a JSON object. A body
/// that is a JSON array is the list of its dependencies.
#[utoipa::path(post, path = paths::TASKS, tag = "tasks", params(
    ("project" = String, Path),
    ("title" = Option<String>, Query), ("description" = Option<String>, Query), ("prompt" = Option<String>, Query),
    ("priority" = Option<u32>, Query), ("status" = Option<schema::Status>, Query), ("branch" = Option<String>, Query)),
    request_body = Option<schema::NewTask>, responses(
    (status = 200, body = schema::Task, headers(("ETag" = String, description = "Version of the task"))),
    (status = 404, body = schema::Refused),
    (status = 409, description = "A blocked task cannot be in progress", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn create(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
    write: Write<AnyJson, Change>,
) -> ApiResult {
    let mut given = NewTaskFields::of(&query, write.body.0);
    let mut fields = Fields::of_body(&given.object);
    let new = task_fields::new_task(&mut fields);
    let found = fields.into_problems();
    let problems = given.problems(found);
    if !problems.is_empty() {
        return Err(ApiError::invalid(&problems));
    }
    let receipt = service.create_task(write.context, &project, new).await;
    let receipt =
        receipt.map_err(|error| ApiError::from_service(error, |field| given.place(field)))?;
    Ok(answer::task_receipt(receipt))
}

/// Returns one task, by its id or its number.
#[utoipa::path(get, path = paths::TASK, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path)), responses(
    (status = 200, body = schema::Task, headers(("ETag" = String, description = "Version of the task"))),
    (status = 404, body = schema::Refused)))]
async fn get(Acting(service): Acting, Ids((project, task)): Ids<(ProjectId, TaskId)>) -> ApiResult {
    Ok(answer::task_snapshot(service.task(&project, &task).await?))
}

/// Changes a task: absent fields stay, null clears.
///
/// While an agent works on it, a person changes its status or session only with `take`, which names
/// the agent. An agent's own change of the status claims, completes or releases the task.
#[utoipa::path(put, path = paths::TASK, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path),
        ("If-Match" = Option<String>, Header, description = "Only if the task has this version (`ETag`)"),
        ("take" = Option<String>, Query, description = "Take the task from this agent, which holds it")),
    request_body = schema::TaskPatch, responses(
    (status = 200, body = schema::Task, headers(("ETag" = String, description = "Version of the task"))),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The task is blocked and cannot be in progress, or an agent is working on it",
        body = schema::Refused),
    (status = 412, description = "The task has another version", body = schema::Conflict),
    (status = 422, body = schema::Invalid)))]
async fn update(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    IfMatch(if_rev): IfMatch,
    QueryFields(query): QueryFields,
    write: Write<Object, Change>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let mut edit = task_fields::edit(&mut fields, if_rev);
    let mut parameters = Fields::of_query(&query);
    if let Some(from) = parameters.optional("take") {
        edit.take = Some(from);
    }
    fields.add(parameters.into_problems());
    fields.finish()?;
    let receipt = service
        .edit_task(write.context, &project, &task, edit)
        .await?;
    Ok(answer::task_receipt(receipt))
}

/// Removes a task. It can be restored, and its number is not reused.
#[utoipa::path(delete, path = paths::TASK, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path),
        ("If-Match" = Option<String>, Header, description = "Only if the task has this version (`ETag`)")),
    responses((status = 200, body = schema::Done), (status = 404, body = schema::Refused),
    (status = 412, description = "The task has another version", body = schema::Conflict),
    (status = 422, body = schema::Invalid)))]
async fn delete(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    IfMatch(if_rev): IfMatch,
    write: Write<(), Destroy>,
) -> ApiResult {
    let receipt = service
        .delete_version(write.context, &project, &task, if_rev)
        .await?;
    Ok(answer::done(receipt, "Task deleted"))
}

/// Restores a removed task.
#[utoipa::path(post, path = paths::RESTORE_TASK, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path)),
    responses((status = 200, body = schema::Task), (status = 404, body = schema::Refused)))]
async fn restore(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    write: Write<(), Destroy>,
) -> ApiResult {
    Ok(answer::task_receipt(
        service.restore_task(write.context, &project, &task).await?,
    ))
}

/// Result of a merge.
#[derive(Serialize, ToSchema)]
struct Merged {
    message: String,
    task_id: String,
    branch: String,
    /// Commit of the main branch that has the work, in full; null if it was marked by hand.
    merge_commit: Option<String>,
}

/// Merges a completed task's branch with git (`--no-ff`) in the project's repository and marks the
/// task merged.
#[utoipa::path(post, path = paths::MERGE, tag = "tasks", params(
    ("project" = String, Path), ("task" = String, Path),
    ("force" = Option<bool>, Query, description = "Only mark the task as merged by hand, without git"),
    ("contained" = Option<bool>, Query,
        description = "Mark the task as merged, without a merge, if the main branch already contains its branch")), responses(
    (status = 200, body = Merged),
    (status = 400, description = "The task is not completed, or the project has no repository on this machine", body = schema::RepositoryRefused),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The repository does not allow the merge; nothing was changed", body = schema::RepositoryRefused),
    (status = 412, description = "The task changed during the merge", body = schema::Conflict),
    (status = 500, description = "Git failed; its message is in `detail`", body = schema::Refused)))]
async fn merge(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    QueryFields(query): QueryFields,
    write: Write<(), Manage>,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let by = match (fields.or_default("force"), fields.or_default("contained")) {
        (true, _) => MergeBy::Hand,
        (false, true) => MergeBy::Containment,
        (false, false) => MergeBy::Git,
    };
    fields.finish()?;
    let receipt = service
        .merge_task(write.context, &project, &task, by)
        .await?;
    Ok(answer::receipt_as(receipt, |task: Task| Merged {
        message: format!("Task '{}' merged successfully", task.title),
        task_id: task.id.to_string(),
        branch: task.branch,
        merge_commit: task.merge_commit,
    }))
}

/// Previews the merge of a completed task, with the reason for a refusal.
#[utoipa::path(get, path = paths::MERGE, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path)), responses(
    (status = 200, body = schema::MergePreview),
    (status = 400, description = "The task is not completed, or the project has no repository on this machine", body = schema::RepositoryRefused),
    (status = 403, description = "Requested by a page of another site", body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 409, description = "A branch is missing, or git refuses to use the repository", body = schema::RepositoryRefused),
    (status = 500, description = "Git failed; its message is in `detail`", body = schema::Refused)))]
async fn preview_merge(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    OwnPage(may_run): OwnPage,
) -> ApiResult {
    if !may_run {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "Pages of other sites may not run git on this server",
        ));
    }
    Ok(answer::plain(service.preview_merge(&project, &task).await?))
}

/// Lists the events of a task, newest first, with the values before and after. They are kept for 90
/// days (`--keep-history`), at most 500 per task.
#[utoipa::path(get, path = paths::HISTORY, tag = "tasks", params(
    ("project" = String, Path), ("task" = String, Path), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = [schema::HistoryEntry]), (status = 404, body = schema::Refused)))]
async fn history(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    Extension(answers): Extension<Answers>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let limit = fields.optional("limit").unwrap_or(HISTORY_SHOWN);
    fields.finish()?;
    let list = service.history_in_parts(&project, &task, limit).await?;
    answer::in_parts(list, answers)
}

/// Lists the claims of a task, newest first, with their agents, outcomes, and evidence of
/// completion.
#[utoipa::path(get, path = paths::ATTEMPTS, tag = "tasks", params(
    ("project" = String, Path), ("task" = String, Path), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = [schema::Attempt]), (status = 404, body = schema::Refused)))]
async fn attempts(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let limit = fields.optional("limit").unwrap_or(ATTEMPTS_KEPT);
    fields.finish()?;
    Ok(answer::snapshot(
        service.attempts(&project, &task, limit).await?,
    ))
}

/// Result of a reset of all tasks.
#[derive(Serialize, ToSchema)]
struct TasksReset {
    success: bool,
    reset_count: u64,
    killed_sessions: Vec<String>,
    message: String,
    /// Id of the undo for this reset; null if there was nothing to reset.
    undo: Option<String>,
}

/// Resets all tasks except merged ones to unclaimed and ends the agents that worked on them. It can
/// be undone for 30 days.
#[utoipa::path(post, path = paths::RESET_TASKS, tag = "tasks",
    params(("project" = String, Path)),
    responses((status = 200, body = TasksReset), (status = 404, body = schema::Refused)))]
async fn reset_all(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<(), Destroy>,
) -> ApiResult {
    let receipt = service.reset_agent_tasks(write.context, &project).await?;
    Ok(answer::receipt_as(receipt, |reset| {
        let (tasks, sessions) = (reset.reset_count, reset.killed_sessions.len());
        TasksReset {
            success: true,
            reset_count: tasks,
            killed_sessions: reset.killed_sessions,
            undo: reset.undo,
            message: format!("Reset {tasks} tasks and killed {sessions} sessions"),
        }
    }))
}

/// Lists the operations that can be undone in a project, newest first.
#[utoipa::path(get, path = paths::UNDOS, tag = "tasks", params(("project" = String, Path)),
    responses((status = 200, body = [schema::Undoable]), (status = 404, body = schema::Refused)))]
async fn undos(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    Ok(answer::snapshot(service.list_undos(&project).await?))
}

/// Undoes a reset of all tasks, once. Anything changed since then stays as it is and is listed in
/// the response.
#[utoipa::path(post, path = paths::UNDO, tag = "tasks",
    params(("project" = String, Path), ("undo" = String, Path)),
    responses((status = 200, body = schema::Undone), (status = 404, body = schema::Refused)))]
async fn undo(
    Acting(service): Acting,
    Ids((project, undo)): Ids<(ProjectId, String)>,
    write: Write<(), Destroy>,
) -> ApiResult {
    Ok(answer::receipt(
        service.undo(write.context, &project, &undo).await?,
    ))
}
