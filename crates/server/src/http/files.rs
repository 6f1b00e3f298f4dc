//! GET of the board's files and pages.
//!
//! Names that contain a hash of their content never change, so browsers may keep them forever.
//! Everything else is revalidated each time, which costs one short answer thanks to the `ETag`. A
//! path that is no file is the board's own (`/p/alpha`), so it gets `index.html`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::EmbeddedFile;

use super::ApiError;
use crate::assets::{Assets, INDEX};
use crate::hex::hex;
use crate::pages::Pages;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers a GET of any path outside the API.
pub(super) fn serve(pages: &Pages, uri: &Uri, headers: &HeaderMap) -> Response {
    let (assets, path) = (pages.assets, uri.path().trim_start_matches('/'));
    // Compressed forms are chosen by header, never by name.
    let named = (!path.ends_with(".br") && !path.ends_with(".gz"))
        .then(|| assets.get(path))
        .flatten();
    if let Some(file) = named.filter(|_| path != INDEX) {
        return answer(assets, path, file, headers);
    }
    // A missing file of the board is a 404: a page in its place would be run as a script.
    let is_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
        && !path.starts_with("p/")
        && path != INDEX;
    if is_file {
        return ApiError::not_found("File not found").into_response();
    }
    let mut page = match (&pages.rebased, assets.get(INDEX)) {
        (Some(page), _) => {
            let html = Html(page.html.clone());
            unless_known(INDEX, &page.digest, HeaderMap::new(), html, headers)
        }
        (None, Some(file)) => answer(assets, INDEX, file, headers),
        (None, None) => {
            return (StatusCode::SERVICE_UNAVAILABLE, Html(pages.not_built)).into_response();
        }
    };
    if let Some(link) = pages.preload(uri.path()) {
        page.headers_mut().insert(header::LINK, link);
    }
    page
}

fn answer(assets: Assets, path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> Response {
    let content_type = content_type(&plain);
    let accepted = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let file = match assets.compressed(path, |encoding| accepts(accepted, encoding)) {
        Some((file, encoding)) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            file
        }
        None => plain,
    };
    let digest = file.metadata.sha256_hash();
    unless_known(path, &digest, headers, file.data, asked)
}

/// Returns the content, or 304 if the browser has it already.
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

/// Returns true if the name has the hexadecimal digits that its build puts into it:
/// `board-0123456789abcdef.js`.
///
/// These are 16 digits or a few less.
fn has_hash(path: &str) -> bool {
    // Trunk writes 64 bits without the leading zeros.
    path.split(['-', '_', '.', '/']).any(|part| {
        (12..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(has_hash("tasktree-board-0123456789abcdef_bg.wasm"));
        assert!(has_hash("style-fedcba9876543210.css"));
        assert!(has_hash("style-819125ea4aae7c8.css"));
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

    #[derive(rust_embed::RustEmbed)]
    #[folder = "tests/board"]
    struct Board;

    fn answers(assets: Assets, base: &str, path: &'static str, accepted: &'static str) -> Response {
        let pages = Pages::new(&base.parse().unwrap(), assets);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        serve(&pages, &Uri::from_static(path), &headers)
    }

    #[test]
    fn a_missing_script_is_not_answered_with_a_page() {
        for (assets, page) in [
            (Assets::embedded::<Board>(), StatusCode::OK),
            (Assets::none(), StatusCode::SERVICE_UNAVAILABLE),
        ] {
            for base in ["/", "/board"] {
                let status = |path| answers(assets, base, path, "").status();
                assert_eq!(status("/script-0000000000000000.js"), StatusCode::NOT_FOUND);
                assert_eq!(status("/p/alpha.v2/t/3"), page);
                assert_eq!(status("/index.html"), page);
            }
        }
    }

    #[test]
    fn a_compressed_form_is_sent_to_who_takes_it_and_to_nobody_by_its_name() {
        let get = |path, accepted| answers(Assets::embedded::<Board>(), "/", path, accepted);
        let script = "/script-0123456789abcdef.js";
        let packed = get(script, "gzip, br");
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(packed.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(
            packed.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let plain = get(script, "gzip");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_ne!(
            plain.headers()[header::ETAG],
            packed.headers()[header::ETAG]
        );
        let by_name = get("/script-0123456789abcdef.js.br", "br");
        assert_eq!(by_name.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            get("/", "br").headers()[header::CACHE_CONTROL],
            ASK_EACH_TIME
        );
    }
}
