//! Requests and their responses.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{HeaderName, HeaderValue, Method};

use crate::failure::{Exit, Failure, Result};

/// Characters of a query that need no escape.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Header with the key of a request that is executed once, however often it is sent.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Request to be sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// Creates a request to a path, which is escaped already.
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            target: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub(crate) fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        let sign = if self.target.contains('?') { '&' } else { '?' };
        let value = value.to_string();
        let escaped = utf8_percent_encode(&value, QUERY);
        self.target.push_str(&format!("{sign}{name}={escaped}"));
        self
    }

    /// Adds a parameter to the query if there is a value.
    #[must_use]
    pub(crate) fn query_if(self, name: &str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds a header, unless its value cannot be sent.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Adds the key under which the request is executed only once.
    #[must_use]
    pub(crate) fn key(self, key: Option<&str>) -> Self {
        match key {
            Some(key) => self.header(IDEMPOTENCY_KEY, key),
            None => self,
        }
    }

    /// Sets the body to JSON that is encoded already.
    #[must_use]
    pub(crate) fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Sets the body to a value as JSON.
    #[must_use]
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        // Serializing fails only for maps whose keys are no texts; requests have none.
        self.bytes(serde_json::to_vec(body).unwrap_or_default())
    }
}

/// Response to a request that succeeded.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) next_cursor: Option<String>,
    pub(super) seq: Option<u64>,
}

impl Answer {
    /// Reads the body.
    ///
    /// # Errors
    /// Returns a failure if it is something else.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let reason = "cannot read the server's response; it may be another version";
            Failure::new(Exit::Failed, "response", format_args!("{reason}: {error}"))
        })
    }

    /// Returns the body as JSON.
    ///
    /// # Errors
    /// Returns a failure if it is something else.
    pub(crate) fn json(&self) -> Result<Value> {
        self.read()
    }

    /// Returns the start of the next page of a list.
    pub(crate) fn next_cursor(&self) -> Option<String> {
        self.next_cursor.clone()
    }

    /// Returns the position of the project's stream that the response belongs to.
    pub(crate) const fn seq(&self) -> Option<u64> {
        self.seq
    }
}
