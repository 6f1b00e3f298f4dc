//! Endpoints for hooks of harnesses: events, the context of an agent, decisions of people, the
//! project of a folder, and the agent of a session.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::hooks::{TASKTREE_BRANCH, TASKTREE_GIT_DIR, TASKTREE_MACHINE};
use tasktree_protocol::http::{FolderProject, paths};
use tasktree_protocol::{AgentId, ProjectId, TaskId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Speak, Write, agent_header};
use super::error::{ApiError, ApiResult};
use super::extract::{FromBody, Ids, QueryFields};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::auth::{Permission, Target};
use crate::hooks::HookRequest;
use crate::limits::NAME_CHARS;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(event))
        .routes(routes!(context))
        .routes(routes!(decision))
        .routes(routes!(seen))
        .routes(routes!(folder))
        .routes(routes!(runs))
}

/// Longest folder in a header, in characters.
const FOLDER_CHARS: usize = 1024;

/// Body of a hook: any JSON. Harnesses do not always declare it as such.
#[derive(Debug)]
struct Body(Value);

impl FromBody for Body {
    fn read(_: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        let fault = |error| {
            let detail = format!("The body is not JSON: {error}");
            ApiError::new(StatusCode::BAD_REQUEST, detail)
        };
        serde_json::from_slice(bytes).map(Self).map_err(fault)
    }
}

/// Query of a hook, and the rest of its request.
struct Query {
    request: HookRequest,
    /// Time to wait for a decision, in seconds.
    wait: Option<u64>,
}

/// Reads the query and the headers of a hook.
fn query(source: &str, query: &QueryFields, headers: &HeaderMap) -> Result<Query, ApiError> {
    let mut fields = Fields::of_query(&query.0);
    let agent: Option<String> = fields.optional("agent");
    let task: Option<TaskId> = fields.optional("task");
    let project: Option<String> = fields.optional("project");
    let wait = fields.optional("wait");
    fields.finish()?;
    let header = |name, most: usize| {
        let value = headers.get(HeaderName::from_static(name))?;
        let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        let is_line = !text.is_empty() && !text.contains(char::is_control);
        (is_line && text.chars().count() <= most).then_some(text)
    };
    let named = agent.filter(|name| !name.is_empty()).map(AgentId::from);
    Ok(Query {
        request: HookRequest {
            source: Source::of_name(source),
            project: project.filter(|id| !id.is_empty()).map(ProjectId::from),
            agent: named.or(agent_header(headers)?),
            task,
            machine: header(TASKTREE_MACHINE, NAME_CHARS),
            git_dir: header(TASKTREE_GIT_DIR, FOLDER_CHARS),
            branch: header(TASKTREE_BRANCH, NAME_CHARS),
            decides: false,
            body: Value::Null,
        },
        wait,
    })
}

/// Takes in an event of a harness, which is applied to its agent after the answer. The harness is
/// found by the shape of the body; `source` counts only if the shape does not tell.
///
/// Events that are not known count as signs of life. Only one-line summaries are stored, without
/// the secrets that are recognized.
#[utoipa::path(post, path = paths::HOOK, tag = "hooks", params(
    ("source" = String, Path, description = "`claude-code`, `codex`, `codex-notify`, `opencode`, `gemini`, `cursor`, `copilot` or `vscode`"),
    ("project" = Option<String>, Query, description = "Project of the agent; that of the session's folder if left out"),
    ("agent" = Option<String>, Query, description = "Name of the agent; made from the session's id if left out"),
    ("task" = Option<String>, Query, description = "Task that a new agent claims"),
    ("TaskTree-Machine" = Option<String>, Header, description = "Name of the machine"),
    ("TaskTree-Git-Dir" = Option<String>, Header, description = "Absolute path of the repository's common directory"),
    ("TaskTree-Branch" = Option<String>, Header, description = "Branch that is checked out")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 204, description = "The event was taken in"),
    (status = 400, description = "The body is not JSON", body = schema::Refused)))]
async fn event(
    State(state): State<AppState>,
    Acting(service): Acting,
    Ids(source): Ids<String>,
    fields: QueryFields,
    headers: HeaderMap,
    write: Write<Body, Speak>,
) -> ApiResult {
    let Query { mut request, .. } = query(&source, &fields, &headers)?;
    request.body = write.body.0;
    state.hooks.take(service.principal(), request);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Applies an event of a harness, and returns the context that the harness gives its agent: its
/// name, its task, and answers and messages that it has not read. The answers count as delivered.
#[utoipa::path(post, path = paths::HOOK_CONTEXT, tag = "hooks", params(
    ("source" = String, Path, description = "As for the events"),
    ("project" = Option<String>, Query, description = "Project of the agent; that of the session's folder if left out"),
    ("agent" = Option<String>, Query, description = "Name of the agent; made from the session's id if left out"),
    ("task" = Option<String>, Query, description = "Task that a new agent claims"),
    ("TaskTree-Machine" = Option<String>, Header, description = "Name of the machine"),
    ("TaskTree-Git-Dir" = Option<String>, Header, description = "Absolute path of the repository's common directory"),
    ("TaskTree-Branch" = Option<String>, Header, description = "Branch that is checked out")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 200, body = schema::HookContext),
    (status = 400, description = "The body is not JSON, or the event is refused", body = schema::Refused)))]
async fn context(
    State(state): State<AppState>,
    Acting(service): Acting,
    Ids(source): Ids<String>,
    fields: QueryFields,
    headers: HeaderMap,
    write: Write<Body, Speak>,
) -> ApiResult {
    let Query { mut request, .. } = query(&source, &fields, &headers)?;
    request.body = write.body.0;
    let context = state.hooks.brief(service.principal(), request).await?;
    Ok(answer::plain(context))
}

/// Applies a request of a harness for permission, and waits for the decision of a person: the
/// answer to the question that it opens. Without a decision the harness asks in its terminal.
#[utoipa::path(post, path = paths::HOOK_DECISION, tag = "hooks", params(
    ("source" = String, Path, description = "As for the events"),
    ("project" = Option<String>, Query, description = "Project of the agent; that of the session's folder if left out"),
    ("agent" = Option<String>, Query, description = "Name of the agent; made from the session's id if left out"),
    ("task" = Option<String>, Query, description = "Task that a new agent claims"),
    ("wait" = Option<u64>, Query, description = "Time to wait in seconds, at most 600; 0 if left out"),
    ("TaskTree-Machine" = Option<String>, Header, description = "Name of the machine"),
    ("TaskTree-Git-Dir" = Option<String>, Header, description = "Absolute path of the repository's common directory"),
    ("TaskTree-Branch" = Option<String>, Header, description = "Branch that is checked out")),
    request_body(content = Value, description = "JSON of the harness as it is"), responses(
    (status = 200, body = schema::HookDecision),
    (status = 400, description = "The body is not JSON, or the event is refused", body = schema::Refused)))]
async fn decision(
    State(state): State<AppState>,
    Acting(service): Acting,
    Ids(source): Ids<String>,
    fields: QueryFields,
    headers: HeaderMap,
    write: Write<Body, Speak>,
) -> ApiResult {
    let Query { mut request, wait } = query(&source, &fields, &headers)?;
    request.body = write.body.0;
    let wait = Duration::from_secs(wait.unwrap_or_default());
    request.decides = !wait.is_zero();
    let decision = state.hooks.decide(service.principal(), request, wait);
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
