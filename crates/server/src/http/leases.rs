//! Leases: claims of agents on files, for a limited time.

use tasktree_protocol::http::Leases;
use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, ProjectId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Speak, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, OptionalObject};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::domain::LeaseRequest;
use crate::domain::lease::DEFAULT_TTL_SECONDS;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, grant))
        .routes(routes!(release))
        .routes(routes!(renew))
}

/// Lists the current leases of a project.
#[utoipa::path(get, path = paths::LEASES, tag = "leases", params(("project" = String, Path)),
    responses((status = 200, body = schema::Leases), (status = 404, body = schema::Refused)))]
async fn list(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    let snapshot = service.list_leases(&project).await?;
    Ok(answer::snapshot_as(snapshot, |leases| Leases { leases }))
}

/// Grants leases to an agent and reports overlaps with other leases. Leases are advisory: an
/// overlap is not refused.
///
/// Paths are relative to the project's folder, or absolute below it; overlaps ignore case. A
/// pattern has `*`, `?` or `{a,b}`. With `soft`, as hooks request them, a lease belongs to one run
/// and path, lasts at most 15 minutes, and gives way if there are too many.
#[utoipa::path(post, path = paths::LEASES, tag = "leases", params(("project" = String, Path)),
    request_body = schema::NewLeases, responses(
    (status = 200, body = schema::Leases),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn grant(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let agent = AgentId::from(fields.required::<String>("agent"));
    let request = LeaseRequest {
        agent: agent.clone(),
        paths: fields.required("paths"),
        exclusive: fields.optional("exclusive").unwrap_or(true),
        ttl_seconds: fields
            .optional("ttl_seconds")
            .unwrap_or(DEFAULT_TTL_SECONDS),
        reason: fields.optional("reason"),
        soft: fields.or_default("soft"),
        run: fields.optional("run"),
    };
    fields.finish()?;
    let context = write.by_agent(&agent).context;
    let receipt = service.grant_leases(context, &project, request).await?;
    Ok(answer::receipt_as(receipt, |leases| Leases { leases }))
}

/// Ends a lease.
#[utoipa::path(delete, path = paths::LEASE, tag = "leases",
    params(("project" = String, Path), ("lease" = u64, Path)),
    responses((status = 200, body = schema::Done), (status = 404, body = schema::Refused)))]
async fn release(
    Acting(service): Acting,
    Ids((project, lease)): Ids<(ProjectId, u64)>,
    write: Write<(), Speak>,
) -> ApiResult {
    let receipt = service
        .release_lease(write.context, &project, lease)
        .await?;
    Ok(answer::done(receipt, "Lease released"))
}

/// Extends a lease, counted from now.
#[utoipa::path(post, path = paths::RENEW, tag = "leases",
    params(("project" = String, Path), ("lease" = u64, Path)), request_body = Option<schema::Renewal>, responses(
    (status = 200, body = schema::Lease),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn renew(
    Acting(service): Acting,
    Ids((project, lease)): Ids<(ProjectId, u64)>,
    write: Write<OptionalObject, Speak>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let ttl_seconds = fields
        .optional("ttl_seconds")
        .unwrap_or(DEFAULT_TTL_SECONDS);
    fields.finish()?;
    Ok(answer::receipt(
        service
            .renew_lease(write.context, &project, lease, ttl_seconds)
            .await?,
    ))
}
