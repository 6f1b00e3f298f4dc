//! Health check: the server runs and its store is readable and writable.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tasktree_protocol::http::paths;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::{AppState, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health))
}

/// Health of the server.
#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
    version: &'static str,
    /// Number of open WebSockets.
    connections: usize,
    /// True if the server has the board's files.
    board: bool,
}

/// Checks that the server runs and that its store can be read and written. Returns 503 while the
/// disk is full or nearly full, or after the database files were removed or replaced.
#[utoipa::path(get, path = paths::HEALTH, tag = "server",
    responses((status = 200, body = Health), (status = 503, body = schema::Refused)))]
async fn health(State(state): State<AppState>) -> ApiResult<Json<Health>> {
    state.service.health().await?;
    let connections = state.hub.counts();
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        connections: connections.total(),
        board: state.pages.assets.has_board(),
    }))
}
