//! The HTML pages of this server, as they are under its base path.
//!
//! They are written for a whole site: their `<base>` is `/`, and the addresses of the board's files begin with it. Where the server has only
//! a part of a site, both are changed, once, at the start.

use crate::assets;
use crate::base_path::BasePath;

const SIGN_IN: &str = include_str!("pages/sign_in.html");
/// What is shown where the server was built without the board.
const NOT_BUILT: &str = include_str!("pages/not_built.html");

/// The `<base>` of the pages as they are written, and as trunk writes it.
const ROOT_BASE: &str = "<base href=/>";

/// See the module.
#[derive(Debug)]
pub struct Pages {
    /// The board's `index.html`, where it is not as in the binary.
    pub(crate) board: Option<String>,
    /// Asks for a token.
    pub(crate) sign_in: String,
    /// The board is not in the binary.
    pub(crate) not_built: &'static str,
}

impl Pages {
    /// The pages under that path.
    pub fn new(base: &BasePath) -> Self {
        let names: Vec<_> = assets::names().collect();
        let is_root = base.prefix().is_none();
        Self {
            board: assets::index()
                .filter(|_| !is_root)
                .map(|page| rebased(&page, base, &names)),
            sign_in: rebased(SIGN_IN, base, &[]),
            not_built: NOT_BUILT,
        }
    }

    /// All of them, for what is to be known of every page.
    pub(crate) fn all(&self) -> impl Iterator<Item = String> {
        let board = self.board.clone().or_else(assets::index);
        board
            .into_iter()
            .chain([self.sign_in.clone(), self.not_built.to_owned()])
    }
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
            Pages::new(&base)
                .sign_in
                .contains("<base href=\"/board/\">")
        );
    }
}
