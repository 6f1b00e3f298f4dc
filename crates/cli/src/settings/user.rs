//! `config.toml` of the person.

use std::path::PathBuf;

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{Address, document, text_field};
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};
use crate::surroundings::Surroundings;

/// Configuration of the person, for all folders.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserConfig {
    /// Server, unless a folder has another one.
    pub(crate) server: Option<String>,
    /// Servers that `.tasktree.toml` files may name.
    pub(crate) trusted: Vec<Address>,
    /// Duties of the hooks of Codex, whose command line never changes.
    pub(crate) codex: CodexHooks,
}

/// Duties of `tasktree hook codex` beside reporting.
///
/// Codex runs a hook only while its command line is the one that the person has trusted, so these
/// are not options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CodexHooks {
    /// True if it prints the context of a session.
    pub(crate) context: bool,
    /// True if a permission request waits for an answer on the board.
    pub(crate) answers: bool,
}

impl UserConfig {
    /// Reads the file; nothing is configured if it is missing.
    ///
    /// # Errors
    /// Returns a failure if the file is invalid.
    pub(crate) fn read(around: &Surroundings) -> Result<Self> {
        let Some(path) = path(around) else {
            return Ok(Self::default());
        };
        let Some(document) = document(&path)? else {
            return Ok(Self::default());
        };
        let mut trusted = Vec::new();
        for server in listed(&document) {
            trusted.push(Address::parse(server)?);
        }
        let codex = |name| {
            let item = document.get("codex").and_then(|codex| codex.get(name));
            item.and_then(Item::as_bool).unwrap_or_default()
        };
        Ok(Self {
            server: text_field(&document, "server", &path)?,
            trusted,
            codex: CodexHooks {
                context: codex("context"),
                answers: codex("answers"),
            },
        })
    }

    /// Returns true if the person has named the server here.
    pub(super) fn knows(&self, server: &Address) -> bool {
        let own = self.server.as_deref().map(Address::parse);
        let is_own = matches!(own, Some(Ok(own)) if own == *server);
        is_own || self.trusted.contains(server)
    }
}

fn path(around: &Surroundings) -> Option<PathBuf> {
    Some(around.config_folder()?.join("config.toml"))
}

fn listed(document: &DocumentMut) -> impl Iterator<Item = &str> {
    let trusted = document.get("trusted").and_then(Item::as_array);
    let values = trusted.into_iter().flat_map(Array::iter);
    values.filter_map(toml_edit::Value::as_str)
}

/// Allows `.tasktree.toml` files to name that server.
///
/// # Errors
/// Returns a failure if the file cannot be read or written.
pub(crate) fn trust(around: &Surroundings, server: &Address) -> Result<()> {
    change(around, |document| {
        if listed(document).any(|listed| listed == server.as_str()) {
            return;
        }
        let item = document.entry("trusted").or_insert(value(Array::new()));
        if let Some(list) = item.as_array_mut() {
            list.push(server.as_str());
        }
    })
}

/// Stores what the hooks of Codex do.
///
/// # Errors
/// Returns a failure if the file cannot be read or written.
pub(crate) fn set_codex(around: &Surroundings, codex: CodexHooks) -> Result<()> {
    change(around, |document| {
        if codex == CodexHooks::default() {
            document.remove("codex");
            return;
        }
        let table = document.entry("codex").or_insert(Item::Table(Table::new()));
        for (name, on) in [("context", codex.context), ("answers", codex.answers)] {
            table[name] = value(on);
        }
    })
}

fn change(around: &Surroundings, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
    let path = path(around).ok_or_else(no_home)?;
    let mut document = document(&path)?.unwrap_or_default();
    let before = document.to_string();
    change(&mut document);
    let after = document.to_string();
    if after == before {
        return Ok(());
    }
    files::write(&path, &after, Readers::Usual)
}

/// Fails for want of a folder for files of the person.
pub(super) fn no_home() -> Failure {
    Failure::local("no home folder: set HOME, or XDG_CONFIG_HOME")
}
