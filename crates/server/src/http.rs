//! The HTTP edge of the server: one router per resource and the layers that every request passes.
//!
//! ```text
//! request -> trace -> security headers -> Host and Origin -> authentication -> compression
//!         -> handler of a resource -> Service
//!        `-> files of the board
//! ```
//!
//! Handlers translate: they read a request into the protocol's types, call one operation of the
//! [`Service`](crate::service::Service), and write its result. They contain no domain rule.

mod access;
mod admin;
mod agent_fields;
mod agents;
pub(crate) mod answer;
mod attention;
mod body;
mod buffers;
pub(crate) mod caller;
mod changes;
mod commands;
mod comments;
mod demo;
mod docs;
pub(crate) mod error;
pub(crate) mod extract;
pub(crate) mod fields;
mod files;
mod git;
mod guard;
mod health;
mod hooks;
mod import;
mod json;
mod leases;
mod logs;
mod mcp;
mod messages;
mod metrics;
mod notifications;
mod parameters;
mod people;
mod plan;
mod projects;
mod questions;
pub(crate) mod refusals;
mod runs;
pub(crate) mod schema;
mod security;
mod session;
pub(crate) mod socket_paths;
mod task_fields;
mod task_list;
mod tasks;
mod timing;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::classify::ServerErrorsFailureClass;
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};
use tower_http::timeout::RequestBodyDeadlineLayer;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::Span;
use utoipa_axum::router::OpenApiRouter;

use crate::buffers::Buffers;
use crate::mcp::Door;
pub use crate::state::AppState;

pub(crate) use access::{OfferedTicket, TICKET, parameter};
pub use caller::MAX_BODY_BYTES;
pub use error::ApiError;
pub use import::MAX_IMPORT_BYTES;

/// Smallest response that is compressed, in bytes. Smaller ones fit one packet anyway.
const COMPRESS_ABOVE_BYTES: u64 = 1024;

/// Compression level. The 1.8 MB of 10,000 cards take 12 ms with it and 17 ms with the usual 6, for
/// 5 % more bytes; opening a board waits for both.
const COMPRESSION: i32 = 2;

/// Returns the router for everything that the server serves.
///
/// `older` are the endpoints for older clients, `sockets` the routes of the WebSockets, and
/// `answers` is the memory budget of answers.
pub(crate) fn router(
    state: AppState,
    answers: Buffers,
    older: OpenApiRouter<AppState>,
    sockets: Router,
) -> Router {
    let (api, description) = api().merge(older).split_for_parts();
    let limits = &state.config.http;
    let rooms = buffers::Rooms {
        answers,
        bodies: Buffers::new(limits.received_bytes, limits.received_bytes_per_caller),
    };
    let parameters = parameters::Parameters::of(&description, state.config.base_path.clone());
    let api = api
        .layer(middleware::from_fn_with_state(
            Arc::new(parameters),
            parameters::check,
        ))
        .merge(mcp::router(Door::new(state.clone())))
        .layer(middleware::from_fn_with_state(rooms, buffers::bound));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Precise(COMPRESSION))
        // Each Brotli encoder holds 12 MB until its client has read the whole response.
        .no_br()
        .compress_when(SizeAbove::new(COMPRESS_ABOVE_BYTES).and(is_json as fn(_, _, &_, &_) -> _));
    let layers = ServiceBuilder::new()
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(DefaultMakeSpan::new().level(tracing::Level::INFO))
                .on_response(DefaultOnResponse::new().level(tracing::Level::DEBUG))
                .on_failure(log_failure),
        )
        .layer(middleware::from_fn(timing::add))
        .layer(middleware::from_fn_with_state(
            Arc::new(security::Policies::new(&state.pages)),
            security::add,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            access::authenticate,
        ))
        .layer(compression);
    let base = state.config.base_path.clone();
    let everything = Router::new()
        .merge(api)
        .merge(docs::router(&description))
        .merge(access::router())
        .fallback(other)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyDeadlineLayer::new(
            state.config.http.body_timeout,
        ))
        .with_state(state)
        .merge(sockets)
        .layer(layers);
    match base.prefix() {
        // Also serve without the prefix: some proxies strip it, and local programs call the server
        // directly.
        Some(prefix) => Router::new()
            .nest(prefix, everything.clone())
            .fallback_service(everything),
        None => everything,
    }
}

/// Logs a response that reports a server error, except 501: some endpoints always return it.
fn log_failure(failure: ServerErrorsFailureClass, took: Duration, _: &Span) {
    match failure {
        ServerErrorsFailureClass::StatusCode(StatusCode::NOT_IMPLEMENTED) => {}
        failure => {
            tracing::error!(classification = %failure, latency = ?took, "response failed");
        }
    }
}

/// Returns the API routers of all resources with their OpenAPI description.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(docs::description())
        .merge(projects::router())
        .merge(tasks::router())
        .merge(import::router())
        .merge(comments::router())
        .merge(agents::router())
        .merge(runs::router())
        .merge(hooks::router())
        .merge(messages::router())
        .merge(changes::router())
        .merge(leases::router())
        .merge(logs::router())
        .merge(commands::router())
        .merge(plan::router())
        .merge(notifications::router())
        .merge(git::router())
        .merge(health::router())
        .merge(metrics::router())
        .merge(admin::router())
        .merge(session::router())
        .merge(tokens::router())
        .merge(people::router())
        .merge(questions::router())
        .merge(attention::router())
        .merge(demo::router())
}

/// Handles paths without an endpoint: GET and HEAD outside `/api` get the board's files and pages,
/// everything else an error.
async fn other(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: axum::http::HeaderMap,
) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::not_found("API endpoint not found").into_response();
    }
    if method == Method::GET || method == Method::HEAD {
        return files::serve(&state.pages, &uri, &headers);
    }
    method_not_allowed().await.into_response()
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Returns true for JSON responses: only those are compressed here, the board's files already are.
fn is_json(
    _: StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}
