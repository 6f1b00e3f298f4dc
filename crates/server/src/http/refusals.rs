//! Errors that no handler of this crate created, in the format of all others: `{"detail": ..}`.
//!
//! Routers, extractors and the HTTP library return an empty body or plain text. Every response
//! passes [`word`]; [`raw`] creates those that the HTTP library writes itself.

use std::fmt::Write as _;

use axum::body::to_bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::ApiError;
use super::security::always;

/// Bytes of a plain-text error that are read. Libraries write a sentence.
const TEXT_BYTES: usize = 4096;

/// Converts an error response to the API's format, unless it already has it or is a page.
pub(super) async fn word(answer: Response) -> Response {
    let status = answer.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || !is_plain(answer.headers()) {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let text = to_bytes(body, TEXT_BYTES).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let detail = match text.trim() {
        "" => detail_of(status),
        text => text,
    };
    let mut worded = ApiError::new(status, detail).into_response();
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            worded.headers_mut().append(name, value.clone());
        }
    }
    worded
}

/// Returns true if the body is plain text or empty.
fn is_plain(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

/// Returns a complete error response in wire format, for a request that no router sees. `more`
/// holds further header lines.
pub(crate) fn raw(status: StatusCode, more: &str, detail: &str) -> String {
    let body = json!({ "detail": detail }).to_string();
    let mut text = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\ncache-control: no-store\r\n{more}",
        body.len()
    );
    for (name, value) in always() {
        // Writing to a string does not fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text + "\r\n" + &body
}

/// Returns the sentence for an error without its own text.
pub(crate) fn detail_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "The request is not valid HTTP",
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::METHOD_NOT_ALLOWED => "Method Not Allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "The request body is too large",
        StatusCode::URI_TOO_LONG => "The URL is too long (maximum: 64 KiB)",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "The request header is too large (maximum: 100 lines, 400 KiB)"
        }
        other => other.canonical_reason().unwrap_or("Request refused"),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::HeaderValue;
    use serde_json::Value;

    use super::*;

    async fn worded(
        status: u16,
        kind: Option<&'static str>,
        body: &'static str,
    ) -> (Response, String) {
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
            .headers_mut()
            .insert("x-more", HeaderValue::from_static("kept"));
        if let Some(kind) = kind {
            let kind = HeaderValue::from_static(kind);
            answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let (parts, body) = word(answer).await.into_parts();
        let text = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    #[tokio::test]
    async fn a_refusal_without_words_gets_some_and_a_plain_one_keeps_its_own() {
        for (status, kind, body, detail) in [
            (404, None, "", "Page not found"),
            (418, None, "", "I'm a teapot"),
            (599, None, "", "Request refused"),
            (400, Some("text/plain; charset=utf-8"), "no key\n", "no key"),
        ] {
            let (answer, text) = worded(status, kind, body).await;
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()["x-more"], "kept");
            assert_eq!(answer.headers()["content-type"], "application/json");
            let body: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(body, json!({ "detail": detail }));
        }
    }

    #[tokio::test]
    async fn pages_data_and_what_is_no_refusal_stay() {
        for (status, kind) in [
            (404, Some("text/html; charset=utf-8")),
            (503, Some("application/json")),
            (200, Some("text/plain")),
            (304, None),
        ] {
            assert_eq!(worded(status, kind, "as it is").await.1, "as it is");
        }
    }

    #[test]
    fn a_raw_refusal_has_its_length_and_the_headers_of_all_answers() {
        let text = raw(StatusCode::URI_TOO_LONG, "retry-after: 1\r\n", "Too long");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 414 URI Too Long\r\n"), "{head}");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        for line in [
            "nosniff",
            "default-src 'none'",
            "no-store",
            "retry-after: 1",
        ] {
            assert!(head.contains(line), "{head}");
        }
    }
}
