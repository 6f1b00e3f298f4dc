//! Import of tasks from another system, by the identifiers that they have there.
//!
//! A script sends tasks that it maps itself, or `tasktree import` sends the other program's file,
//! which the server reads. Open boards show both immediately.

mod body;
mod file;

use axum::extract::DefaultBodyLimit;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::caller::{Acting, Manage, Write};
use super::error::ApiResult;
use super::extract::{Ids, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use body::Body;

/// Size of the largest import, in bytes: 16 MiB, some thousand tasks with long texts.
pub const MAX_IMPORT_BYTES: usize = 16 << 20;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(import).layer(DefaultBodyLimit::max(MAX_IMPORT_BYTES)))
        .merge(file::router())
}

/// Tasks of another system, to be imported.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a body that is read task by task")]
struct Import {
    tasks: Vec<schema::ImportedTask>,
}

/// Creates or updates tasks by the identifiers that they have at their source. Repeating an import
/// changes nothing.
///
/// Problems are found before anything is changed. An import of more than 200 tasks or 512 KiB is
/// written in parts, so that other writes can run in between: its new tasks appear together, then
/// the changes of existing tasks follow. If a write fails before the new tasks appear, nothing is
/// changed. If one fails later, the response is 503 and the server completes the import; repeating
/// the request with its `Idempotency-Key` returns the report.
#[utoipa::path(post, path = paths::IMPORT, tag = "tasks", params(
    ("project" = String, Path),
    ("dry_run" = Option<bool>, Query, description = "Report the result without importing anything")),
    request_body = Import, responses(
    (status = 200, body = schema::ImportReport),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn import(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
    write: Write<Body, Manage>,
) -> ApiResult {
    let mut parameters = Fields::of_query(&query);
    let dry_run = parameters.or_default("dry_run");
    parameters.finish()?;
    let tasks = write.body.tasks?;
    Ok(answer::receipt(
        service
            .import_tasks(write.context, &project, tasks, dry_run)
            .await?,
    ))
}
