//! The body of a write together with who writes and under which key, so that a repetition is recognised.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};
use tasktree_protocol::AgentId;

use super::error::{ApiError, Problem};
use super::extract::FromBody;
use crate::actor::Actor;
use crate::service::{IdempotencyKey, WriteContext};

/// The largest body that is read, in bytes: 1 MiB, three times what a task may hold in all its texts.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Names a request, so that a repetition of it gets the first answer again instead of a second effect.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A write: who asks for it, and its body.
#[derive(Debug)]
pub(crate) struct Write<B> {
    /// Who writes, under which key.
    pub(crate) context: WriteContext,
    /// What is written.
    pub(crate) body: B,
}

impl<B> Write<B> {
    /// The write as one of that agent: it speaks for itself at its own endpoints.
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
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        let mut context = WriteContext::new(Actor::local());
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
            let parts = [method.as_str().as_bytes(), target.as_bytes(), &bytes];
            context.idempotency = Some(IdempotencyKey::request(key, &parts));
        }
        Ok(Self {
            context,
            body: B::read(&headers, &bytes)?,
        })
    }
}

fn unreadable(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is larger than what is accepted here (1 MiB; 16 MiB for an import)",
        )
    } else {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "The body could not be read to its end",
        )
    }
}
