//! The token, where the server has one: as a bearer for programs, as a cookie for browsers.
//!
//! A person opens `http://host:8000/?token=SECRET` once; the answer sets the cookie and goes on to the board without the secret
//! in the address. The cookie is `HttpOnly`, so no script can read it, and `SameSite=Strict`, so no other site can use it.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::{ApiError, AppState};
use crate::config::Token;

/// The page that asks for the token.
pub(super) const SIGN_IN: &str = include_str!("access/sign_in.html");

const COOKIE: &str = "tasktree_token";

/// How long a browser keeps the cookie, in seconds: 30 days.
const COOKIE_SECONDS: u32 = 30 * 24 * 3600;

/// The layer that asks for the token. Without one configured it asks for nothing.
pub(super) async fn require_token(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let Some(token) = &state.config.token else {
        return next.run(request).await;
    };
    // A service manager that only asks whether the server runs needs no secret.
    if request.uri().path() == "/health"
        || presented(request.headers()).any(|text| token.matches(text))
    {
        return next.run(request).await;
    }
    let opens_page = request.method() == Method::GET && request.uri().path() == "/";
    match in_query(&request).filter(|_| opens_page) {
        Some(presented) if token.matches(&presented) => enter(token),
        Some(_) => refuse(request.headers(), "The token is wrong"),
        None => refuse(
            request.headers(),
            "This server asks for a token: send it as Authorization: Bearer TOKEN",
        ),
    }
}

/// The secrets that a request shows.
fn presented(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim());
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, secret)| secret);
    bearer.into_iter().chain(cookies)
}

fn in_query(request: &Request) -> Option<String> {
    form_urlencoded::parse(request.uri().query()?.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned())
}

fn enter(token: &Token) -> Response {
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={COOKIE_SECONDS}",
        token.reveal()
    );
    let mut answer = Redirect::to("/").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn refuse(headers: &HeaderMap, detail: &str) -> Response {
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"));
    if wants_page {
        return (StatusCode::UNAUTHORIZED, Html(SIGN_IN)).into_response();
    }
    ApiError::new(StatusCode::UNAUTHORIZED, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        .into_response()
}
