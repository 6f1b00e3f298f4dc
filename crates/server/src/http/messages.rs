//! Endpoints of the messages to agents: list, send, and mark as read.

use serde_json::json;
use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, ProjectId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Speak, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::domain::NewMessage;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(messages, send_message))
        .routes(routes!(mark_read))
}

/// Lists the messages to an agent, oldest first. With `unread`, only those not marked as read;
/// listing does not mark them.
#[utoipa::path(get, path = paths::MESSAGES, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path), ("unread" = Option<bool>, Query)),
    responses((status = 200, body = [schema::AgentMessage]), (status = 404, body = schema::Refused)))]
async fn messages(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let unread = fields.or_default("unread");
    fields.finish()?;
    Ok(answer::snapshot(
        service.messages(&project, &agent, unread).await?,
    ))
}

/// Sends a message to an agent.
#[utoipa::path(post, path = paths::MESSAGES, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::NewMessage, responses(
    (status = 200, body = schema::AgentMessage),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn send_message(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let message = NewMessage {
        from: fields.required("from"),
        body: fields.required("body"),
    };
    fields.finish()?;
    Ok(answer::receipt(
        service
            .send_message(write.context, &project, &agent, message)
            .await?,
    ))
}

/// Marks the messages to an agent up to a number as read. Call this after processing them, so that
/// a lost response loses no message.
#[utoipa::path(post, path = paths::MESSAGES_READ, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::ReadUpTo, responses(
    (status = 200, body = schema::Unread),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn mark_read(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let up_to = fields.required("up_to");
    fields.finish()?;
    let receipt = service
        .mark_read(write.context, &project, &agent, up_to)
        .await?;
    Ok(answer::receipt_as(
        receipt,
        |unread| json!({ "unread": unread }),
    ))
}
