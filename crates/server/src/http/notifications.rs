//! Notifications for people, shown on every open board.

use tasktree_protocol::ProjectId;
use tasktree_protocol::event::Notification;
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Change, Write};
use super::error::ApiResult;
use super::extract::{Ids, Object};
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::service::Service;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(to_project))
        .routes(routes!(to_all))
}

/// Shows a notification on the boards of one project.
#[utoipa::path(post, path = paths::PROJECT_NOTIFICATIONS, tag = "events",
    params(("project" = String, Path)), request_body = schema::Notification, responses(
    (status = 200, body = schema::Done),
    (status = 404, body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn to_project(
    Acting(service): Acting,
    Ids(project): Ids<ProjectId>,
    write: Write<Object, Change>,
) -> ApiResult {
    notify(&service, Some(&project), write).await
}

/// Shows a notification on every board.
#[utoipa::path(post, path = paths::NOTIFICATIONS, tag = "events", request_body = schema::Notification,
    responses((status = 200, body = schema::Done), (status = 422, body = schema::Invalid)))]
async fn to_all(Acting(service): Acting, write: Write<Object, Change>) -> ApiResult {
    notify(&service, None, write).await
}

async fn notify(
    service: &Service,
    project: Option<&ProjectId>,
    write: Write<Object, Change>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let notification = Notification {
        level: fields.or_default("level"),
        title: fields.required("title"),
        message: fields.optional("message"),
        task_id: fields.optional("task_id"),
    };
    fields.finish()?;
    let receipt = service.notify(write.context, project, notification).await?;
    Ok(answer::done(receipt, "Notification sent"))
}
