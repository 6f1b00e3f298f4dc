//! Endpoints for hooks of harnesses: events, the context of an agent, decisions of people, the
//! project of a folder, and the agent of a session.

mod call;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::{FolderProject, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Acting;
use super::error::ApiResult;
use super::extract::{Ids, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::auth::{Permission, Target};
use call::{HookCall, HookHeaders, HookQuery};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(event))
        .routes(routes!(context))
        .routes(routes!(decision))
        .routes(routes!(seen))
        .routes(routes!(folder))
        .routes(routes!(runs))
}

/// Takes in an event of a harness, which is applied to its agent after the answer. The harness is
/// found by the shape of the body; `source` counts only if the shape does not tell.
///
/// Events that are not known count as signs of life. Only one-line summaries are stored, without
/// the secrets that are recognized.
#[utoipa::path(post, path = paths::HOOK, tag = "hooks", params(HookQuery, HookHeaders,
    ("source" = String, Path, description = "`claude-code`, `codex`, `codex-notify`, `opencode`, `gemini`, `cursor`, `copilot` or `vscode`")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 204, description = "The event was taken in"),
    (status = 400, description = "The body is not JSON", body = schema::Refused)))]
async fn event(State(state): State<AppState>, call: HookCall) -> ApiResult {
    state.hooks.take(&call.principal, call.request);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Applies an event of a harness, and returns the context that the harness gives its agent: its
/// name, its task, and answers and messages that it has not read. The answers count as delivered.
#[utoipa::path(post, path = paths::HOOK_CONTEXT, tag = "hooks", params(HookQuery, HookHeaders,
    ("source" = String, Path, description = "As for the events")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 200, body = schema::HookContext),
    (status = 400, description = "The body is not JSON, or the event is refused", body = schema::Refused)))]
async fn context(State(state): State<AppState>, call: HookCall) -> ApiResult {
    let context = state.hooks.brief(&call.principal, call.request).await?;
    Ok(answer::plain(context))
}

/// Applies a request of a harness for permission, and waits for the decision of a person: the
/// answer to the question that it opens. Without a decision the harness asks in its terminal.
#[utoipa::path(post, path = paths::HOOK_DECISION, tag = "hooks", params(HookQuery, HookHeaders,
    ("source" = String, Path, description = "As for the events"),
    ("wait" = Option<u64>, Query, description = "Time to wait in seconds, at most 600; 0 if left out")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 200, body = schema::HookDecision),
    (status = 400, description = "The body is not JSON, or the event is refused", body = schema::Refused)))]
async fn decision(State(state): State<AppState>, mut call: HookCall) -> ApiResult {
    call.request.decides = !call.wait.is_zero();
    let decision = state.hooks.decide(&call.principal, call.request, call.wait);
    Ok(answer::plain(decision.await?))
}

/// Lists the harnesses that were heard, with the last event of each.
#[utoipa::path(get, path = paths::HOOKS, tag = "hooks",
    params(("project" = Option<String>, Query, description = "Only events of this project")),
    responses((status = 200, body = [schema::HookSeen])))]
async fn seen(
    State(state): State<AppState>,
    Acting(service): Acting,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let project: Option<String> = fields.optional("project");
    fields.finish()?;
    let project = project.map(ProjectId::from);
    let principal = service.principal();
    let target = match &project {
        Some(project) => Target::Project(project),
        None => Target::Visible,
    };
    principal.check(Permission::Read, target)?;
    Ok(answer::plain(state.hooks.seen(principal, project.as_ref())))
}

/// Returns the project of a folder: the innermost project whose folder contains it, or else the
/// caller's only project.
#[utoipa::path(get, path = paths::FOLDER, tag = "hooks", params(
    ("path" = String, Query, description = "Absolute path of the folder"),
    ("git_dir" = Option<String>, Query, description = "Absolute path of the repository's common directory")),
    responses((status = 200, body = schema::FolderProject), (status = 404, body = schema::Refused)))]
async fn folder(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let path: String = fields.required("path");
    let git_dir = fields.optional("git_dir");
    fields.finish()?;
    let project = service.project_of_folder(Some(path), git_dir).await?;
    Ok(answer::plain(FolderProject { project }))
}

/// Lists the runs of a harness's session with their agents, newest first.
#[utoipa::path(get, path = paths::PROJECT_RUNS, tag = "agents", params(("project" = String, Path),
    ("source" = String, Query, description = "Harness, such as `claude-code`"),
    ("session" = String, Query, description = "Id that the harness gave the session")),
    responses((status = 200, body = [schema::AgentRun]), (status = 404, body = schema::Refused)))]
async fn runs(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    QueryFields(query): QueryFields,
) -> ApiResult {
    let mut fields = Fields::of_query(&query);
    let (source, session) = (fields.required("source"), fields.required("session"));
    fields.finish()?;
    let runs = service.runs_of_session(&project, source, session).await?;
    Ok(answer::snapshot(runs))
}
