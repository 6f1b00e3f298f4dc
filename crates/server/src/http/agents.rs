//! Endpoints of agents: register, report, claim the next task, and store log lines.
//!
//! Requests to an agent's own endpoints act in its name: their events have the actor `agent:{id}`.

use axum::Extension;
use tasktree_protocol::http::paths;
use tasktree_protocol::{AgentId, Maybe, ProjectId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::buffers::Answers;
use super::caller::{Acting, Manage, Speak, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object, OptionalObject, QueryFields};
use super::fields::Fields;
use super::{AppState, agent_fields, answer, logs, schema};
use crate::domain::{AgentPatch, RegisterAgent};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(get, update, remove))
        .routes(routes!(next))
        .routes(routes!(heartbeat))
        .routes(routes!(assign))
        .routes(routes!(log_lines, add_log_lines))
}

/// Lists the agents of a project.
#[utoipa::path(get, path = paths::AGENTS, tag = "agents", params(("project" = String, Path)),
    responses((status = 200, body = [schema::Agent]), (status = 404, body = schema::Refused)))]
async fn list(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    Extension(answers): Extension<Answers>,
) -> ApiResult {
    answer::in_parts(service.agents_in_parts(&project).await?, answers)
}

/// Registers an agent and claims its task for it. Registering again changes the given fields.
#[utoipa::path(post, path = paths::AGENTS, tag = "agents", params(("project" = String, Path)),
    request_body = schema::NewAgent, responses(
    (status = 200, body = schema::Agent),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The task is blocked, or another agent holds it", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn register(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let id = AgentId::from(fields.required::<String>("id"));
    let registration = RegisterAgent {
        id: id.clone(),
        task_id: fields.optional("task_id"),
        branch: fields.optional("branch"),
        description: fields.optional("description"),
        run: fields.optional("run"),
    };
    fields.finish()?;
    let context = write.by_agent(&id).context;
    Ok(answer::receipt(
        service
            .register_agent(context, &project, registration)
            .await?,
    ))
}

/// Returns one agent.
#[utoipa::path(get, path = paths::AGENT, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)),
    responses((status = 200, body = schema::Agent), (status = 404, body = schema::Refused)))]
async fn get(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
) -> ApiResult {
    Ok(answer::snapshot(service.agent(&project, &agent).await?))
}

/// Records a report of an agent: `completed` completes its task, `failed` releases it.
///
/// A report that names the `generation` of its claim is refused with 409 once the claim has ended.
#[utoipa::path(put, path = paths::AGENT, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::AgentPatch, responses(
    (status = 200, body = schema::Agent),
    (status = 404, body = schema::Refused),
    (status = 409, description = "The task is blocked, or another agent holds it", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn update(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let patch = agent_fields::patch(&mut fields);
    fields.finish()?;
    Ok(answer::receipt(
        service
            .report(write.context, &project, &agent, patch)
            .await?,
    ))
}

/// Assigns an agent its next task: the one it holds, otherwise the named one, otherwise the most
/// urgent ready one. If there is none, `task` is null and `reason` says why.
#[utoipa::path(post, path = paths::NEXT, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = Option<schema::NextRequest>,
    responses((status = 200, body = schema::NextTask), (status = 404, body = schema::Refused),
    (status = 409, description = "The named task is blocked or on hold, or another agent holds it", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn next(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<OptionalObject, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let task = fields.optional("task");
    fields.finish()?;
    Ok(answer::receipt(
        service
            .report_next(write.context, &project, &agent, task)
            .await?,
    ))
}

/// Removes an agent. Its leases end, and its unfinished task becomes unclaimed.
#[utoipa::path(delete, path = paths::AGENT, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)),
    responses((status = 200, body = schema::Done), (status = 404, body = schema::Refused)))]
async fn remove(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<(), Speak>,
) -> ApiResult {
    let receipt = service
        .remove_agent(write.context, &project, &agent)
        .await?;
    Ok(answer::done(receipt, "Agent removed"))
}

/// Records that an agent is alive. An agent that is silent for two minutes is shown as silent.
#[utoipa::path(post, path = paths::HEARTBEAT, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = Option<schema::Heartbeat>,
    responses((status = 200, body = schema::Agent), (status = 404, body = schema::Refused)))]
async fn heartbeat(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<OptionalObject, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    let mut fields = Fields::of_body(&write.body.0);
    let last_activity: Option<String> = fields.optional("last_activity");
    let generation = fields.optional("generation");
    fields.finish()?;
    let patch = AgentPatch {
        generation,
        last_activity: last_activity.map_or(Maybe::Absent, Maybe::Value),
        ..AgentPatch::default()
    };
    Ok(answer::receipt(
        service
            .report(write.context, &project, &agent, patch)
            .await?,
    ))
}

/// Assigns an agent to the agent token of that name, or with `null` to none. A token speaks for the
/// agents that it registered and for those assigned to it.
#[utoipa::path(put, path = paths::OWNER, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::NewOwner, responses(
    (status = 200, body = schema::Agent),
    (status = 403, body = schema::Refused),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn assign(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Manage>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    if !fields.has("token") {
        fields.missing("token");
    }
    let token = fields.optional("token");
    fields.finish()?;
    Ok(answer::receipt(
        service
            .assign_agent(write.context, &project, &agent, token)
            .await?,
    ))
}

/// Lists the newest log lines of an agent, oldest first.
#[utoipa::path(get, path = paths::AGENT_LOGS, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = [schema::LogEntry]), (status = 404, body = schema::Refused)))]
async fn log_lines(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    query: QueryFields,
) -> ApiResult {
    logs::answer_lines(&service, &project, Some(&agent), &query).await
}

/// Stores log lines of an agent and sends them to everybody watching.
#[utoipa::path(post, path = paths::AGENT_LOGS, tag = "agents",
    params(("project" = String, Path), ("agent" = String, Path)), request_body = schema::NewLogLines, responses(
    (status = 200, body = schema::LogStored),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn add_log_lines(
    Acting(service): Acting,
    Ids((project, agent)): Ids<(ProjectId, AgentId)>,
    write: Write<Object, Speak>,
) -> ApiResult {
    let write = write.by_agent(&agent);
    logs::store_lines(&service, &project, Some(agent), write).await
}
