//! The board's files with their compressed forms.
//!
//! `cargo xtask run` builds the board into `dist` and writes a `.br` and a `.gz` beside each file
//! that gains from it.

use std::borrow::Cow;

use rust_embed::{EmbeddedFile, RustEmbed};

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

    /// Returns a file by its name.
    pub(crate) fn get(self, path: &str) -> Option<EmbeddedFile> {
        (self.get)(path)
    }

    /// Returns the smallest form of a file that the browser accepts.
    ///
    /// `accepts` returns true for the encodings that the browser accepts.
    pub(crate) fn compressed(
        self,
        path: &str,
        accepts: impl Fn(&str) -> bool,
    ) -> Option<(EmbeddedFile, &'static str)> {
        [("br", "br"), ("gzip", "gz")]
            .into_iter()
            .filter(|(encoding, _)| accepts(encoding))
            .find_map(|(encoding, extension)| {
                Some((self.get(&format!("{path}.{extension}"))?, encoding))
            })
    }
}

/// The board's page.
pub(crate) const INDEX: &str = "index.html";
