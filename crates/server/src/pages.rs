//! The HTML pages of this server, adapted to its base path.
//!
//! They are written for a whole site: their `<base>` is `/`, and the addresses of the board's files
//! begin with it. If the server has only a part of a site, both are changed, once, at the start.

use axum::http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::assets::Assets;
use crate::base_path::BasePath;

const SIGN_IN: &str = include_str!("pages/sign_in.html");
/// Page of a server that was built without the board.
const NOT_BUILT: &str = include_str!("pages/not_built.html");

/// `<base>` of the pages as they are written, and as trunk writes it.
const ROOT_BASE: &str = "<base href=/>";

/// Suffix of the name of the module with the board's lazy views.
const LAZY_VIEWS: &str = "-lazy.wasm";

/// The pages, as they are served.
#[derive(Debug)]
pub struct Pages {
    /// Files of the board, as they are embedded.
    pub(crate) assets: Assets,
    base: BasePath,
    /// File with the lazy views of the board, if its program is divided.
    lazy_views: Option<String>,
    /// The board's `index.html`, if it differs from the embedded one.
    pub(crate) rebased: Option<Rebased>,
    /// Page that asks for a token.
    pub(crate) sign_in: String,
    /// Page of a server without the board.
    pub(crate) not_built: &'static str,
}

/// A page that was changed for the base path.
#[derive(Debug)]
pub(crate) struct Rebased {
    pub(crate) html: String,
    /// SHA-256 of the page.
    pub(crate) digest: [u8; 32],
}

impl Pages {
    /// Creates the pages for that path.
    pub fn new(base: &BasePath, assets: Assets) -> Self {
        let index = assets.index().filter(|_| base.prefix().is_some());
        let names = assets.names();
        Self {
            assets,
            base: base.clone(),
            rebased: index.map(|page| {
                let html = rebased(&page, base, &names);
                let digest = Sha256::digest(&html).into();
                Rebased { html, digest }
            }),
            lazy_views: names.into_iter().find(|name| name.ends_with(LAZY_VIEWS)),
            sign_in: rebased(SIGN_IN, base, &[]),
            not_built: NOT_BUILT,
        }
    }

    /// Returns a `Link` header for the page at `path`, with the files that the browser preloads.
    ///
    /// The browser fetches them while it still loads and compiles the board, which then finds them
    /// there. For a project that is the list of its tasks, by exactly the address that the board
    /// uses. For a page that is no board it is also the module with the lazy views, which has all
    /// of those.
    pub(crate) fn preload(&self, path: &str) -> Option<HeaderValue> {
        let base = &self.base;
        let (project, view) = project_and_view(path);
        let tasks = project.map(|project| format!("api/projects/{project}/tasks?view=card"));
        let is_board = project.is_some() && is_board(view);
        let lazy_views = self.lazy_views.clone().filter(|_| !is_board);
        let links: Vec<String> = [tasks, lazy_views]
            .into_iter()
            .flatten()
            .map(|file| format!("<{base}{file}>; rel=preload; as=fetch; crossorigin"))
            .collect();
        HeaderValue::from_str(&links.join(", "))
            .ok()
            .filter(|_| !links.is_empty())
    }

    /// Returns all pages, for checks that concern every page.
    pub(crate) fn all(&self) -> impl Iterator<Item = String> {
        let board = match &self.rebased {
            Some(page) => Some(page.html.clone()),
            None => self.assets.index(),
        };
        board
            .into_iter()
            .chain([self.sign_in.clone(), self.not_built.to_owned()])
    }
}

/// Returns the project of a board's page and its view.
///
/// The view is empty for the board itself, or for a page without a project.
fn project_and_view(path: &str) -> (Option<&str>, &str) {
    let Some(rest) = path.strip_prefix("/p/") else {
        return (None, "");
    };
    let (project, view) = rest.split_once('/').unwrap_or((rest, ""));
    let is_segment = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    let is_project = !project.is_empty() && project.bytes().all(is_segment);
    (is_project.then_some(project), view.trim_end_matches('/'))
}

/// Returns true if a view of a project is its board, or a task open over it.
///
/// The board's first download shows these (`View::Board` in `src/address/route.rs`).
fn is_board(view: &str) -> bool {
    view.is_empty()
        || view
            .strip_prefix("t/")
            .is_some_and(|number| number.parse::<u64>().is_ok())
}

fn rebased(page: &str, base: &BasePath, names: &[String]) -> String {
    let mut page = page.replace(ROOT_BASE, &format!("<base href=\"{base}\">"));
    for name in names {
        page = page.replace(&format!("/{name}"), &format!("{base}{name}"));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_under_a_path_finds_its_files_there() {
        let page = "<base href=/><link href=/a-1.css><script>import x from '/b-2.js'</script>";
        let names = ["a-1.css".to_owned(), "b-2.js".to_owned()];
        let base = "/board".parse().unwrap();
        assert_eq!(
            rebased(page, &base, &names),
            "<base href=\"/board/\"><link href=/board/a-1.css><script>import x from '/board/b-2.js'</script>"
        );
        assert!(
            Pages::new(&base, Assets::none())
                .sign_in
                .contains("<base href=\"/board/\">")
        );
    }

    #[test]
    fn the_page_to_sign_in_has_the_boards_colours() {
        let tokens = include_str!("../../../style/tokens.css");
        let lines = SIGN_IN.lines().map(str::trim);
        let colours: Vec<_> = lines.filter(|line| line.starts_with("--")).collect();
        assert!(!colours.is_empty());
        for colour in colours {
            assert!(tokens.contains(colour), "the board has no such {colour}");
        }
    }
}
