//! Time from the request to the commit of a write, in the standard response header `Server-Timing`
//! (<https://www.w3.org/TR/server-timing/>). Developer tools of browsers show it, and measurements
//! of how soon others see a change can separate the disk's part from the network's.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Durations of the parts of the work, in milliseconds.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Time of the commit, attached to the response to a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Committed(pub(super) Instant);

/// Adds the header if something was committed.
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
