//! Memory budgets of responses waiting to be read and of request bodies. All responses share one
//! budget, and all bodies another. When it is exhausted, the next large one is refused with 503.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;

use super::error::ApiError;
use crate::address::RequestSource;
use crate::auth::Principal;
use crate::buffers::{Buffers, Caller, Full, SMALL, Share};

/// Memory budgets of responses and of bodies, for all callers.
#[derive(Clone, Debug)]
pub(super) struct Rooms {
    pub(super) answers: Buffers,
    pub(super) bodies: Buffers,
}

/// Budget of responses as the caller may use it.
#[derive(Clone, Debug)]
pub(crate) struct Answers(pub(crate) Share);

/// Budget of bodies as the caller may use it.
#[derive(Clone, Debug)]
pub(super) struct Bodies(pub(super) Share);

fn refusal(detail: &str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

/// Returns the refusal of a response for which there is no memory.
pub(super) fn no_room_for_answer(full: Full) -> ApiError {
    refusal(match full {
        Full::All => "Too many large responses are waiting to be read; try again in a moment",
        Full::Own => {
            "Too many large responses are waiting for you to read them; read those first, then try \
             again"
        }
    })
}

/// Returns the refusal of a body for which there is no memory.
pub(super) fn no_room_for_body(full: Full) -> ApiError {
    refusal(match full {
        Full::All => {
            "Too many large requests are being received; nothing was changed. Try again in a moment"
        }
        Full::Own => {
            "Too many of your large requests are in progress; nothing was changed. Try again \
             when they are done"
        }
    })
}

/// Reserves memory for a large response of known length. Responses sent in parts reserve it for
/// each part.
pub(super) async fn bound(
    State(rooms): State<Rooms>,
    mut request: Request,
    next: Next,
) -> Response {
    let extensions = request.extensions_mut();
    let from = extensions.get::<RequestSource>().and_then(|way| way.from);
    let caller = Caller::of(extensions.get::<Principal>(), from);
    let answers = rooms.answers.share(caller.clone());
    extensions.insert(Answers(answers.clone()));
    extensions.insert(Bodies(rooms.bodies.share(caller)));
    let mut response = next.run(request).await;
    let Some(bytes) = response.body().size_hint().exact() else {
        return response;
    };
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    if size <= SMALL {
        return response;
    }
    let room = match answers.take(size) {
        Ok(room) => Arc::new(room),
        Err(full) => return no_room_for_answer(full).into_response(),
    };
    // The wrapped body no longer knows its length.
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, bytes.into());
    response.map(|body| {
        Body::new(
            body.map_frame(move |frame| frame.map_data(|bytes| Arc::clone(&room).share(bytes))),
        )
    })
}
