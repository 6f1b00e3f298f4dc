//! Tokens: from the environment, or from `credentials.toml`, which only its owner can read.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, Item, Table, value};

use super::user::no_home;
use super::{Address, document};
use crate::failure::{Exit, Failure, Result};
use crate::files::{self, Readers};
use crate::surroundings::Surroundings;

/// Token for one server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// Server that accepts it.
    pub(crate) server: Address,
    /// Project that it is for; none if it is for all.
    project: Option<String>,
    token: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (server, project) = (&self.server, &self.project);
        write!(formatter, "Credential({server}, {project:?})")
    }
}

/// Returns the token that the environment has, as a text or as the name of a file.
///
/// # Errors
/// Returns a failure if the file cannot be read or is empty.
pub(super) fn of_environment(around: &Surroundings) -> Result<Option<String>> {
    if let Some(token) = around.variable("TASKTREE_TOKEN") {
        return Ok(Some(token.to_owned()));
    }
    let Some(path) = around.variable("TASKTREE_TOKEN_FILE") else {
        return Ok(None);
    };
    let text = files::read(Path::new(path))?;
    let token = text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    match token {
        Some(token) => Ok(Some(token.to_owned())),
        None => Err(Failure::local(format_args!(
            "TASKTREE_TOKEN_FILE is {path}, which is missing or empty: write the token to it"
        ))),
    }
}

/// Returns the stored token for a server: that of the project, or else the one for all projects. If
/// no project is known yet, the only token for the server counts.
pub(super) fn find(
    stored: &[Credential],
    server: &Address,
    project: Option<&str>,
) -> Option<String> {
    let of_server = || stored.iter().filter(|stored| stored.server == *server);
    let exact = of_server().find(|stored| stored.project.as_deref() == project);
    let for_all = || of_server().find(|stored| stored.project.is_none());
    let only = || {
        of_server()
            .next()
            .filter(|_| project.is_none() && of_server().count() == 1)
    };
    let found = exact.or_else(for_all).or_else(only);
    found.map(|found| found.token.clone())
}

/// Reads the stored tokens.
///
/// # Errors
/// Returns a failure if other users can read the file, or if it is invalid.
pub(crate) fn read(around: &Surroundings) -> Result<Vec<Credential>> {
    let Some(path) = path(around) else {
        return Ok(Vec::new());
    };
    refuse_readers(&path)?;
    let Some(document) = document(&path)? else {
        return Ok(Vec::new());
    };
    let tables = document
        .get("credential")
        .and_then(Item::as_array_of_tables);
    let mut all = Vec::new();
    for table in tables.into_iter().flatten() {
        let text = |name: &str| table.get(name).and_then(Item::as_str);
        let (Some(server), Some(token)) = (text("server"), text("token")) else {
            return Err(Failure::local(format_args!(
                "{}: each [[credential]] needs a `server` and a `token`",
                path.display()
            )));
        };
        all.push(Credential {
            server: Address::parse(server)?,
            project: text("project").map(str::to_owned),
            token: token.to_owned(),
        });
    }
    Ok(all)
}

fn path(around: &Surroundings) -> Option<PathBuf> {
    Some(around.config_folder()?.join("credentials.toml"))
}

#[cfg(unix)]
fn refuse_readers(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    let message = format!(
        "other users of this machine can read {path}, so its tokens are not used: run \
         `chmod 600 {path}`, and replace the tokens if somebody may have read them"
    );
    Err(Failure::new(
        Exit::NotAllowed,
        "credentials_exposed",
        message,
    ))
}

#[cfg(not(unix))]
fn refuse_readers(path: &Path) -> Result<()> {
    let _ = fs::metadata(path);
    Ok(())
}

/// Stores a token, in place of the one for the same server and project.
///
/// # Errors
/// Returns a failure if the file cannot be read or written.
pub(crate) fn store(
    around: &Surroundings,
    server: &Address,
    project: Option<&str>,
    token: &str,
) -> Result<()> {
    let path = path(around).ok_or_else(no_home)?;
    refuse_readers(&path)?;
    let mut document = document(&path)?.unwrap_or_default();
    let item = document
        .entry("credential")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let tables = item.as_array_of_tables_mut().ok_or_else(|| {
        let path = path.display();
        Failure::local(format_args!(
            "{path}: `credential` has to be a list of tables"
        ))
    })?;
    let is_same = |table: &Table| {
        let text = |name| table.get(name).and_then(Item::as_str);
        text("server") == Some(server.as_str()) && text("project") == project
    };
    let position = tables.iter().position(is_same);
    match position.and_then(|position| tables.get_mut(position)) {
        Some(table) => table["token"] = value(token),
        None => tables.push(entry(server, project, token)),
    }
    files::write(&path, &document.to_string(), Readers::Owner)
}

fn entry(server: &Address, project: Option<&str>, token: &str) -> Table {
    let mut table = Table::new();
    table["server"] = value(server.as_str());
    if let Some(project) = project {
        table["project"] = value(project);
    }
    table["token"] = value(token);
    table
}
