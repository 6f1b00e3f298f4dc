//! The whole application: the routes of HTTP and of the WebSockets, over one state.

use axum::Router;

use crate::buffers::Buffers;
use crate::compat;
use crate::http;
use crate::state::AppState;
use crate::ws;

/// Returns the router for everything that the server serves.
pub fn router(state: AppState) -> Router {
    let answers = answers(&state);
    let sockets = ws::router(state.clone(), answers.clone(), compat::monitor::router());
    http::router(state, answers, compat::http::router(), sockets)
}

/// Returns the routes of the WebSockets alone. Nothing around them checks Host and Origin.
pub fn sockets(state: AppState) -> Router {
    let answers = answers(&state);
    ws::router(state, answers, compat::monitor::router())
}

/// Returns the memory budget of answers.
fn answers(state: &AppState) -> Buffers {
    let limits = &state.config.http;
    Buffers::new(limits.buffered_bytes, limits.buffered_bytes_per_caller)
}
