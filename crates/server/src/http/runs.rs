//! Endpoints of runs: the sessions of harnesses in which agents work.

use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, ProjectId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Speak, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, agent_fields, answer, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(runs, start_run))
        .routes(routes!(update_run))
}

/// Lists the runs of an agent and of its subagents, newest first. A run is a session of a harness.
#[utoipa::path(get, path = paths::RUNS, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)),
    responses((status = 200, body = [schema::Run]), (status = 404, body = schema::Refused)))]
async fn runs(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
) -> ApiResult {
    Ok(answer::snapshot(service.runs(&project, &agent).await?))
}

/// Starts a run, or continues the one that source, session and machine name.
#[utoipa::path(post, path = paths::RUNS, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::NewRun, responses(
    (status = 200, body = schema::Run), (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn start_run(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let new = agent_fields::new_run(&mut fields);
    fields.finish()?;
    Ok(answer::receipt(
        service
            .start_run(write.context, &project, &agent, new)
            .await?,
    ))
}

/// Changes a run: a turn that opens or closes, or its end, which ends those of its subagents too.
/// An empty object is a sign of life.
#[utoipa::path(put, path = paths::RUN, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path), ("run" = u64, Path)),
    request_body = schema::RunPatch, responses(
    (status = 200, body = schema::Run), (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn update_run(
    Acting(service): Acting,
    Ids((project, agent, run)): Ids<(ProjectId, AgentId, u64)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let patch = agent_fields::run_patch(&mut fields);
    fields.finish()?;
    Ok(answer::receipt(
        service
            .update_run(write.context, &project, &agent, run, patch)
            .await?,
    ))
}
