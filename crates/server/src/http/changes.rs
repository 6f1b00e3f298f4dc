//! Changes of a project and of the server, with their actors and the values before and after.

use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Map, Value};
use tasktree_protocol::http::paths;
use tasktree_protocol::{ProjectId, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Acting;
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::limits::CHANGES_SHOWN;
use crate::service::Snapshot;
use crate::store::{ChangePage, ChangeQuery};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(of_server))
}

/// Lists the changes of a project, newest first, with the values before and after. They are kept
/// for 90 days (`--keep-history`), at most 256 MiB per project.
///
/// The texts of messages, comments and answers are not among the values. Heartbeats are not
/// changes; an agent's progress reports within a minute are one change. A page may end early, even
/// without a change: continue with its `Next-Cursor`.
#[utoipa::path(get, path = paths::CHANGES, tag = "projects", params(("project" = String, Path),
    ("subject" = Option<String>, Query, description = "Only changes of this subject: `task:7`, `agent:ada`, `lease:3`, `question:5`, `message:9`, `comment:2` or `project`"),
    ("actor" = Option<String>, Query, description = "Only changes by this actor, for example `human:ann`"),
    ("since" = Option<String>, Query, description = "Only changes at or after this time (RFC 3339)"),
    ("before" = Option<u64>, Query, description = "Only changes with a lower `id`: the `Next-Cursor` of the previous page"),
    ("limit" = Option<usize>, Query, description = "Maximum number of changes. Default: 200")),
    responses((status = 200, body = [schema::Change], headers(
        ("Next-Cursor" = Option<u64>, description = "The `before` of the next page; absent on the last page"))),
    (status = 404, body = schema::Refused), (status = 422, body = schema::Invalid)))]
async fn list(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let selection = selection(&query)?;
    let page = service.changes(&project, selection).await?;
    Ok(answer(page))
}

/// Lists the changes outside projects, newest first, for administrators. They cover tokens, people,
/// server settings, and removed and restored projects. No secret is among the values.
#[utoipa::path(get, path = paths::SERVER_CHANGES, tag = "access", params(
    ("subject" = Option<String>, Query, description = "Only changes of this subject: `token:ID`, `person:ID`, `setting:orchestrator` or `project:alpha`"),
    ("actor" = Option<String>, Query, description = "Only changes by this actor, for example `human:ann`"),
    ("since" = Option<String>, Query, description = "Only changes at or after this time (RFC 3339)"),
    ("before" = Option<u64>, Query, description = "Only changes with a lower `id`: the `Next-Cursor` of the previous page"),
    ("limit" = Option<usize>, Query, description = "Maximum number of changes. Default: 200")),
    responses((status = 200, body = [schema::Change], headers(
        ("Next-Cursor" = Option<u64>, description = "The `before` of the next page; absent on the last page"))),
    (status = 403, body = schema::Refused), (status = 422, body = schema::Invalid)))]
async fn of_server(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult {
    let page = service.server_changes(selection(&query)?).await?;
    Ok(answer(page))
}

/// Reads the requested selection of changes.
fn selection(query: &Map<String, Value>) -> Result<ChangeQuery, ApiError> {
    let mut fields = Fields::of_query(query);
    let selection = ChangeQuery {
        subject: fields.optional("subject"),
        actor: fields.optional("actor"),
        since: fields
            .optional::<Timestamp>("since")
            .map(|since| since.unix_millis(0)),
        before: fields.optional("before"),
        limit: fields.optional("limit").unwrap_or(CHANGES_SHOWN),
    };
    fields.finish()?;
    Ok(selection)
}

fn answer(page: Snapshot<ChangePage>) -> Response {
    let next = page.value.next;
    let mut response = answer::snapshot_as(page, |page| page.changes);
    if let Some(next) = next {
        let headers = response.headers_mut();
        headers.insert(answer::NEXT_CURSOR, HeaderValue::from(next));
    }
    response
}
