//! Endpoints for administrators of the server.

use axum::Json;
use axum::extract::State;
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Acting;
use super::error::ApiResult;
use super::{AppState, schema};
use crate::auth::Permission;
use crate::hub::ConnectionInfo;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(connections))
}

/// Lists the open WebSockets, oldest first, with their users, subscriptions and progress.
#[utoipa::path(get, path = paths::CONNECTIONS, tag = "server",
    responses((status = 200, body = [schema::Connection])))]
async fn connections(
    State(state): State<AppState>,
    Acting(service): Acting,
) -> ApiResult<Json<Vec<ConnectionInfo>>> {
    service.may(Permission::Administer)?;
    Ok(Json(state.hub.connections()))
}
