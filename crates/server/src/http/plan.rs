//! Plan of a project, as an agent made it, with its tasks. This server calls no model itself.

use serde::Serialize;
use tasktree_protocol::ProjectId;
use tasktree_protocol::http::paths;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Change, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, answer, schema, task_fields};
use crate::domain::Plan;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, store))
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
