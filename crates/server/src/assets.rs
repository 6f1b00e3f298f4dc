//! The board's files with their compressed forms, and the handler that serves them.
//!
//! `cargo xtask run` builds the board into `dist` and writes a `.br` and a `.gz` beside each file
//! that gains from it. Names that contain a hash of their content never change, so browsers may
//! keep them forever. Everything else is revalidated each time, which costs one short answer
//! thanks to the `ETag`. A path that is no file is the board's own (`/p/alpha`), so it gets
//! `index.html`.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::hex::hex;
use crate::http::ApiError;
use crate::pages::Pages;

/// Files of the board, which the program embeds, not this library: it need not be rebuilt with the
/// board.
#[derive(Clone, Copy, Debug)]
pub struct Assets {
    get: fn(&str) -> Option<EmbeddedFile>,
    names: fn() -> Vec<String>,
}

impl Assets {
    /// Returns the files of a folder that is embedded.
    pub fn embedded<Folder: RustEmbed>() -> Self {
        Self {
            get: Folder::get,
            names: || Folder::iter().map(Cow::into_owned).collect(),
        }
    }

    /// Returns no files, for a server without a board.
    pub fn none() -> Self {
        Self {
            get: |_| None,
            names: Vec::new,
        }
    }

    /// Returns true if the board is embedded.
    pub(crate) fn has_board(self) -> bool {
        self.get(INDEX).is_some()
    }

    /// Returns the board's page, as it is embedded.
    pub(crate) fn index(self) -> Option<String> {
        let file = self.get(INDEX)?;
        Some(String::from_utf8_lossy(&file.data).into_owned())
    }

    /// Returns the names of the board's files, without its page and the compressed forms.
    pub(crate) fn names(self) -> Vec<String> {
        let mut names = (self.names)();
        names.retain(|name| name != INDEX && !name.ends_with(".br") && !name.ends_with(".gz"));
        names
    }

    fn get(self, path: &str) -> Option<EmbeddedFile> {
        (self.get)(path)
    }

    /// Returns the smallest form of a file that the browser accepts.
    fn compressed(self, path: &str, accepted: &str) -> Option<(EmbeddedFile, &'static str)> {
        [("br", "br"), ("gzip", "gz")]
            .into_iter()
            .filter(|(encoding, _)| accepts(accepted, encoding))
            .find_map(|(encoding, extension)| {
                Some((self.get(&format!("{path}.{extension}"))?, encoding))
            })
    }
}

/// The board's page.
const INDEX: &str = "index.html";

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers a GET of any path outside the API.
pub(crate) fn serve(pages: &Pages, uri: &Uri, headers: &HeaderMap) -> Response {
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
        return ApiError::not_found("There is no such file").into_response();
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
    let file = match assets.compressed(path, accepted) {
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

    #[derive(RustEmbed)]
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
