//! `/mcp`: the route of the Model Context Protocol. [`crate::mcp`] answers its requests.
//!
//! It mends what clients get wrong: some accept only JSON, and some nothing by name.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use serde::de::IgnoredAny;
use serde_json::json;
use tasktree_protocol::http::mcp::PATH;

use super::AppState;
use super::body::Whole;
use super::error::ApiError;
use crate::mcp::Door;

/// Media types that a client of the protocol has to accept.
const BOTH: [&str; 2] = ["application/json", "text/event-stream"];

/// Code of JSON-RPC for a body that is not JSON.
const NOT_JSON: i32 = -32700;

/// Code of JSON-RPC for a body that is no request.
const NO_REQUEST: i32 = -32600;

pub(super) fn router(door: Door) -> Router<AppState> {
    Router::new()
        .route(PATH, any(answer))
        .layer(Extension(door))
}

async fn answer(
    State(state): State<AppState>,
    Extension(door): Extension<Door>,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let whole = {
        use axum::extract::FromRequest as _;
        let mut request = Request::new(body);
        *request.extensions_mut() = parts.extensions.clone();
        *request.headers_mut() = parts.headers.clone();
        Whole::from_request(request, &state).await?
    };
    if parts.method == Method::POST
        && let Some(refused) = refused(&whole.bytes)
    {
        return Ok(refused);
    }
    if parts.method == Method::POST {
        accept_both(&mut parts.headers);
    }
    let response = door.answer(parts, whole.bytes).await;
    // The body is parsed by now.
    drop(whole.room);
    Ok(response.map(Body::new))
}

/// Refuses a body that is not one JSON object, with the error of the protocol.
fn refused(body: &Bytes) -> Option<Response> {
    let (code, message) = match serde_json::from_slice::<IgnoredAny>(body) {
        Err(error) => (NOT_JSON, format!("Parse error: {error}")),
        Ok(_) if body.trim_ascii_start().starts_with(b"{") => return None,
        Ok(_) => {
            let message = "Invalid Request: send one request at a time, as an object";
            (NO_REQUEST, message.to_owned())
        }
    };
    let error = json!({"code": code, "message": message});
    let body = json!({"jsonrpc": "2.0", "id": null, "error": error});
    Some((StatusCode::BAD_REQUEST, axum::Json(body)).into_response())
}

/// Adds the media types that the client left out.
fn accept_both(headers: &mut HeaderMap) {
    let accepts = |media: &str| {
        let values = headers.get_all(header::ACCEPT).into_iter();
        let mut values = values.filter_map(|value| value.to_str().ok());
        values.any(|value| value.contains(media))
    };
    if !BOTH.into_iter().all(accepts) {
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(header::ACCEPT, both);
    }
}
