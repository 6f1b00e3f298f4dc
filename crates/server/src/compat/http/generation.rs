//! Plans by a model, which the older server made. This server calls no model.

use axum::http::StatusCode;
use tasktree_protocol::ProjectId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Permission, Target};
use crate::http::caller::Acting;
use crate::http::error::{ApiError, ApiResult};
use crate::http::extract::Ids;
use crate::http::{AppState, schema};
use crate::service::Service;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(generate_plan))
        .routes(routes!(generate_task_breakdown))
}

/// Not offered: an agent makes the plan and stores it with `PUT /api/projects/{project}/plan`.
#[utoipa::path(post, path = "/api/projects/{project}/generate-plan", tag = "plan", params(("project" = String, Path)),
    responses((status = 501, body = schema::Refused)))]
async fn generate_plan(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
) -> ApiResult<ApiError> {
    not_offered(&service, &project)
}

/// Not offered: see `generate-plan`.
#[utoipa::path(post, path = "/api/projects/{project}/generate-task-breakdown", tag = "plan",
    params(("project" = String, Path)), responses((status = 501, body = schema::Refused)))]
async fn generate_task_breakdown(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
) -> ApiResult<ApiError> {
    not_offered(&service, &project)
}

fn not_offered(service: &Service, project: &ProjectId) -> ApiResult<ApiError> {
    service
        .principal()
        .check(Permission::Change, Target::Project(project))?;
    Ok(ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        format!(
            "This server does not call a model. Have an agent make the plan, and store it and its \
             tasks with PUT /api/projects/{project}/plan"
        ),
    ))
}
