//! Attention items of all projects, and the caller's marks on them.

use tasktree_protocol::ProjectId;
use tasktree_protocol::attention::AttentionMark;
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Read, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(mark))
}

/// Lists what needs a person, in all projects that the caller may see, with the caller's marks.
///
/// An item is open for as long as its cause lasts; a new cause is a new item. The list has at most
/// 500 items of a project and 2 MiB in all; `rest` counts the others. The events
/// `attention_changed` of the system stream after `cursor` change the list.
#[utoipa::path(get, path = paths::ATTENTION, tag = "attention",
    params(("project" = Option<String>, Query, description = "Only items of this project")),
    responses((status = 200, body = schema::Attention), (status = 404, body = schema::Refused)))]
async fn list(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let project: Option<String> = fields.optional("project");
    fields.finish()?;
    let project = project.map(ProjectId::from);
    Ok(answer::plain(service.attention(project).await?))
}

/// Marks an item for the caller: as seen, as done, or as not to be shown until a time.
///
/// Marks are private to the person and end with the item.
#[utoipa::path(put, path = paths::ATTENTION_MARKS, tag = "attention",
    params(("project" = String, Path), ("item" = u64, Path)), request_body = schema::AttentionMark, responses(
    (status = 200, body = schema::AttentionMarked),
    (status = 403, description = "The caller is an agent", body = schema::Refused),
    (status = 404, description = "The cause of the item has ended", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn mark(
    Acting(service): Acting,
    Ids((project, item)): Ids<(ProjectId, u64)>,
    write: Write<Object, Read>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let mark = AttentionMark {
        seen: fields.optional("seen"),
        done: fields.optional("done"),
        snoozed_until: fields.maybe("snoozed_until"),
    };
    fields.finish()?;
    let receipt = service.mark_attention(write.context, &project, item, mark);
    Ok(answer::receipt(receipt.await?))
}
