//! Whether the server runs.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::{AppState, schema};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health))
}

/// Whether the server runs and its store answers.
#[utoipa::path(get, path = "/health", tag = "server",
    responses((status = 200, body = schema::Health), (status = 503, body = schema::Refused)))]
async fn health(State(state): State<AppState>) -> ApiResult<Json<Value>> {
    state
        .service
        .stream_position(&tasktree_protocol::StreamId::system())
        .await?;
    let connections = state.hub.counts();
    Ok(Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "connections": connections.total(),
        "board": state.pages.assets.has_board(),
    })))
}
