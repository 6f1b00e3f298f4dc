//! Says in the answer to a write how long it took from the request to the commit, by the standard header `Server-Timing`
//! (<https://www.w3.org/TR/server-timing/>): the developer tools of browsers show it, and whoever measures how soon others see a change
//! can tell the disk's part from the network's.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// How long the parts of the work took, in milliseconds.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// With the answer to a write: when it was committed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Committed(pub(super) Instant);

/// Adds the header where something was committed.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let arrived = Instant::now();
    let mut response = next.run(request).await;
    if let Some(Committed(at)) = response.extensions().get().copied() {
        let took = at.saturating_duration_since(arrived).as_secs_f64() * 1000.0;
        if let Ok(value) = HeaderValue::from_str(&format!("commit;dur={took:.3}")) {
            response.headers_mut().insert(SERVER_TIMING, value);
        }
    }
    response
}
