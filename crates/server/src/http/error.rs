//! Error responses of the API. They are always `{"detail": ..}`: a sentence, or for an invalid
//! request (422) a list of problems with their places.
//!
//! [`crate::compat::problem`] has the format of the list.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tasktree_protocol::error::code;

use super::caller::IDEMPOTENCY_KEY;
use crate::compat::problem::Problem;
use crate::error::Error;

/// Challenge that names the authentication scheme (RFC 6750, 3).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"tasktree\"");

/// Result of a handler.
pub(crate) type ApiResult<T = Response> = Result<T, ApiError>;

/// Error response, ready to be sent.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    body: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    /// Creates an error with a one-sentence detail.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::with_detail(status, Value::String(detail.into()))
    }

    /// Creates a 404 error.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Creates a 401 error: the caller is not authenticated, or no longer.
    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with_header(header::WWW_AUTHENTICATE, CHALLENGE)
    }

    /// Creates a 422 error with the problems of an invalid request.
    pub(crate) fn invalid(problems: &[Problem]) -> Self {
        Self::with_detail(StatusCode::UNPROCESSABLE_ENTITY, json!(problems))
    }

    /// Creates a 500 error. The cause goes to the server's log, not to the caller, who could not
    /// act on it.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error; the cause is in the server's log",
        )
    }

    /// Adds a field beside `detail`.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.body.insert(name.into(), value);
        self
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn with_detail(status: StatusCode, detail: Value) -> Self {
        let body = Map::from_iter([("detail".to_owned(), detail)]);
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }
}

/// Error of the service for a request whose fields came in the body.
impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::from_service(error, |_| "body")
    }
}

impl ApiError {
    /// Creates the response to an error of the service. `place` returns the part of the request
    /// that a field came from: `body`, `query` or `path`.
    pub(crate) fn from_service(error: Error, place: impl Fn(&str) -> &'static str) -> Self {
        let detail = error.to_string();
        let coded = |status| Self::new(status, &detail).with("code", json!(error.code()));
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Exists(_) | Error::Refused(_) => Self::new(StatusCode::BAD_REQUEST, detail),
            Error::Invalid(fields) => {
                let problems: Vec<_> = fields
                    .iter()
                    .map(|field| Problem::of_field(field, &place))
                    .collect();
                Self::invalid(&problems)
            }
            Error::KeyReused => {
                let loc = [json!("header"), json!(IDEMPOTENCY_KEY.as_str())];
                Self::invalid(&[Problem::new("key_reused", &loc, detail, &Value::Null)])
            }
            Error::Conflict { ref current, .. } => {
                coded(StatusCode::PRECONDITION_FAILED).with("current", json!(current))
            }
            Error::Claimed { ref holder, .. } => {
                coded(StatusCode::CONFLICT).with("holder", json!(holder))
            }
            Error::Blocked(_) | Error::Taken(_) | Error::Replaced => coded(StatusCode::CONFLICT),
            Error::Forbidden(_) | Error::OtherCaller => coded(StatusCode::FORBIDDEN),
            Error::Unauthorized(_) => Self::unauthorized(detail),
            Error::Repository(ref refusal) => {
                let status = if refusal.code == code::NOT_A_REPOSITORY {
                    StatusCode::BAD_REQUEST
                } else {
                    StatusCode::CONFLICT
                };
                let mut answer = coded(status);
                if refusal.files_total > 0 {
                    answer = answer
                        .with("files", json!(refusal.files))
                        .with("files_total", json!(refusal.files_total));
                }
                match &refusal.commit {
                    Some(commit) => answer.with("commit", json!(commit)),
                    None => answer,
                }
            }
            Error::Trimmed { .. } => Self::new(StatusCode::GONE, detail),
            Error::Command(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
                .with("code", json!(code::GIT_FAILED)),
            Error::Storage {
                temporary: true, ..
            } => {
                tracing::warn!(detail, "request refused temporarily");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
                    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let headers: HeaderMap = self.headers.into_iter().collect();
        (self.status, headers, Json(Value::Object(self.body))).into_response()
    }
}
