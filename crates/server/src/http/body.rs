//! Request bodies, read completely into the memory budget that all requests share. Received bytes
//! are counted rather than announced ones, so that a slow body holds only what was sent.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError};
use tokio::time::timeout;
use tower_http::timeout::TimeoutError;

use super::buffers::{Bodies, no_room_for_body};
use super::error::ApiError;
use crate::buffers::{Reservation, SMALL, Share};

/// Time in which the rest of a refused body is read and dropped. Closing a connection with unread
/// bytes would discard the response sent on it.
const REST_TIMEOUT: Duration = Duration::from_secs(5);

/// Complete request body. If it cannot be read, the request is refused in the API's own format.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    /// Memory reserved for the bytes and the values parsed from them. None if they are few.
    pub(super) room: Option<Arc<Vec<Reservation>>>,
}

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let share = request.extensions().get::<Bodies>().cloned();
        let announced = announced(request.headers());
        let asks_first = request.headers().contains_key(header::EXPECT);
        let mut body = request.with_limited_body().into_body();
        let mut received = Received::new(share.map(|Bodies(share)| share), announced);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreadable(&*error.into_inner()))?;
            let Ok(part) = frame.into_data() else {
                continue;
            };
            if let Err(refused) = received.add(&part) {
                drop(received);
                read_rest(body, asks_first);
                return Err(refused);
            }
        }
        Ok(received.whole())
    }
}

/// Refuses a request without reading its body: the incoming bytes are dropped.
pub(super) fn leave_unread(request: Request) {
    let asks_first = request.headers().contains_key(header::EXPECT);
    read_rest(request.with_limited_body().into_body(), asks_first);
}

/// Reads and drops the rest of a body while the refusal is sent, unless the client waits for
/// permission to send it.
fn read_rest(mut body: Body, asks_first: bool) {
    if !asks_first {
        tokio::spawn(timeout(REST_TIMEOUT, async move {
            while let Some(Ok(_)) = body.frame().await {}
        }));
    }
}

/// Returns the length that the request announces for its body.
fn announced(headers: &HeaderMap) -> Option<usize> {
    let value = headers.get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Part of a body received so far.
struct Received {
    bytes: Vec<u8>,
    announced: Option<usize>,
    share: Option<Share>,
    /// Number of bytes for which memory is reserved.
    counted: usize,
    rooms: Vec<Reservation>,
}

impl Received {
    const fn new(share: Option<Share>, announced: Option<usize>) -> Self {
        Self {
            bytes: Vec::new(),
            announced,
            share,
            counted: SMALL,
            rooms: Vec::new(),
        }
    }

    /// Adds a part. Reserves memory for all that is allocated, at most a quarter more than was
    /// received.
    fn add(&mut self, part: &[u8]) -> Result<(), ApiError> {
        let needed = self.bytes.len() + part.len();
        if needed > self.bytes.capacity() {
            let roomy = needed.max(self.bytes.capacity() / 4 * 5);
            let roomy = self.announced.map_or(roomy, |size| roomy.min(size));
            let wanted = roomy.max(needed);
            if let Some(share) = self.share.as_ref().filter(|_| wanted > self.counted) {
                let room = share.take(wanted - self.counted);
                self.rooms.push(room.map_err(no_room_for_body)?);
                self.counted = wanted;
            }
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    fn whole(self) -> Whole {
        Whole {
            bytes: self.bytes.into(),
            room: (!self.rooms.is_empty()).then(|| Arc::new(self.rooms)),
        }
    }
}

fn unreadable(error: &(dyn Error + 'static)) -> ApiError {
    let causes = || successors(Some(error), |&error| error.source());
    if causes().any(|error| error.is::<LengthLimitError>()) {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request body is too large (maximum: 1 MiB; 16 KiB for a sign-in, 16 MiB for an import)",
        )
    } else if causes().any(|error| error.is::<TimeoutError>()) {
        ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "The request body was not received in time; nothing was changed",
        )
    } else {
        ApiError::new(StatusCode::BAD_REQUEST, "The request body is incomplete")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffers::Buffers;

    #[test]
    fn a_body_has_room_for_what_came_and_not_for_what_was_announced() {
        let buffers = Buffers::new(1 << 20, 1 << 20);
        let share = buffers.clone().share(None);
        let mut slow = Received::new(Some(share.clone()), Some(16 << 20));
        slow.add(&[0; 1000]).unwrap();
        assert_eq!(buffers.taken(), 0, "a small one is not counted");
        for _ in 0..100 {
            slow.add(&[0; 1000]).unwrap();
        }
        let came = slow.bytes.len();
        assert!(slow.bytes.capacity() <= came / 4 * 5 + 1000);
        let taken = buffers.taken();
        assert!(taken >= slow.bytes.capacity() - SMALL && taken <= came / 4 * 5 + 32 * 1024);
        let whole = slow.whole();
        assert_eq!(whole.bytes.len(), came);
        assert_eq!(buffers.taken(), taken, "until it was used");
        drop(whole);
        assert_eq!(buffers.taken(), 0);
        let mut large = Received::new(Some(share), Some(2 << 20));
        let outcome = (0..100).try_for_each(|_| large.add(&[0; 20_000]));
        assert!(outcome.is_err());
        assert!(large.bytes.capacity() <= (1 << 20) + SMALL);
    }

    #[test]
    fn a_body_that_says_its_length_has_no_more_room_than_that() {
        let mut received = Received::new(None, Some(30_000));
        for _ in 0..30 {
            received.add(&[0; 1000]).unwrap();
        }
        assert_eq!(received.bytes.capacity(), 30_000);
    }
}
