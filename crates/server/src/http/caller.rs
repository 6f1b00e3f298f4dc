//! Authenticated callers, and write bodies with their idempotency keys.

use std::marker::PhantomData;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use tasktree_protocol::{AgentId, Bound, Epoch, ProjectId};

use super::AppState;
use super::body::{self, Whole};
use super::error::ApiError;
use super::extract::FromBody;
use crate::accounts::Refusal;
use crate::actor::Actor;
use crate::auth::{Permission, Principal, Target};
use crate::compat::problem::Problem;
use crate::limits::{KEY_CHARS, NAME_CHARS};
use crate::service::{Holding, IdempotencyKey, Service, WriteContext};

/// Largest body that is read, in bytes: 1 MiB, three times as much as all texts of a task may hold.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Header with the key of a request. Repeating the request returns the first response instead of a
/// second effect.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Header with the agent that makes a request. The rules for agents then apply, whatever the token.
pub(crate) const TASKTREE_AGENT: HeaderName = HeaderName::from_static("tasktree-agent");

/// Names the epoch of the project's stream that the author of a write saw: with another one it is
/// refused.
pub(crate) const IF_STREAM_EPOCH: HeaderName = HeaderName::from_static("if-stream-epoch");

/// Names the credential of the author of a write: where it comes by another one it is refused.
pub(crate) const IF_CALLER: HeaderName = HeaderName::from_static("if-caller");

/// Headers that belong to the meaning of a write or name its author. A request with another value
/// is a different request.
static MEANING: [HeaderName; 3] = [header::IF_MATCH, header::CONTENT_TYPE, TASKTREE_AGENT];

/// Service acting for the caller. Every request that passes authentication has a principal.
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

/// Permission that a route needs, as a type: [`Write`] names it, so that it is checked before a
/// body is read.
pub(crate) trait Needs {
    /// Permission that is needed.
    const PERMISSION: Permission;
}

/// Declares a type for each permission.
macro_rules! needs {
    ($($name:ident),*) => {$(
        #[doc = concat!("See [`Permission::", stringify!($name), "`].")]
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

needs!(Read, Change, Speak, Manage, Destroy, Administer);

/// Checks that the caller has the route's permission in the project of its path. On a route without
/// a project, every permission applies to the whole server, except reading and speaking: the
/// project of an event of a harness is found later.
async fn check<P: Needs>(parts: &mut Parts, principal: &Principal) -> Result<(), ApiError> {
    let path = RawPathParams::from_request_parts(parts, &()).await;
    let path = path.as_ref().ok();
    let mut names = path.into_iter().flatten();
    let project = names.find(|(name, _)| *name == "project");
    let project = project.map(|(_, id)| ProjectId::from(id));
    let target = match (&project, P::PERMISSION) {
        (Some(project), _) => Target::Project(project),
        (None, Permission::Read | Permission::Speak) => Target::Visible,
        (None, _) => Target::Everything,
    };
    Ok(principal.check(P::PERMISSION, target)?)
}

/// Authorized write: its context and its body. The permission is checked before the body is read.
#[derive(Debug)]
pub(crate) struct Write<B, P> {
    /// Author and idempotency key of the write.
    pub(crate) context: WriteContext,
    /// Body of the write.
    pub(crate) body: B,
    needs: PhantomData<P>,
}

impl<B, P> Write<B, P> {
    /// Marks the write as one of that agent, which acts for itself at its own endpoints. If the
    /// credential has a name, or a header names an agent, the service records that instead.
    pub(crate) fn by_agent(mut self, agent: &AgentId) -> Self {
        self.context.actor = Actor::agent(agent);
        self
    }
}

impl<B: FromBody, P: Needs, S: Send + Sync> FromRequest<S> for Write<B, P> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (method, uri, headers) = (
            request.method().clone(),
            request.uri().clone(),
            request.headers().clone(),
        );
        let principal = principal(request.extensions().get())?;
        let (mut parts, body) = request.into_parts();
        let allowed = check::<P>(&mut parts, &principal).await;
        let request = Request::from_parts(parts, body);
        if let Err(refused) = allowed {
            body::leave_unread(request);
            return Err(refused);
        }
        let Whole { bytes, room } = Whole::from_request(request, state).await?;
        let mut context = WriteContext::new(principal.actor().clone());
        context.holds = room.map(|room| -> Holding { room });
        context.bound = bound(&headers);
        if let Some(key) = headers.get(IDEMPOTENCY_KEY) {
            let readable = key.to_str().ok();
            let fits = |key: &&str| (1..=KEY_CHARS).contains(&key.len());
            let Some(key) = readable.filter(fits) else {
                let loc = [json!("header"), json!(IDEMPOTENCY_KEY.as_str())];
                let msg = format!("Input should be 1 to {KEY_CHARS} visible ASCII characters");
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
                // Include the name, so that a missing header differs from an empty one.
                let values = headers.get_all(name).into_iter().map(HeaderValue::as_bytes);
                values.for_each(|value| parts.extend([name.as_str().as_bytes(), value]));
            }
            context.idempotency = Some(IdempotencyKey::request(key, &parts));
        }
        Ok(Self {
            context,
            body: B::read(&headers, &bytes)?,
            needs: PhantomData,
        })
    }
}

/// Reads the conditions under which a write is made.
fn bound(headers: &HeaderMap) -> Option<Bound> {
    let text = |name| Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned());
    let (epoch, caller) = (text(IF_STREAM_EPOCH).map(Epoch::from), text(IF_CALLER));
    (epoch.is_some() || caller.is_some()).then_some(Bound { epoch, caller })
}

/// Reads the agent that a request names as its author.
pub(super) fn agent_header(headers: &HeaderMap) -> Result<Option<AgentId>, ApiError> {
    let Some(value) = headers.get(TASKTREE_AGENT) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    let name = text.trim();
    let is_long = name.chars().count() > NAME_CHARS;
    if name.is_empty() || is_long || name.contains('/') || name.chars().any(char::is_control) {
        let loc = [json!("header"), json!(TASKTREE_AGENT.as_str())];
        let msg =
            format!("Input should be the name of an agent, of at most {NAME_CHARS} characters");
        let problem = Problem::new("agent_id", &loc, msg, &Value::from(text));
        return Err(ApiError::invalid(&[problem]));
    }
    Ok(Some(name.into()))
}
