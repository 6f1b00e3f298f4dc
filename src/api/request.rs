//! One request: its address, its cancellation, and its answer as a value or an [`ApiError`].

use gloo_net::http::{Headers, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tasktree_protocol::{Cursor, Epoch};
use web_sys::AbortController;

use super::ApiError;
use crate::browser::{base_url, clock::note_server_time};

/// List at a position of its stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// Rows of the list.
    pub value: T,
    /// Position up to which they include the events; `None` from older servers.
    pub cursor: Option<Cursor>,
}

impl<T> Snapshot<T> {
    /// Converts the rows.
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Snapshot<U> {
        Snapshot {
            value: convert(self.value),
            cursor: self.cursor,
        }
    }
}

/// Returns the address of the live socket: `ws/updates` under [`base_url`].
pub fn websocket_url() -> String {
    let base = base_url();
    let socket = base.strip_prefix("http").map(|rest| format!("ws{rest}"));
    format!("{}ws/updates", socket.unwrap_or(base))
}

/// Request to a path of the API, with its options.
pub(super) struct Call {
    request: RequestBuilder,
    body: Option<String>,
    abort: AbortOnDrop,
}

/// Guard that cancels its request when the awaiting future is dropped. It has no effect on an
/// answered one.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

impl Call {
    fn new(method: gloo_net::http::Method, path: &str) -> Self {
        let abort = AbortController::new().ok();
        let request =
            RequestBuilder::new(&format!("{}{}", base_url(), path.trim_start_matches('/')))
                .method(method)
                .abort_signal(abort.as_ref().map(AbortController::signal).as_ref());
        Self {
            request,
            body: None,
            abort: AbortOnDrop(abort),
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new(gloo_net::http::Method::GET, path)
    }

    pub(super) fn post(path: &str) -> Self {
        Self::new(gloo_net::http::Method::POST, path)
    }

    pub(super) fn put(path: &str) -> Self {
        Self::new(gloo_net::http::Method::PUT, path)
    }

    pub(super) fn delete(path: &str) -> Self {
        Self::new(gloo_net::http::Method::DELETE, path)
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.query([(name, value)]);
        self
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self, ApiError> {
        self.body =
            Some(serde_json::to_string(body).map_err(|error| ApiError::Decode(error.to_string()))?);
        Ok(self)
    }

    /// Sets a body that is JSON already.
    pub(super) fn body(mut self, json: String) -> Self {
        self.body = Some(json);
        self
    }

    /// Sends the request and returns the answer with its text.
    pub(super) async fn send(self) -> Result<(Response, String), ApiError> {
        let request = match self.body {
            Some(body) => self
                .request
                .header("Content-Type", "application/json")
                .body(body),
            None => self.request.build(),
        };
        let request = request.map_err(|error| ApiError::Decode(error.to_string()))?;
        // `fetch` fails only if no answer came.
        let response = request.send().await.map_err(|_| ApiError::Offline)?;
        if let Some(date) = response.headers().get("date") {
            note_server_time(&date);
        }
        let text = response.text().await.map_err(|_| ApiError::Offline)?;
        drop(self.abort);
        Ok((response, text))
    }

    /// Sends the request and returns the answer's headers and text.
    async fn answer(self) -> Result<(Headers, String), ApiError> {
        let (response, text) = self.send().await?;
        if response.ok() {
            Ok((response.headers(), text))
        } else {
            Err(ApiError::from_answer(response.status(), &text))
        }
    }

    /// Sends the request and discards the answer's content.
    pub(super) async fn done(self) -> Result<(), ApiError> {
        self.answer().await.map(|_| ())
    }

    /// Sends the request and parses the answer.
    pub(super) async fn read<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        self.snapshot().await.map(|answer| answer.value)
    }

    /// Sends the request and parses the answer with the stream position in its headers.
    pub(super) async fn snapshot<T: DeserializeOwned>(self) -> Result<Snapshot<T>, ApiError> {
        let (headers, text) = self.answer().await?;
        snapshot(&headers, &text).map_err(|error| ApiError::Decode(error.to_string()))
    }
}

fn snapshot<T: DeserializeOwned>(headers: &Headers, text: &str) -> serde_json::Result<Snapshot<T>> {
    let value = serde_json::from_str(text)?;
    let seq = headers.get("stream-seq").and_then(|seq| seq.parse().ok());
    let epoch = headers.get("stream-epoch").map(Epoch::from);
    let cursor = epoch.zip(seq).map(|(epoch, seq)| Cursor::new(epoch, seq));
    Ok(Snapshot { value, cursor })
}
