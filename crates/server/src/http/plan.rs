//! Plan of a project, as an agent made it, with its tasks. This server calls no model itself.

use axum::http::StatusCode;
use serde::Serialize;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Change, Write};
use super::error::{ApiError, ApiResult};
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, answer, schema, task_fields};
use crate::auth::{Permission, Target};
use crate::domain::Plan;
use crate::service::Service;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get, store))
        .routes(routes!(generate_plan))
        .routes(routes!(generate_task_breakdown))
}

/// Stored plan.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
struct StoredPlan {
    plan: Option<String>,
}

/// Returns the stored plan.
#[utoipa::path(get, path = paths::PLAN, tag = "plan", params(("project" = String, Path)),
    responses((status = 200, body = StoredPlan), (status = 404, body = schema::Refused)))]
async fn get(Acting(service): Acting, Ids(project): Ids<ProjectId>) -> ApiResult {
    let snapshot = service.project(&project).await?;
    Ok(answer::snapshot_as(snapshot, |project| StoredPlan {
        plan: project.plan,
    }))
}

/// Stores a plan and creates its tasks in order: a later one may depend on an earlier one.
#[utoipa::path(put, path = paths::PLAN, tag = "plan", params(("project" = String, Path)),
    request_body = schema::NewPlan, responses(
    (status = 200, body = schema::PlanStored),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn store(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Change>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let plan = Plan {
        plan: fields.required("plan"),
        tasks: fields.objects("tasks", task_fields::new_task),
    };
    fields.finish()?;
    Ok(answer::receipt(
        service.store_plan(write.context, &project, plan).await?,
    ))
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
