//! Security headers of every response.
//!
//! A text that an agent wrote must stay a text. The board makes no HTML from data. Should it ever,
//! the Content-Security-Policy keeps that HTML from running scripts: they come only from this
//! server's files, and from the inline scripts of its own pages, which are named by their hash.
//! Nothing may be loaded from, or sent to, another host.
//!
//! | response | policy |
//! |---|---|
//! | a page, and anything outside the API | [`Policies::page`] |
//! | Swagger UI | [`Policies::docs`]: no inline script, but `<style>` |
//! | other responses of the API | [`CLOSED`]: they are no pages |

mod inline;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use self::inline::Inline;
use super::{docs, refusals};
use crate::pages::Pages;

/// Policy of responses that are no pages.
const CLOSED: &str = "default-src 'none'; frame-ancestors 'none'";

/// Headers that are the same on every response.
const EVERYWHERE: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    // A URL names projects: do not reveal it to other sites.
    ("referrer-policy", "no-referrer"),
    // For browsers that do not know frame-ancestors.
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Returns the headers of every response that is not a page.
pub(super) fn always() -> impl Iterator<Item = (&'static str, &'static str)> {
    let policy = ("content-security-policy", CLOSED);
    EVERYWHERE.into_iter().chain([policy])
}

/// Content-Security-Policies of this server's responses.
#[derive(Debug)]
pub(super) struct Policies {
    /// Policy up to, but not including, the end of `connect-src`, see [`Policies::of`].
    page: String,
    docs: HeaderValue,
    closed: HeaderValue,
}

impl Policies {
    /// Reads the pages of this server once.
    pub(super) fn new(pages: &Pages) -> Self {
        let mut inline = Inline::default();
        for page in pages.all() {
            inline.add(&page);
        }
        let Inline { scripts, styles } = inline;
        Self {
            // WebAssembly counts as code made by a page; 'wasm-unsafe-eval' allows it, but no eval
            // of text.
            page: format!(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{}; style-src 'self'{}; \
                 img-src 'self' data:; font-src 'self'; base-uri 'self'; form-action 'self'; \
                 frame-ancestors 'none'; connect-src 'self'",
                listed(&scripts),
                listed(&styles),
            ),
            docs: HeaderValue::from_static(
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                 img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                 form-action 'none'; frame-ancestors 'none'",
            ),
            closed: HeaderValue::from_static(CLOSED),
        }
    }

    /// Returns the policy of one response.
    fn of(&self, path: &str, host: Option<&HeaderValue>, answer: &HeaderMap) -> HeaderValue {
        if docs::is_page(path) {
            return self.docs.clone();
        }
        let is_page = answer
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        // By the path too: "not modified" has no type, and its headers replace those that the
        // browser stored.
        if path.starts_with("/api/") && !is_page {
            return self.closed.clone();
        }
        let sockets = host.and_then(sockets_of).unwrap_or_default();
        HeaderValue::try_from(format!("{}{sockets}", self.page))
            .unwrap_or_else(|_| self.closed.clone())
    }
}

/// Returns the sources for a directive, each with a space before it.
fn listed<'a>(sources: impl IntoIterator<Item = &'a String>) -> String {
    sources
        .into_iter()
        .map(|source| format!(" {source}"))
        .collect()
}

/// Returns the host's sockets as sources: in older browsers `'self'` covers pages only. `None` if a
/// policy cannot name the host (an IPv6 address) or it is not a plain host, so that a `Host` header
/// cannot alter the policy.
fn sockets_of(host: &HeaderValue) -> Option<String> {
    let host = host.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_plain)).then(|| format!(" ws://{host} wss://{host}"))
}

/// Forbids caches to store responses for one caller or moment: data and errors.
fn keep_private(path: &str, answer: &mut Response) {
    let is_data = path.starts_with("/api/") || path == "/metrics" || path == "/health";
    let is_refusal = answer.status().is_client_error() || answer.status().is_server_error();
    if !is_refusal && (docs::is_page(path) || !is_data) {
        return;
    }
    let headers = answer.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    // Use one header: some caches do not read a second.
    let others = headers.get_all(header::VARY).into_iter();
    let others = others.filter_map(|value| value.to_str().ok());
    let all: Vec<&str> = others.chain(VARY).collect();
    if let Ok(value) = HeaderValue::from_str(&all.join(", ")) {
        headers.insert(header::VARY, value);
    }
}

/// Request headers on which a response depends.
const VARY: [&str; 2] = ["authorization", "cookie"];

/// Adds the security headers to every response, including errors.
pub(super) async fn add(
    State(policies): State<Arc<Policies>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let host = request.headers().get(header::HOST).cloned();
    let mut answer = refusals::word(next.run(request).await).await;
    keep_private(&path, &mut answer);
    let policy = policies.of(&path, host.as_ref(), answer.headers());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in EVERYWHERE {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    answer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::assets::Assets;
    use crate::base_path::BasePath;

    #[test]
    fn sockets_are_named_only_for_a_host_that_a_policy_can_name() {
        let of = |host: &'static str| sockets_of(&HeaderValue::from_static(host));
        assert_eq!(
            of("board.example:8000").as_deref(),
            Some(" ws://board.example:8000 wss://board.example:8000")
        );
        for host in ["", "[::1]:8000", "a; script-src *", "a,b", "*", "'self'"] {
            assert_eq!(of(host), None, "{host}");
        }
    }

    proptest! {
        #[test]
        fn no_host_adds_a_directive(host in "[ -~]{0,40}") {
            let policies = Policies::new(&Pages::new(&BasePath::root(), Assets::none()));
            let value = HeaderValue::try_from(host).unwrap();
            let policy = policies.of("/", Some(&value), &HeaderMap::new());
            let names = |policy: &str| policy.split(';').filter_map(|directive| {
                directive.split_whitespace().next().map(str::to_owned)
            }).collect::<Vec<_>>();
            prop_assert_eq!(names(policy.to_str().unwrap()), names(&policies.page));
            prop_assert!(!policy.to_str().unwrap().contains(','));
        }
    }
}
