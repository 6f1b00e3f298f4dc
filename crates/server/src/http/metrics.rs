//! Metrics of the server, for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tasktree_protocol::http::paths;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::caller::Acting;
use super::error::ApiError;
use crate::auth::{Permission, Target};
use crate::error::Error;
use crate::metrics::CONTENT_TYPE;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Returns the metrics of the server in the format of Prometheus (OpenMetrics text).
#[utoipa::path(get, path = paths::METRICS, tag = "server",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(
    State(state): State<AppState>,
    Acting(service): Acting,
) -> Result<Response, ApiError> {
    // The metrics cover all projects together.
    let all = service
        .principal()
        .check(Permission::Read, Target::Everything);
    all.map_err(ApiError::from)?;
    let text = state.metrics.text(&state.hub).map_err(|error| {
        let message = format!("Cannot write the metrics: {error}");
        ApiError::from(Error::Internal(message))
    })?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}
