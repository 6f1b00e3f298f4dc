//! Requests of hooks: what their addresses, headers and bodies say.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;
use tasktree_protocol::agent::Source;
use tasktree_protocol::http::hooks::{TASKTREE_BRANCH, TASKTREE_GIT_DIR, TASKTREE_MACHINE};
use tasktree_protocol::{AgentId, ProjectId, TaskId};
use utoipa::IntoParams;

use super::super::AppState;
use super::super::caller::{Acting, Speak, Write, agent_header};
use super::super::error::ApiError;
use super::super::extract::{FromBody, Ids, QueryFields};
use super::super::fields::Fields;
use crate::auth::Principal;
use crate::hooks::HookRequest;
use crate::limits::NAME_CHARS;

/// Longest folder in a header, in characters.
const FOLDER_CHARS: usize = 1024;

/// Parameters of a hook in its query, as the API's description has them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described: `HookCall` reads them")]
pub(super) struct HookQuery {
    /// Project of the agent; that of the session's folder if left out
    project: Option<String>,
    /// Name of the agent; made from the session's id if left out
    agent: Option<String>,
    /// Task that a new agent claims
    task: Option<String>,
}

/// Parameters of a hook in its headers, as the API's description has them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described: `HookCall` reads them")]
pub(super) struct HookHeaders {
    /// Name of the machine
    #[param(rename = "TaskTree-Machine")]
    machine: Option<String>,
    /// Absolute path of the repository's common directory
    #[param(rename = "TaskTree-Git-Dir")]
    git_dir: Option<String>,
    /// Branch that is checked out
    #[param(rename = "TaskTree-Branch")]
    branch: Option<String>,
}

/// Authorized request of a hook.
pub(super) struct HookCall {
    pub(super) principal: Principal,
    pub(super) request: HookRequest,
    /// Time to wait for a decision.
    pub(super) wait: Duration,
}

impl FromRequest<AppState> for HookCall {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Acting(service) = Acting::from_request_parts(&mut parts, state).await?;
        let Ids(source) = Ids::<String>::from_request_parts(&mut parts, state).await?;
        let QueryFields(query) = QueryFields::from_request_parts(&mut parts, state).await?;
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let write: Write<Body, Speak> = Write::from_request(request, state).await?;
        let mut fields = Fields::of_query(&query);
        let agent: Option<String> = fields.optional("agent");
        let task: Option<TaskId> = fields.optional("task");
        let project: Option<String> = fields.optional("project");
        let wait: Option<u64> = fields.optional("wait");
        fields.finish()?;
        let named = agent.filter(|name| !name.is_empty()).map(AgentId::from);
        Ok(Self {
            principal: service.principal().clone(),
            request: HookRequest {
                source: Source::of_name(&source),
                project: project.filter(|id| !id.is_empty()).map(ProjectId::from),
                agent: named.or(agent_header(&headers)?),
                task,
                machine: line(&headers, TASKTREE_MACHINE, NAME_CHARS),
                git_dir: line(&headers, TASKTREE_GIT_DIR, FOLDER_CHARS),
                branch: line(&headers, TASKTREE_BRANCH, NAME_CHARS),
                decides: false,
                body: write.body.0,
            },
            wait: Duration::from_secs(wait.unwrap_or_default()),
        })
    }
}

/// Returns a header that is one line of at most so many characters.
fn line(headers: &HeaderMap, name: &'static str, most: usize) -> Option<String> {
    let value = headers.get(HeaderName::from_static(name))?;
    let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
    let is_line = !text.is_empty() && !text.contains(char::is_control);
    (is_line && text.chars().count() <= most).then_some(text)
}

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
