//! Orchestrator endpoints of older dashboards. No orchestrator runs here: agents are started by
//! their own tools.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::ProjectId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Permission;
use crate::domain::compat::orchestrator::OrchestratorConfig;
use crate::error::Error;
use crate::http::caller::{Acting, Manage, Write};
use crate::http::error::{ApiError, ApiResult};
use crate::http::extract::{Object, QueryFields};
use crate::http::fields::Fields;
use crate::http::{AppState, answer, schema};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(config, set_config))
        .routes(routes!(status))
        .routes(routes!(start))
        .routes(routes!(stop))
}

/// Settings to be stored; absent ones take their defaults.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewOrchestratorConfig)]
#[expect(dead_code, reason = "describes a body that is read field by field")]
struct NewConfig {
    max_concurrent_agents: Option<u32>,
    auto_merge: Option<bool>,
    merge_strategy: Option<String>,
    auto_spawn_interval: Option<u32>,
    enabled: Option<bool>,
    /// API key of the model's provider; never stored.
    anthropic_api_key: Option<String>,
    anthropic_model: Option<String>,
}

/// State of the orchestrator. Always idle: agents are started by their own tools.
#[derive(Serialize, ToSchema)]
#[schema(as = OrchestratorStatus)]
struct Status {
    running: bool,
    current_project: Option<String>,
}

/// Returns the stored settings. The API key of a model's provider is never returned.
#[utoipa::path(get, path = "/api/orchestrator/config", tag = "orchestrator",
    responses((status = 200, body = OrchestratorConfig)))]
async fn config(Acting(service): Acting) -> ApiResult {
    Ok(answer::plain(service.orchestrator_config().await?))
}

/// Stores settings; absent ones take their defaults. The API key of a model's provider is not
/// stored.
#[utoipa::path(put, path = "/api/orchestrator/config", tag = "orchestrator",
    request_body = NewConfig,
    responses((status = 200, body = OrchestratorConfig), (status = 422, body = schema::Invalid)))]
async fn set_config(Acting(service): Acting, write: Write<Object, Manage>) -> ApiResult {
    let default = OrchestratorConfig::default();
    let mut fields = Fields::of_body(&write.body.0);
    let config = OrchestratorConfig {
        max_concurrent_agents: fields
            .optional("max_concurrent_agents")
            .unwrap_or(default.max_concurrent_agents),
        auto_merge: fields.optional("auto_merge").unwrap_or(default.auto_merge),
        merge_strategy: fields
            .optional("merge_strategy")
            .unwrap_or(default.merge_strategy),
        auto_spawn_interval: fields
            .optional("auto_spawn_interval")
            .unwrap_or(default.auto_spawn_interval),
        enabled: fields.optional("enabled").unwrap_or(default.enabled),
        anthropic_api_key: None,
        anthropic_model: fields
            .optional("anthropic_model")
            .unwrap_or(default.anthropic_model),
    };
    // Not stored, but it still has to have the right type.
    let _: Option<String> = fields.optional("anthropic_api_key");
    fields.finish()?;
    Ok(answer::receipt(
        service
            .set_orchestrator_config(write.context, config)
            .await?,
    ))
}

/// Returns the state of the orchestrator, which is always idle.
#[utoipa::path(get, path = "/api/orchestrator/status", tag = "orchestrator",
    responses((status = 200, body = Status)))]
async fn status(Acting(service): Acting) -> ApiResult {
    service.may(Permission::Read)?;
    Ok(answer::plain(Status {
        running: false,
        current_project: None,
    }))
}

/// Not offered: agents are started by their own tools and register here.
#[utoipa::path(post, path = "/api/orchestrator/start", tag = "orchestrator",
    params(("project_id" = String, Query)), responses(
    (status = 400, description = "Project not found", body = schema::Refused),
    (status = 422, body = schema::Invalid),
    (status = 501, body = schema::Refused)))]
async fn start(Acting(service): Acting, QueryFields(query): QueryFields) -> ApiResult<ApiError> {
    service.may(Permission::Manage)?;
    let mut fields = Fields::of_query(&query);
    let project = ProjectId::from(fields.required::<String>("project_id"));
    fields.finish()?;
    if let Err(error) = service.project(&project).await {
        return Err(match error {
            // Older scripts expect 400 for an unknown project here.
            Error::NotFound(detail) => ApiError::new(StatusCode::BAD_REQUEST, detail),
            other => other.into(),
        });
    }
    Ok(ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        format!(
            "This server does not start agents. Start them with their own tools, and register them \
             with POST /api/projects/{project}/agents"
        ),
    ))
}

/// Does nothing, since nothing runs.
#[utoipa::path(post, path = "/api/orchestrator/stop", tag = "orchestrator",
    responses((status = 200, body = schema::Done)))]
async fn stop(Acting(service): Acting) -> ApiResult {
    service.may(Permission::Manage)?;
    Ok(answer::plain(json!({"message": "Orchestrator stopped"})))
}
