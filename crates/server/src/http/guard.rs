//! Refusal of requests by their `Host` and `Origin`: see [`crate::origin`].

use axum::extract::{Request, State};
use axum::http::{StatusCode, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ApiError;
use crate::origin::check;
use crate::state::AppState;

/// Middleware that refuses the requests that [`check`] refuses.
pub(super) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(Authority::as_str);
    match check(
        request.method(),
        authority,
        request.headers(),
        &state.config.allowed_origins,
    ) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            tracing::warn!(%refusal, path = request.uri().path(), "request refused");
            ApiError::new(StatusCode::FORBIDDEN, refusal.to_string()).into_response()
        }
    }
}
