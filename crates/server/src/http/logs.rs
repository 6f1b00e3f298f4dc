//! Log lines of projects and agents, and the event log.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, Epoch, ProjectId, StreamId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Speak, Write};
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::domain::NewLogLines;
use crate::error::Error;
use crate::hub::hidden_unless;
use crate::service::Service;

/// Number of log lines returned by default.
const LOG_LINES: usize = 200;

/// Number of events returned by default.
const EVENTS: usize = 500;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(events))
        .routes(routes!(system_events))
}

/// Lists the newest log lines of a project and its agents, oldest first.
#[utoipa::path(get, path = paths::LOGS, tag = "events",
    params(("project" = String, Path), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = [schema::LogEntry]), (status = 404, body = schema::Refused)))]
async fn list(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    query: QueryFields,
) -> ApiResult {
    answer_lines(&service, &project, None, &query).await
}

/// Stores log lines of the project itself and sends them to everybody watching.
#[utoipa::path(post, path = paths::LOGS, tag = "events", params(("project" = String, Path)),
    request_body = schema::NewLogLines, responses(
    (status = 200, body = schema::LogStored),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn add(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Speak>,
) -> ApiResult {
    store_lines(&service, &project, None, write).await
}

/// Lists the events of a project after a position, in order and without a gap.
#[utoipa::path(get, path = paths::EVENTS, tag = "events", params(
    ("project" = String, Path),
    ("after" = Option<u64>, Query, description = "Position after which to start; 0 is the beginning of the log"),
    ("limit" = Option<usize>, Query)), responses(
    (status = 200, body = schema::Events),
    (status = 404, body = schema::Refused),
    (status = 410, description = "The log no longer goes back that far", body = schema::Refused)))]
async fn events(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let stream = StreamId::project(&project);
    if stream == StreamId::system() {
        return Err(Error::no_project(&project).into());
    }
    answer_events(&service, &stream, &query).await
}

/// Lists the events about projects after a position, in order and without a gap. An event about a
/// project that the caller may not see has only its position.
#[utoipa::path(get, path = paths::SYSTEM_EVENTS, tag = "events", params(
    ("after" = Option<u64>, Query, description = "Position after which to start; 0 is the beginning of the log"),
    ("limit" = Option<usize>, Query)), responses(
    (status = 200, body = schema::Events),
    (status = 410, description = "The log no longer goes back that far", body = schema::Refused)))]
async fn system_events(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult {
    answer_events(&service, &StreamId::system(), &query).await
}

async fn answer_events(
    service: &Service,
    stream: &StreamId,
    query: &Map<String, Value>,
) -> ApiResult {
    let mut fields = Fields::of_query(query);
    let after = fields.or_default("after");
    let limit = fields.optional("limit").unwrap_or(EVENTS).max(1);
    fields.finish()?;
    let mut page = service.read_events(stream, after, limit).await?;
    if *stream == StreamId::system() {
        let principal = service.principal();
        let scope = principal.scope();
        for event in &mut page.events {
            let hidden = hidden_unless(&event.v1, event.seq, |project| scope.has(project));
            if let Some(hidden) = hidden {
                event.v1 = hidden.into();
            }
        }
    }
    // Events were encoded when they happened; pass them on unchanged.
    let events: Vec<&RawValue> = page
        .events
        .iter()
        .map(|event| serde_json::from_slice(&event.v1))
        .collect::<Result<_, _>>()
        .map_err(|error| ApiError::internal(&Error::from(error)))?;
    Ok(answer::plain(EncodedPage {
        epoch: &page.epoch,
        seq: page.top,
        more: page.more(),
        events,
    }))
}

/// Page of the event log, as [`tasktree_protocol::http::EventPage`] with events that are encoded
/// already.
#[derive(Serialize)]
struct EncodedPage<'a> {
    epoch: &'a Epoch,
    seq: u64,
    events: Vec<&'a RawValue>,
    more: bool,
}

/// Returns the log lines of one agent or of all.
pub(super) async fn answer_lines(
    service: &Service,
    project: &ProjectId,
    agent: Option<&AgentId>,
    QueryFields(query): &QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(query);
    let limit = fields.optional("limit").unwrap_or(LOG_LINES);
    fields.finish()?;
    Ok(answer::snapshot(
        service.log_lines(project, agent, limit).await?,
    ))
}

/// Stores log lines of one agent or of the project.
pub(super) async fn store_lines(
    service: &Service,
    project: &ProjectId,
    agent: Option<AgentId>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let lines = NewLogLines {
        agent,
        task_id: fields.optional("task_id"),
        generation: fields.optional("generation"),
        level: fields.or_default("level"),
        lines: fields.required("lines"),
    };
    fields.finish()?;
    let receipt = service.add_log_lines(write.context, project, lines).await?;
    Ok(answer::receipt(receipt))
}
