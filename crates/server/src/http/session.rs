//! Sign-in and sign-out, the current caller, and tickets for WebSockets.

use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use tasktree_protocol::http::Session;
use tasktree_protocol::http::paths;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use super::access::Cookie;
use super::body::{self, Whole};
use super::caller::Acting;
use super::error::{ApiError, ApiResult};
use super::extract::{FromBody as _, Object};
use super::{AppState, schema};
use crate::accounts::{Refusal, TICKET_SECONDS};
use crate::address::RequestSource;
use crate::auth::Principal;
use crate::compat::problem::Problem;
use crate::origin;

/// Size of the largest sign-in body, in bytes. Anybody may send one, and it is held until it is
/// complete.
pub(super) const SIGN_IN_BYTES: usize = 16 * 1024;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get, sign_in, sign_out).layer(DefaultBodyLimit::max(SIGN_IN_BYTES)))
        .routes(routes!(ticket))
}

fn session(state: &AppState, principal: &Principal) -> Response {
    Json(Session {
        name: principal.name().to_owned(),
        role: principal.role().to_string(),
        project: principal.scope().project().cloned(),
        person: principal.person().cloned(),
        sign_in: state.accounts.sign_in().as_str().to_owned(),
        credential: principal.credential().map(str::to_owned),
        may: principal
            .permissions()
            .map(|permission| permission.as_str().to_owned())
            .collect(),
    })
    .into_response()
}

/// Returns the caller and its permissions.
#[utoipa::path(get, path = paths::SESSION, tag = "access", responses(
    (status = 200, body = schema::Session),
    (status = 401, description = "Not authenticated", body = schema::Refused)))]
async fn get(
    State(state): State<AppState>,
    Extension(cookie): Extension<Cookie>,
    principal: Option<Extension<Principal>>,
    refusal: Option<Extension<Refusal>>,
) -> Response {
    if let Some(Extension(principal)) = principal {
        return session(&state, &principal);
    }
    let Extension(refusal) = refusal.unwrap_or(Extension(Refusal::Missing));
    let answer = ApiError::from(refusal).into_response();
    match refusal {
        Refusal::Ended => with_cookie(answer, Some(cookie.removed())),
        _ => answer,
    }
}

/// Refuses pages of another origin that would change the browser's sign-in: the person would not
/// notice.
fn refuse_elsewhere(state: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    if !origin::is_from_elsewhere(headers, &state.config.allowed_origins) {
        return Ok(());
    }
    let detail = "Only pages of this server can sign a browser in or out; open its /sign-in page";
    Err(ApiError::new(StatusCode::FORBIDDEN, detail))
}

/// Signs a browser in with a token and sets a cookie. A previous sign-in of the browser ends.
#[utoipa::path(post, path = paths::SESSION, tag = "access", request_body = schema::SignIn, responses(
    (status = 200, body = schema::Session),
    (status = 401, description = "The token is invalid", body = schema::Refused),
    (status = 403, description = "Requested by a page of another origin", body = schema::Refused),
    (status = 422, body = schema::Invalid),
    (status = 429, description = "Too many invalid tokens from this address", body = schema::Refused)))]
async fn sign_in(
    State(state): State<AppState>,
    Extension(way): Extension<RequestSource>,
    Extension(cookie): Extension<Cookie>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult {
    if let Err(refused) = refuse_elsewhere(&state, &headers) {
        body::leave_unread(request);
        return Err(refused);
    }
    let Whole { bytes: body, .. } = Whole::from_request(request, &()).await?;
    // Leave out what was sent, which may be a secret: the body of a form, for example.
    let Ok(Object(body)) = Object::read(&headers, &body) else {
        let msg = "Input should be a JSON object, sent with Content-Type: application/json";
        let problem = Problem::new("dict_type", &[json!("body")], msg, &Value::Null);
        return Err(ApiError::invalid(&[problem]));
    };
    let Some(token) = body.get("token").and_then(Value::as_str) else {
        // Leave out what was sent: it may be the secret under another name.
        let place = [json!("body"), json!("token")];
        let problem = Problem::new("missing", &place, "Field required", &Value::Null);
        return Err(ApiError::invalid(&[problem]));
    };
    let (value, principal) = state
        .accounts
        .begin_session(token.trim(), way.from)
        .await??;
    if let Some(former) = cookie.value(&headers) {
        state.accounts.end_session_of(former).await?;
    }
    let given = cookie.given(value.reveal());
    Ok(with_cookie(session(&state, &principal), given))
}

/// Signs a browser out: its sign-in and its connections end. Tokens of programs stay valid.
#[utoipa::path(delete, path = paths::SESSION, tag = "access", responses(
    (status = 200, body = schema::Done),
    (status = 403, description = "Requested by a page of another origin", body = schema::Refused)))]
async fn sign_out(
    State(state): State<AppState>,
    Extension(cookie): Extension<Cookie>,
    headers: HeaderMap,
    principal: Option<Extension<Principal>>,
) -> ApiResult {
    refuse_elsewhere(&state, &headers)?;
    if let Some(Extension(principal)) = principal {
        state.accounts.end_session(&principal).await?;
    }
    let done = Json(json!({"message": "Signed out"})).into_response();
    Ok(with_cookie(done, Some(cookie.removed())))
}

/// Creates a ticket for one WebSocket, sent as the subprotocol `ticket.VALUE` beside `board.v1`.
#[utoipa::path(post, path = paths::TICKETS, tag = "access", responses(
    (status = 200, body = schema::Ticket),
    (status = 401, body = schema::Refused)))]
async fn ticket(State(state): State<AppState>, Acting(service): Acting) -> ApiResult {
    let ticket = state.accounts.ticket(service.principal())?;
    let body = json!({"ticket": ticket.reveal(), "expires_in": TICKET_SECONDS});
    Ok(unkept(Json(body).into_response()))
}

fn with_cookie(mut answer: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    unkept(answer)
}

/// Marks a response as not cacheable.
pub(super) fn unkept(mut answer: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    answer
}
