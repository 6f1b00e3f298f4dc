//! The board's files, embedded in the binary with their compressed forms, and how they are served.
//!
//! `cargo xtask run` builds the board into `dist` and writes a `.br` and a `.gz` beside each file that gains from it. Names
//! that contain a hash of their content never change, so they may be kept for ever; everything else is asked for again each time, which costs
//! one short answer thanks to the `ETag`. A path that is no file is the board's own (`/p/alpha`), so it gets `index.html`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use crate::pages::Pages;

#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Board;

/// The board's page.
const INDEX: &str = "index.html";

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// Whether the board is in this binary.
pub fn is_built() -> bool {
    Board::get(INDEX).is_some()
}

/// The board's page, as it is in this binary.
pub(crate) fn index() -> Option<String> {
    let file = Board::get(INDEX)?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// The names of the board's files, without its page and the compressed forms.
pub(crate) fn names() -> impl Iterator<Item = String> {
    let is_plain = |name: &str| name != INDEX && !name.ends_with(".br") && !name.ends_with(".gz");
    Board::iter()
        .map(std::borrow::Cow::into_owned)
        .filter(move |name| is_plain(name))
}

/// Answers a GET of anything that is not the API's.
pub(crate) fn serve(pages: &Pages, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // Compressed forms are chosen by header, never by name.
    let named = (!path.ends_with(".br") && !path.ends_with(".gz"))
        .then(|| Board::get(path))
        .flatten();
    if let Some(file) = named.filter(|_| path != INDEX) {
        return answer(path, file, headers);
    }
    // A missing file of the board is missing; to answer with a page would make a browser run HTML as a script.
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
        && !path.starts_with("p/")
        && path != INDEX;
    if is_file {
        return (StatusCode::NOT_FOUND, "There is no such file").into_response();
    }
    if let Some(page) = &pages.board {
        let digest = Sha256::digest(page);
        return unless_known(
            INDEX,
            &digest,
            HeaderMap::new(),
            Html(page.clone()),
            headers,
        );
    }
    match Board::get(INDEX) {
        Some(file) => answer(INDEX, file, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(pages.not_built)).into_response(),
    }
}

fn answer(path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> Response {
    let content_type = content_type(&plain);
    let accepted = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (file, encoding) = compressed(path, accepted).unwrap_or((plain, None));
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let digest = file.metadata.sha256_hash();
    unless_known(path, &digest, headers, file.data, asked)
}

/// The content, or that the browser has it already.
fn unless_known(
    path: &str,
    digest: &[u8],
    mut headers: HeaderMap,
    content: impl IntoResponse,
    asked: &HeaderMap,
) -> Response {
    let tag = format!("\"{}\"", hex(&digest[..16]));
    let keep = if has_hash(path) {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    };
    headers.insert(header::CACHE_CONTROL, keep);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    let known = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| {
        known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    });
    if is_known {
        headers.remove(header::CONTENT_TYPE);
        headers.remove(header::CONTENT_ENCODING);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, content).into_response()
}

/// The smallest form that the browser accepts.
fn compressed(path: &str, accepted: &str) -> Option<(EmbeddedFile, Option<&'static str>)> {
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .find_map(|(encoding, extension)| {
            accepts(accepted, encoding)
                .then(|| Board::get(&format!("{path}.{extension}")))
                .flatten()
                .map(|file| (file, Some(encoding)))
        })
}

fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(encoding))
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(file: &EmbeddedFile) -> String {
    let mime = file.metadata.mimetype();
    if mime.starts_with("text/") {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}

/// Whether the name has the 16 hexadecimal digits that trunk puts into it: `board-0123456789abcdef.js`.
fn has_hash(path: &str) -> bool {
    path.split(['-', '_', '.', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(has_hash("tasktree-board-0123456789abcdef_bg.wasm"));
        assert!(has_hash("style-fedcba9876543210.css"));
        assert!(!has_hash("index.html"));
        assert!(!has_hash("favicon-0123.svg"));
    }

    #[test]
    fn an_encoding_is_used_only_where_the_browser_offers_it() {
        assert!(accepts("gzip, deflate, br;q=1.0, zstd", "br"));
        assert!(accepts("GZIP", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("brotli", "br"));
    }

    #[test]
    fn a_missing_script_is_not_answered_with_a_page() {
        for base in ["/", "/board"] {
            let pages = Pages::new(&base.parse().unwrap());
            let get = |path| serve(&pages, &Uri::from_static(path), &HeaderMap::new()).status();
            assert_eq!(get("/board-0000000000000000.js"), StatusCode::NOT_FOUND);
            let expected = if is_built() {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            assert_eq!(get("/p/alpha.v2/t/3"), expected);
            assert_eq!(get("/index.html"), expected);
        }
    }
}
