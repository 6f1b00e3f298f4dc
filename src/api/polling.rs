//! HTTP requests of a session, for networks that block sockets.

use gloo_net::http::Response;
use serde::de::DeserializeOwned;
use tasktree_protocol::http::{EventPage, paths};
use tasktree_protocol::session::HttpFailure;
use tasktree_protocol::{CommandResult, ProjectId, StreamId};

use super::ApiError;
use super::request::Call;

/// Fetches the events of a stream after a position.
pub async fn poll_events(stream: &StreamId, after: u64) -> Result<EventPage, HttpFailure> {
    let path = if *stream == StreamId::system() {
        paths::SYSTEM_EVENTS.to_owned()
    } else {
        paths::events(&ProjectId::from(stream.as_str()))
    };
    read(Call::get(&path).query("after", &after.to_string())).await
}

/// Executes a command, given as JSON with its id: once, however often it is sent.
pub async fn post_command(project: &ProjectId, body: String) -> Result<CommandResult, HttpFailure> {
    read(Call::post(&paths::commands(project)).body(body)).await
}

async fn read<T: DeserializeOwned>(call: Call) -> Result<T, HttpFailure> {
    let (response, text) = call.send().await.map_err(|_| HttpFailure::Unreachable)?;
    if response.ok() {
        // A page of another program that answers for the server is no better than no answer.
        serde_json::from_str(&text).map_err(|_| HttpFailure::Unreachable)
    } else {
        Err(failure(&response, &text))
    }
}

fn failure(response: &Response, text: &str) -> HttpFailure {
    match response.status() {
        401 => HttpFailure::SignedOut,
        410 => HttpFailure::Trimmed,
        408 | 429 | 500.. => HttpFailure::Busy {
            retry_ms: retry_ms(response),
        },
        status => HttpFailure::Refused(Box::new(ApiError::from_answer(status, text).into())),
    }
}

/// Returns the seconds of `Retry-After`, in milliseconds. The server sends no dates there.
fn retry_ms(response: &Response) -> Option<u64> {
    let seconds: u64 = response.headers().get("retry-after")?.parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}
