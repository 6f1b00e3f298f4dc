//! The board's files, embedded in the binary with their compressed forms, and how they are served.
//!
//! `cargo xtask run` builds the board into `dist` and writes a `.br` and a `.gz` beside each file that gains from it. Names
//! that contain a hash of their content never change, so they may be kept for ever; everything else is asked for again each time, which costs
//! one short answer thanks to the `ETag`. A path that is no file is the board's own (`/p/alpha`), so it gets `index.html`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Board;

/// What is shown where the server was built without the board.
const NOT_BUILT: &str = include_str!("assets/not_built.html");

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// Whether the board is in this binary.
pub fn is_built() -> bool {
    Board::get("index.html").is_some()
}

/// The pages that are served from here: the board, and what is shown where it is missing.
pub(crate) fn pages() -> impl Iterator<Item = String> {
    let board =
        Board::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    board.into_iter().chain([NOT_BUILT.to_owned()])
}

/// Answers a GET of anything that is not the API's.
pub async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // Compressed forms are chosen by header, never by name.
    let named = (!path.ends_with(".br") && !path.ends_with(".gz"))
        .then(|| Board::get(path))
        .flatten();
    if let Some(file) = named {
        return answer(path, file, &headers);
    }
    // A missing file of the board is missing; to answer with a page would make a browser run HTML as a script.
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
        && !path.starts_with("p/");
    if is_file {
        return (StatusCode::NOT_FOUND, "There is no such file").into_response();
    }
    match Board::get("index.html") {
        Some(file) => answer("index.html", file, &headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

fn answer(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> Response {
    let content_type = content_type(&plain);
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (file, encoding) = compressed(path, accepted).unwrap_or((plain, None));
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let mut reply = HeaderMap::new();
    let mut set = |name, value: Result<HeaderValue, _>| {
        if let Ok(value) = value {
            reply.insert(name, value);
        }
    };
    set(header::ETAG, HeaderValue::from_str(&tag));
    set(
        header::CACHE_CONTROL,
        Ok(if has_hash(path) {
            FOR_EVER
        } else {
            ASK_EACH_TIME
        }),
    );
    set(
        header::VARY,
        Ok(HeaderValue::from_static("accept-encoding")),
    );
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| {
        known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    }) {
        return (StatusCode::NOT_MODIFIED, reply).into_response();
    }
    set(header::CONTENT_TYPE, HeaderValue::from_str(&content_type));
    if let Some(encoding) = encoding {
        set(
            header::CONTENT_ENCODING,
            Ok(HeaderValue::from_static(encoding)),
        );
    }
    (reply, file.data).into_response()
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

    #[tokio::test]
    async fn a_missing_script_is_not_answered_with_a_page() {
        let missing = serve(
            Uri::from_static("/board-0000000000000000.js"),
            HeaderMap::new(),
        )
        .await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let page = serve(Uri::from_static("/p/alpha.v2/t/3"), HeaderMap::new()).await;
        let expected = if is_built() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        assert_eq!(page.status(), expected);
    }
}
