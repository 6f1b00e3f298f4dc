//! How much of answers may wait to be read. A client that reads slowly, or not at all, keeps what it was answered in the server's memory, so all
//! answers share one room; where that is full, the next large one is refused with 503.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::ApiError;
use crate::error::Error;

/// Answers of at most so many bytes are not counted: connections, of which there are only so many, bound them.
const SMALL: usize = 16 * 1024;

/// Unit in which room is counted, in bytes.
const UNIT: usize = 1024;

/// The room that answers share. Cloning gives another handle on the same.
#[derive(Clone, Debug)]
pub(crate) struct Buffers {
    room: Arc<Semaphore>,
    units: usize,
}

/// Room that was taken. It is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    _permit: OwnedSemaphorePermit,
}

impl Buffers {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(units)),
            units,
        }
    }

    /// An answer that is larger than the whole room has it for itself.
    fn units(&self, bytes: usize) -> u32 {
        let units = bytes.div_ceil(UNIT).min(self.units);
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// Takes room for so many bytes.
    ///
    /// # Errors
    /// Where there is not so much left: to be tried again later.
    pub(crate) fn take(&self, bytes: usize) -> Result<Room, ApiError> {
        let taken = Arc::clone(&self.room).try_acquire_many_owned(self.units(bytes));
        taken.map(|_permit| Room { _permit }).map_err(|_| full())
    }

    /// Takes room, and waits until there is: others that do not read lose their connections in time.
    ///
    /// # Errors
    /// Where the server ends.
    pub(crate) async fn wait_for(&self, bytes: usize) -> Result<Room, Error> {
        let taken = Arc::clone(&self.room).acquire_many_owned(self.units(bytes));
        let taken = taken.await;
        taken
            .map(|_permit| Room { _permit })
            .map_err(|_| Error::store_closed())
    }
}

impl Room {
    /// Returns bytes that have this room for as long as they are kept.
    pub(crate) fn hold(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held {
            bytes,
            _room: Arc::new(self),
        })
    }
}

/// Bytes with their room.
struct Held {
    bytes: Bytes,
    _room: Arc<Room>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn full() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many large answers wait to be read; try again in a moment",
    )
    .with_header(header::RETRY_AFTER, header::HeaderValue::from_static("1"))
}

/// Counts what is answered, where it is large and whole; what is sent in parts takes room for each part.
pub(super) async fn bound(
    State(buffers): State<Buffers>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(buffers.clone());
    let mut response = next.run(request).await;
    let Some(bytes) = response.body().size_hint().exact() else {
        return response;
    };
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    if size <= SMALL {
        return response;
    }
    let room = match buffers.take(size) {
        Ok(room) => Arc::new(room),
        Err(refusal) => return refusal.into_response(),
    };
    // What is put around the body does not know its length any more.
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, bytes.into());
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            frame.map_data(|bytes| {
                let _room = Arc::clone(&room);
                Bytes::from_owner(Held { bytes, _room })
            })
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_until_the_bytes_are_dropped() {
        let buffers = Buffers::new(64 * UNIT);
        let first = buffers
            .take(40 * UNIT)
            .unwrap()
            .hold(Bytes::from_static(b"first"));
        assert!(buffers.take(25 * UNIT).is_err());
        let part = first.slice(1..);
        drop(first);
        assert!(
            buffers.take(25 * UNIT).is_err(),
            "a part of them is still there"
        );
        drop(part);
        let all = buffers.take(1000 * UNIT).unwrap();
        assert!(
            buffers.take(1).is_err(),
            "one that is too large has all of it"
        );
        drop(all);
        assert!(buffers.take(64 * UNIT).is_ok());
    }
}
