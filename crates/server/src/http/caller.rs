//! Who asks, and the body of a write with the key under which a repetition is recognised.

use std::error::Error;
use std::iter::successors;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tasktree_protocol::AgentId;
use tower_http::timeout::TimeoutError;

use super::AppState;
use super::error::{ApiError, Problem};
use super::extract::FromBody;
use crate::actor::Actor;
use crate::auth::{Principal, Refusal};
use crate::service::{IdempotencyKey, Service, WriteContext};

/// The largest body that is read, in bytes: 1 MiB, three times what a task may hold in all its texts.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Names a request, so that a repetition of it gets the first answer again instead of a second effect.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Names the agent that makes a request. The rules of agents apply to it then, whatever its token.
pub(crate) const TASKTREE_AGENT: HeaderName = HeaderName::from_static("tasktree-agent");

/// Headers that say what a write means, or by whom it is: with another one it is another request.
static MEANING: [HeaderName; 3] = [header::IF_MATCH, header::CONTENT_TYPE, TASKTREE_AGENT];

/// The service, acting for whoever asks. What the access layer let in has a principal; nothing else gets here.
#[derive(Debug)]
pub(crate) struct Acting(pub(crate) Service);

impl FromRequestParts<AppState> for Acting {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let principal = principal(parts.extensions.get())?;
        Ok(Self(state.service.acting_for(principal)))
    }
}

fn principal(found: Option<&Principal>) -> Result<Principal, ApiError> {
    found
        .cloned()
        .ok_or_else(|| ApiError::unauthorized(Refusal::Missing.to_string()))
}

/// A body, read to its end; refused in the API's own form where that is not to be had.
#[derive(Debug)]
pub(crate) struct Whole(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| unreadable(&rejection))
    }
}

/// A write: who asks for it, and its body.
#[derive(Debug)]
pub(crate) struct Write<B> {
    /// Who writes, under which key.
    pub(crate) context: WriteContext,
    /// What is written.
    pub(crate) body: B,
}

impl<B> Write<B> {
    /// Marks the write as one of that agent, which speaks for itself at its own endpoints. The
    /// service signs with the name of the credential, or of the agent that a header names, instead,
    /// where there is one.
    pub(crate) fn by_agent(mut self, agent: &AgentId) -> Self {
        self.context.actor = Actor::agent(agent);
        self
    }
}

impl<B: FromBody, S: Send + Sync> FromRequest<S> for Write<B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (method, uri, headers) = (
            request.method().clone(),
            request.uri().clone(),
            request.headers().clone(),
        );
        let principal = principal(request.extensions().get())?;
        let Whole(bytes) = Whole::from_request(request, state).await?;
        let mut context = WriteContext::new(principal.actor().clone());
        if let Some(key) = headers.get(IDEMPOTENCY_KEY) {
            let Ok(key) = key.to_str() else {
                let loc = [json!("header"), json!(IDEMPOTENCY_KEY.as_str())];
                let msg = "Input should be visible ASCII characters";
                return Err(ApiError::invalid(&[Problem::new(
                    "string_type",
                    &loc,
                    msg,
                    &Value::Null,
                )]));
            };
            let target = uri.path_and_query().map_or("", |target| target.as_str());
            let mut parts = vec![method.as_str().as_bytes(), target.as_bytes(), &bytes];
            for name in &MEANING {
                // With its name: where it is missing is told from where it is empty.
                let values = headers.get_all(name).into_iter().map(HeaderValue::as_bytes);
                values.for_each(|value| parts.extend([name.as_str().as_bytes(), value]));
            }
            context.idempotency = Some(IdempotencyKey::request(key, &parts));
        }
        Ok(Self {
            context,
            body: B::read(&headers, &bytes)?,
        })
    }
}

/// Reads the agent that a request says it comes from.
pub(super) fn agent_header(headers: &HeaderMap) -> Result<Option<AgentId>, ApiError> {
    let Some(value) = headers.get(TASKTREE_AGENT) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    let name = text.trim();
    if name.is_empty() || name.contains('/') || name.chars().any(char::is_control) {
        let loc = [json!("header"), json!(TASKTREE_AGENT.as_str())];
        let msg = "Input should be the name of an agent";
        let problem = Problem::new("agent_id", &loc, msg, &Value::from(text));
        return Err(ApiError::invalid(&[problem]));
    }
    Ok(Some(name.into()))
}

fn unreadable(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is larger than what is accepted here (1 MiB; 16 MiB for an import)",
        )
    } else if came_too_slowly(rejection) {
        ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "The body did not come in time; nothing was changed",
        )
    } else {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "The body could not be read to its end",
        )
    }
}

fn came_too_slowly(rejection: &BytesRejection) -> bool {
    let mut causes = successors(Some(rejection as &dyn Error), |&error| error.source());
    causes.any(|error| error.is::<TimeoutError>())
}
