//! Signing in and out, who one is, and tickets for WebSockets.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Value, json};
use tasktree_protocol::ProjectId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::Cookie;
use super::caller::{Acting, Whole};
use super::error::{ApiError, ApiResult, Problem};
use super::extract::{FromBody as _, Object};
use super::{AppState, schema};
use crate::address::Way;
use crate::auth::{Permission, Principal, Refusal, Role, TICKET_SECONDS};
use crate::config::SignIn;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get, sign_in, sign_out))
        .routes(routes!(ticket))
}

/// Who asks.
#[derive(Serialize)]
struct Session<'a> {
    name: &'a str,
    role: Role,
    project: Option<&'a ProjectId>,
    sign_in: SignIn,
    may: Vec<Permission>,
}

fn session(state: &AppState, principal: &Principal) -> Response {
    Json(Session {
        name: principal.name(),
        role: principal.role(),
        project: principal.scope().project(),
        sign_in: state.accounts.sign_in(),
        may: principal.permissions().collect(),
    })
    .into_response()
}

/// Who one is, and what one may do.
#[utoipa::path(get, path = "/api/session", tag = "access", responses(
    (status = 200, body = schema::Session),
    (status = 401, description = "Nobody who is known", body = schema::Refused)))]
async fn get(
    State(state): State<AppState>,
    Extension(way): Extension<Way>,
    principal: Option<Extension<Principal>>,
    refusal: Option<Extension<Refusal>>,
) -> Response {
    if let Some(Extension(principal)) = principal {
        return session(&state, &principal);
    }
    let Extension(refusal) = refusal.unwrap_or(Extension(Refusal::Missing));
    let answer = ApiError::from(refusal).into_response();
    match refusal {
        Refusal::Ended => with_cookie(answer, Some(Cookie::of(way).removed())),
        _ => answer,
    }
}

/// Signs a browser in with a token: the answer sets a cookie.
#[utoipa::path(post, path = "/api/session", tag = "access", request_body = schema::SignIn, responses(
    (status = 200, body = schema::Session),
    (status = 401, description = "The token is wrong", body = schema::Refused),
    (status = 422, body = schema::Invalid),
    (status = 429, description = "Too many wrong tokens came from there", body = schema::Refused)))]
async fn sign_in(
    State(state): State<AppState>,
    Extension(way): Extension<Way>,
    headers: axum::http::HeaderMap,
    Whole(body): Whole,
) -> ApiResult {
    let Object(body) = Object::read(&headers, &body)?;
    let Some(token) = body.get("token").and_then(Value::as_str) else {
        // Without what was sent instead: it may be the secret under another name.
        let place = [json!("body"), json!("token")];
        let problem = Problem::new("missing", &place, "Field required", &Value::Null);
        return Err(ApiError::invalid(&[problem]));
    };
    let (value, principal) = state
        .accounts
        .begin_session(token.trim(), way.from)
        .await??;
    let cookie = Cookie::of(way).given(value.reveal());
    Ok(with_cookie(session(&state, &principal), cookie))
}

/// Signs a browser out: its sign-in and its connections end. Tokens of programs stay.
#[utoipa::path(delete, path = "/api/session", tag = "access", responses((status = 200, body = schema::Done)))]
async fn sign_out(
    State(state): State<AppState>,
    Extension(way): Extension<Way>,
    principal: Option<Extension<Principal>>,
) -> ApiResult {
    if let Some(Extension(principal)) = principal {
        state.accounts.end_session(&principal).await?;
    }
    let done = Json(json!({"message": "Signed out"})).into_response();
    Ok(with_cookie(done, Some(Cookie::of(way).removed())))
}

/// A ticket that lets one WebSocket in, offered as the subprotocol `ticket.VALUE` beside `board.v1`.
#[utoipa::path(post, path = "/api/tickets", tag = "access", responses(
    (status = 200, body = schema::Ticket),
    (status = 401, body = schema::Refused)))]
async fn ticket(State(state): State<AppState>, Acting(service): Acting) -> ApiResult {
    let ticket = state.accounts.ticket(service.principal())?;
    let body = json!({"ticket": ticket.reveal(), "expires_in": TICKET_SECONDS});
    Ok(unkept(Json(body).into_response()))
}

fn with_cookie(mut answer: Response, cookie: Option<axum::http::HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    unkept(answer)
}

/// An answer that nobody on the way may keep.
pub(super) fn unkept(mut answer: Response) -> Response {
    let never = axum::http::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    answer
}
