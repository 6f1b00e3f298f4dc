//! Import of a file of another program, sent as its bytes.

use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use serde_json::{Map, Value};
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::MAX_IMPORT_BYTES;
use crate::domain::import::{Subtasks, Upload};
use crate::http::caller::{Acting, Manage, Write};
use crate::http::error::{ApiError, ApiResult};
use crate::http::extract::{FromBody, Ids, QueryFields};
use crate::http::fields::Fields;
use crate::http::{AppState, answer, schema};
use crate::service::Service;

pub(super) fn router() -> OpenApiRouter<AppState> {
    let limit = || DefaultBodyLimit::max(MAX_IMPORT_BYTES);
    OpenApiRouter::new()
        .routes(routes!(import).layer(limit()))
        .routes(routes!(import_into).layer(limit()))
}

/// Bytes of a file in any encoding.
#[derive(Debug)]
struct File(Vec<u8>);

impl FromBody for File {
    fn read(_: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        Ok(Self(bytes.to_vec()))
    }
}

/// Imports a file of another program, each of its lists into its own project.
///
/// A list goes into the project that remembers it. A new project is named after the folder of
/// `source` and the list (`shop`, `shop-later`). If a project of that name is not of this file, the
/// name also has the folder above (`south-api`), and then a number. Repeating an import changes
/// nothing.
///
/// Each value of the file is imported, kept at the end of its task's prompt, or named in `notes`.
/// The numbers of `entries` and `subtasks` in the file add up to those of tasks, `subtasks_listed`
/// and `left_out`. A dry run returns the same.
#[utoipa::path(post, path = paths::IMPORTS, tag = "tasks", params(
    ("format" = String, Query, description = "File format: `task-master`"),
    ("source" = String, Query, description = "Resolved path of the file. The project stores it"),
    ("list" = Option<String>, Query, description = "Import only this list of the file"),
    ("subtasks" = Option<String>, Query, description = "Form of the subtasks: `checklist` in the prompt of their task (default), or `tasks`"),
    ("dry_run" = Option<bool>, Query, description = "Report the result without importing anything")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Contents of the file, in UTF-8 or UTF-16"), responses(
    (status = 200, body = schema::FileReport),
    (status = 422, body = schema::Invalid)))]
async fn import(
    Acting(service): Acting,
    QueryFields(query): QueryFields,
    write: Write<File, Manage>,
) -> ApiResult {
    import_file(&service, &query, write, None).await
}

/// Imports a file of another program into one project, which is created if it does not exist.
///
/// A project that remembers another file is refused, unless `moved` says that its file is now at
/// `source`. Everything else is as in `POST /api/imports`.
#[utoipa::path(post, path = paths::PROJECT_IMPORTS, tag = "tasks", params(
    ("project" = String, Path),
    ("format" = String, Query, description = "File format: `task-master`"),
    ("source" = Option<String>, Query, description = "Resolved path of the file. The project stores it"),
    ("list" = Option<String>, Query, description = "Import only this list of the file"),
    ("subtasks" = Option<String>, Query, description = "Form of the subtasks: `checklist` in the prompt of their task (default), or `tasks`"),
    ("moved" = Option<bool>, Query, description = "Confirm that the project's file was moved to `source`"),
    ("dry_run" = Option<bool>, Query, description = "Report the result without importing anything")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Contents of the file, in UTF-8 or UTF-16"), responses(
    (status = 200, body = schema::FileReport),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn import_into(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
    write: Write<File, Manage>,
) -> ApiResult {
    import_file(&service, &query, write, Some(project)).await
}

/// Imports a file with the parameters of the request.
async fn import_file(
    service: &Service,
    query: &Map<String, Value>,
    write: Write<File, Manage>,
    project: Option<ProjectId>,
) -> ApiResult {
    let (upload, dry_run) = upload(query, project)?;
    let File(bytes) = write.body;
    let receipt = service.import_file(write.context, upload, bytes, dry_run);
    Ok(answer::receipt(receipt.await?))
}

/// Reads the parameters of an import. The flag is true for a dry run.
fn upload(
    query: &Map<String, Value>,
    project: Option<ProjectId>,
) -> Result<(Upload, bool), ApiError> {
    let mut fields = Fields::of_query(query);
    let upload = Upload {
        format: fields.required("format"),
        file: match project {
            Some(_) => fields.optional("source"),
            None => Some(fields.required("source")),
        },
        list: fields.optional("list"),
        subtasks: fields.or_default::<Subtasks>("subtasks"),
        moved: project.is_some() && fields.or_default("moved"),
        project,
    };
    let dry_run = fields.or_default("dry_run");
    fields.finish()?;
    Ok((upload, dry_run))
}
