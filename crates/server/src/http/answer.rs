//! Responses about state. Each carries the position of the project's stream that it belongs to.
//!
//! A board that fetched its tasks at position N continues with the events after N, so it misses
//! none.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream::{once, try_unfold};
use serde::Serialize;
use serde_json::json;
use tasktree_protocol::{Cursor, Task};

use super::buffers::{Answers, no_room_for_answer};
use super::error::ApiResult;
use super::timing::Committed;
use crate::error::Error;
use crate::limits::ANSWER_PART_BYTES;
use crate::service::{ListPart, Receipt, Snapshot};

/// Epoch of the stream that [`STREAM_SEQ`] counts in.
pub(crate) const STREAM_EPOCH: HeaderName = HeaderName::from_static("stream-epoch");
/// Position of the project's stream: of the read, or including the write.
pub(crate) const STREAM_SEQ: HeaderName = HeaderName::from_static("stream-seq");
/// Start of the next page of a list.
pub(crate) const NEXT_CURSOR: HeaderName = HeaderName::from_static("next-cursor");
/// Header of a stored response to an earlier request with the same key.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Returns the response to a read.
pub(crate) fn snapshot<T: Serialize>(snapshot: Snapshot<T>) -> Response {
    let Snapshot { value, cursor } = snapshot;
    (position(&cursor), Json(value)).into_response()
}

/// Returns a list that is sent in parts. Each part reserves its own memory.
///
/// # Errors
/// Returns an error if there is no memory for the first part.
pub(crate) fn in_parts(list: Snapshot<ListPart>, Answers(share): Answers) -> ApiResult {
    let Snapshot { value, cursor } = list;
    let json = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, json)];
    let ListPart { bytes, rest, .. } = value;
    let Some(rest) = rest else {
        // Lists in one part are counted like every other response.
        return Ok((position(&cursor), headers, Body::from(bytes)).into_response());
    };
    let room = share.take(bytes.len()).map_err(no_room_for_answer)?;
    let first = room.hold(bytes.into());
    let later = try_unfold(Some(rest), move |rest| {
        let share = share.clone();
        async move {
            let Some(rest) = rest else {
                return Ok::<_, Error>(None);
            };
            let room = share.wait_for(ANSWER_PART_BYTES).await?;
            let ListPart { bytes, rest, .. } = rest.next().await?;
            Ok(Some((room.hold(bytes.into()), rest)))
        }
    });
    let parts = once(ready(Ok(first))).chain(later);
    Ok((position(&cursor), headers, Body::from_stream(parts)).into_response())
}

/// Returns the response to a read that has no stream position.
pub(crate) fn plain<T: Serialize>(value: T) -> Response {
    Json(value).into_response()
}

/// Returns the response to a read, with a body made from its value.
pub(crate) fn snapshot_as<T, U: Serialize>(
    snapshot: Snapshot<T>,
    body: impl FnOnce(T) -> U,
) -> Response {
    let Snapshot { value, cursor } = snapshot;
    (position(&cursor), Json(body(value))).into_response()
}

/// Returns the response to a read of one task, with its version.
pub(crate) fn task_snapshot(snapshot: Snapshot<Task>) -> Response {
    let Snapshot { value, cursor } = snapshot;
    (position(&cursor), version(&value), Json(value)).into_response()
}

/// Returns the response to a write.
pub(crate) fn receipt<T: Serialize>(receipt: Receipt<T>) -> Response {
    receipt_as(receipt, |value| value)
}

/// Returns the response to a write, with a body made from its value.
pub(crate) fn receipt_as<T, U: Serialize>(
    receipt: Receipt<T>,
    body: impl FnOnce(T) -> U,
) -> Response {
    let headers = written(&receipt);
    let committed = receipt.committed;
    let mut response = (headers, Json(body(receipt.value))).into_response();
    if let Some(at) = committed {
        response.extensions_mut().insert(Committed(at));
    }
    response
}

/// Returns the response to a write of one task, with its new version.
pub(crate) fn task_receipt(receipt: Receipt<Task>) -> Response {
    (version(&receipt.value), self::receipt(receipt)).into_response()
}

/// Returns the response to a write, with the message that existing scripts expect.
pub(crate) fn done<T>(receipt: Receipt<T>, message: &str) -> Response {
    receipt_as(receipt, |_| json!({"message": message}))
}

fn written<T>(receipt: &Receipt<T>) -> HeaderMap {
    let mut headers = position(&receipt.cursor);
    if receipt.replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    headers
}

fn position(cursor: &Cursor) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(epoch) = HeaderValue::from_str(cursor.epoch.as_str()) {
        headers.insert(STREAM_EPOCH, epoch);
    }
    headers.insert(STREAM_SEQ, HeaderValue::from(cursor.seq));
    headers
}

fn version(task: &Task) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", task.rev)) {
        headers.insert(header::ETAG, tag);
    }
    headers
}
