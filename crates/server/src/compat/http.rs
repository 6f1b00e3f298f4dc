//! Endpoints of the older dashboard's API that nothing else needs.

mod coordination;
mod generation;
mod orchestrator;

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// Returns the routes with their OpenAPI description.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(coordination::router())
        .merge(orchestrator::router())
        .merge(generation::router())
}
