//! Extractors of the handlers. They reject invalid requests in the API's own format.
use crate::compat::problem::{DICT_TYPE, Problem};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::fields::Fields;
use super::json::Json;
use super::parameters;

/// Ids in the path. (Not named `Path`: the OpenAPI macro would guess at its type.)
#[derive(Debug)]
pub(crate) struct Ids<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(ids)| Self(ids))
            .map_err(|error| {
                let problem = Problem::new(
                    "string_type",
                    &[json!("path")],
                    error.body_text(),
                    &Value::Null,
                );
                ApiError::invalid(&[problem])
            })
    }
}

/// Query string as a flat object of texts: see [`parameters`].
#[derive(Debug)]
pub(crate) struct QueryFields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parameters::read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// True if the request comes from a program or from a page of this server. Endpoints that run
/// programs need it: a link or an image on another site's page also makes a browser send a request,
/// without the consent of the page or the person.
#[derive(Debug)]
pub(crate) struct OwnPage(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for OwnPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Pages that may use this server send their origin, and were checked for it.
        if parts.headers.contains_key(header::ORIGIN) {
            return Ok(Self(true));
        }
        let site = parts.headers.get("sec-fetch-site");
        let site = site.map(|value| value.to_str().unwrap_or_default());
        Ok(Self(matches!(site, None | Some("same-origin" | "none"))))
    }
}

/// Request body of one format. Handlers take it with [`Write`](super::caller::Write).
pub(crate) trait FromBody: Sized {
    /// Reads the body.
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError>;
}

/// Empty body. An empty object is accepted, since some clients send it with every write.
impl FromBody for () {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        match AnyJson::read(headers, bytes)?.0 {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Object(object)) => Fields::of_body(&object).finish(),
            Some(other) => Err(ApiError::invalid(&[Problem::new(
                "extra_forbidden",
                &[json!("body")],
                "This endpoint accepts no body",
                &other,
            )])),
        }
    }
}

/// Body with any JSON value; `None` if it is empty.
#[derive(Debug)]
pub(crate) struct AnyJson(pub(crate) Option<Value>);

impl FromBody for AnyJson {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        if !is_json(headers) {
            // Not "unsupported media type": existing scripts expect the error for a malformed body.
            let text = Value::String(String::from_utf8_lossy(bytes).into_owned());
            let msg =
                format!("{DICT_TYPE}: send JSON with the header Content-Type: application/json");
            return Err(ApiError::invalid(&[Problem::new(
                "dict_type",
                &[json!("body")],
                msg,
                &text,
            )]));
        }
        serde_json::from_slice(bytes)
            .map(|Json(value)| Self(Some(value)))
            .map_err(|error| json_problem(bytes, &error))
    }
}

/// Returns the refusal of a body that is not JSON or names a member twice.
pub(super) fn json_problem(bytes: &[u8], error: &serde_json::Error) -> ApiError {
    json_problem_at(0, bytes, error)
}

/// Does the same as [`json_problem`] for `bytes` that follow `before` other bytes of the body.
pub(super) fn json_problem_at(before: usize, bytes: &[u8], error: &serde_json::Error) -> ApiError {
    let at = offset(bytes, error);
    let place = [json!("body"), json!(before + at)];
    // Any JSON is accepted, except members that are given twice.
    let (kind, msg) = match error.is_data() {
        true => ("given_twice", "Given more than once"),
        false => ("json_invalid", "JSON decode error"),
    };
    let mut problem = Problem::new(kind, &place, msg, &json!({}));
    let mut said = error.to_string();
    if let Some(escape) = half_of_a_pair(&bytes[..at]) {
        said = format!("unpaired surrogate {escape} is not a character: {said}");
    }
    problem.ctx = Some(json!({"error": said}));
    ApiError::invalid(&[problem])
}

/// Returns the escape of a lone surrogate if the bytes before a fault end with one. Programs write
/// it when they cut a text in the middle of a character.
fn half_of_a_pair(before: &[u8]) -> Option<String> {
    /// Number of bytes between the escape and the place where the parser notices it, at most.
    const NEAR: usize = 14;
    let tail = &before[before.len().saturating_sub(NEAR)..];
    let tail = String::from_utf8_lossy(tail).to_ascii_lowercase();
    let (_, digits) = tail.rsplit_once("\\ud")?;
    let digits: String = digits.chars().take(3).collect();
    let is_half = digits.len() == 3 && digits.starts_with(|digit| ('8'..='f').contains(&digit));
    is_half.then(|| format!("\\ud{digits}"))
}

/// Body with a JSON object.
#[derive(Debug)]
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl FromBody for Object {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        match AnyJson::read(headers, bytes)?.0 {
            Some(Value::Object(object)) => Ok(Self(object)),
            Some(other) => Err(ApiError::invalid(&[Problem::new(
                "dict_type",
                &[json!("body")],
                DICT_TYPE,
                &other,
            )])),
            None => Err(ApiError::invalid(&[Problem::new(
                "missing",
                &[json!("body")],
                "Field required",
                &Value::Null,
            )])),
        }
    }
}

/// Body with a JSON object. An empty body is an empty object.
#[derive(Debug)]
pub(crate) struct OptionalObject(pub(crate) Map<String, Value>);

impl FromBody for OptionalObject {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        Object::read(headers, bytes).map(|Object(object)| Self(object))
    }
}

/// Version of the row that the caller changes, from `If-Match`: `"7"`, `7`, or `*` for any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        text.trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(|rev| Self(Some(rev)))
            .map_err(|_| {
                let msg = "Input should be the version of a task, as in its ETag";
                ApiError::invalid(&[Problem::new(
                    "int_parsing",
                    &[json!("header"), json!("if-match")],
                    msg,
                    &json!(text),
                )])
            })
    }
}

/// Returns true if the header declares the body as JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Returns the offset in the body at which the parser stopped, in bytes.
fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    let before: usize = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    (before + error.column().saturating_sub(1)).min(bytes.len())
}
