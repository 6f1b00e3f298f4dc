//! Comments on tasks.

use axum::Extension;
use tasktree_protocol::http::paths;
use tasktree_protocol::{ProjectId, TaskId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffers::Answers;
use super::caller::{Acting, Change, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, answer, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(edit, delete))
}

/// Lists the comments on a task, oldest first. Deleted ones are listed with an empty text.
#[utoipa::path(get, path = paths::COMMENTS, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path)),
    responses((status = 200, body = [schema::Comment]), (status = 404, body = schema::Refused)))]
async fn list(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    Extension(answers): Extension<Answers>,
) -> ApiResult {
    answer::in_parts(service.comments_in_parts(&project, &task).await?, answers)
}

/// Adds a comment to a task. A task has at most 500, each of at most 16 KiB.
#[utoipa::path(post, path = paths::COMMENTS, tag = "tasks",
    params(("project" = String, Path), ("task" = String, Path)),
    request_body = schema::NewComment, responses(
    (status = 200, body = schema::Comment),
    (status = 400, description = "The task has reached the maximum number of comments", body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn add(
    Acting(service): Acting,
    Ids((project, task)): Ids<(ProjectId, TaskId)>,
    write: Write<Object, Change>,
) -> ApiResult {
    let body = body_of(&write)?;
    let receipt = service.add_comment(write.context, &project, &task, body);
    Ok(answer::receipt(receipt.await?))
}

/// Changes the text of a comment. Only its author may.
#[utoipa::path(put, path = paths::COMMENT, tag = "tasks",
    params(("project" = String, Path), ("comment" = u64, Path)),
    request_body = schema::NewComment, responses(
    (status = 200, body = schema::Comment),
    (status = 403, body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn edit(
    Acting(service): Acting,
    Ids((project, comment)): Ids<(ProjectId, u64)>,
    write: Write<Object, Change>,
) -> ApiResult {
    let body = body_of(&write)?;
    let receipt = service.edit_comment(write.context, &project, comment, body);
    Ok(answer::receipt(receipt.await?))
}

/// Deletes a comment. Its author may do this, and people who may change the project.
#[utoipa::path(delete, path = paths::COMMENT, tag = "tasks",
    params(("project" = String, Path), ("comment" = u64, Path)), responses(
    (status = 200, body = schema::Done),
    (status = 403, body = schema::Refused),
    (status = 404, body = schema::Refused)))]
async fn delete(
    Acting(service): Acting,
    Ids((project, comment)): Ids<(ProjectId, u64)>,
    write: Write<(), Change>,
) -> ApiResult {
    let receipt = service.delete_comment(write.context, &project, comment);
    Ok(answer::done(receipt.await?, "Comment deleted"))
}

fn body_of(write: &Write<Object, Change>) -> Result<String, super::ApiError> {
    let mut fields = Fields::of_body(&write.body.0);
    let body = fields.required("body");
    fields.finish()?;
    Ok(body)
}
