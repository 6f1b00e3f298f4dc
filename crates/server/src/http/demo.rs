//! The simulation that the server runs.

use axum::extract::State;
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Acting, Manage, Write};
use super::error::ApiResult;
use super::extract::Object;
use super::fields::Fields;
use super::{AppState, answer, schema};
use crate::demo::{SPEED_PERCENT, SPEEDS};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(control))
}

/// Starts or stops the simulation: a few agents that work in a project of their own.
///
/// A repetition changes nothing. The project is emptied at the start and stays at the end.
#[utoipa::path(post, path = paths::DEMO, tag = "server", request_body = schema::DemoRequest, responses(
    (status = 200, body = schema::Demo),
    (status = 400, description = "All names for its project are used by other projects", body = schema::Refused),
    (status = 422, body = schema::Invalid)))]
async fn control(
    State(state): State<AppState>,
    Acting(service): Acting,
    write: Write<Object, Manage>,
) -> ApiResult {
    let mut fields = Fields::of_body(&write.body.0);
    let start = fields.required("start");
    let speed: Option<u32> = fields.optional("speed_percent");
    fields.finish()?;
    let speed = speed.unwrap_or(SPEED_PERCENT);
    let speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
    let by = service.principal();
    let demo = match start {
        true => state.demo.start(by, speed).await?,
        false => state.demo.stop(by).await?,
    };
    Ok(answer::plain(demo))
}
