//! The server, the project and the token of a command, each from the first place that has it.

mod address;
pub(crate) mod credentials;
pub(crate) mod user;

use std::path::{Path, PathBuf};

use tasktree_protocol::ProjectId;
use toml_edit::DocumentMut;

pub(crate) use address::{Address, DEFAULT_SERVER};
use user::UserConfig;

use crate::failure::{Exit, Failure, Result};
use crate::files;
use crate::surroundings::Surroundings;

/// Name of the file in a project's folder.
pub(crate) const FOLDER_FILE: &str = ".tasktree.toml";

/// Options of the command line that every verb has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    /// Address of the server.
    pub(crate) server: Option<&'a str>,
    /// Id of the project.
    pub(crate) project: Option<&'a str>,
}

/// Place that the address of the server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerFrom {
    /// `--server`.
    Option,
    /// `TASKTREE_SERVER`.
    Environment,
    /// `.tasktree.toml`.
    Folder,
    /// `config.toml` of the person.
    User,
    /// The default.
    Default,
}

/// Settings of a command.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Address of the server.
    pub(crate) server: Address,
    /// Place that it comes from.
    pub(crate) server_from: ServerFrom,
    /// Project, if an option, a variable or a file names it.
    pub(crate) project: Option<ProjectId>,
    /// Token for the server, if there is one.
    pub(crate) token: Option<String>,
    /// Nearest `.tasktree.toml`.
    pub(crate) folder_file: Option<PathBuf>,
    /// Configuration of the person.
    pub(crate) user: UserConfig,
}

impl Settings {
    /// Finds the settings for work in a folder.
    ///
    /// # Errors
    /// Returns a failure if a file is invalid, if others can read the credentials, or if
    /// `.tasktree.toml` names a server that the person has not named.
    pub(crate) fn find(around: &Surroundings, given: &Given<'_>, folder: &Path) -> Result<Self> {
        let user = UserConfig::read(around)?;
        let local = FolderConfig::find(folder)?;
        let local = local.as_ref();
        let (server, server_from) = [
            (given.server, ServerFrom::Option),
            (around.variable("TASKTREE_SERVER"), ServerFrom::Environment),
            (
                local.and_then(|local| local.server.as_deref()),
                ServerFrom::Folder,
            ),
            (user.server.as_deref(), ServerFrom::User),
        ]
        .into_iter()
        .find_map(|(server, from)| Some((server?, from)))
        .unwrap_or((DEFAULT_SERVER, ServerFrom::Default));
        let server = Address::parse(server)?;
        let stored = credentials::read(around)?;
        if server_from == ServerFrom::Folder {
            let is_known = server.is_local()
                || user.knows(&server)
                || stored.iter().any(|stored| stored.server == server);
            if let (false, Some(local)) = (is_known, local) {
                return Err(unknown_server(&server, &local.path));
            }
        }
        let project = given
            .project
            .or_else(|| around.variable("TASKTREE_PROJECT"))
            .or_else(|| local?.project.as_deref());
        let token = match credentials::of_environment(around)? {
            Some(token) => Some(token),
            None => credentials::find(&stored, &server, project),
        };
        Ok(Self {
            server,
            server_from,
            project: project.map(ProjectId::from),
            token,
            folder_file: local.map(|local| local.path.clone()),
            user,
        })
    }
}

/// Refuses a server that only a file of the repository names. Whoever wrote the repository would
/// otherwise receive the prompts, the commands and the token of everybody who works in it.
fn unknown_server(server: &Address, file: &Path) -> Failure {
    let message = format!(
        "{} names the server {server}, which you have not used before. If you trust it, run \
         `tasktree trust {server}`, or set TASKTREE_SERVER",
        file.display()
    );
    Failure::new(Exit::NotAllowed, "unknown_server", message)
}

/// Contents of `.tasktree.toml`.
#[derive(Clone, Debug, Default)]
struct FolderConfig {
    path: PathBuf,
    server: Option<String>,
    project: Option<String>,
}

impl FolderConfig {
    /// Reads the nearest file at or above a folder.
    fn find(folder: &Path) -> Result<Option<Self>> {
        for folder in folder.ancestors() {
            let path = folder.join(FOLDER_FILE);
            let Some(document) = document(&path)? else {
                continue;
            };
            let server = text_field(&document, "server", &path)?;
            let project = text_field(&document, "project", &path)?;
            return Ok(Some(Self {
                path,
                server,
                project,
            }));
        }
        Ok(None)
    }
}

/// Reads a TOML file; none if there is no such file.
fn document(path: &Path) -> Result<Option<DocumentMut>> {
    let Some(text) = files::read(path)? else {
        return Ok(None);
    };
    let document = text.parse().map_err(|error| {
        Failure::local(format_args!(
            "{} is not valid TOML: {error}",
            path.display()
        ))
    })?;
    Ok(Some(document))
}

/// Returns a text of a TOML file.
fn text_field(document: &DocumentMut, name: &str, path: &Path) -> Result<Option<String>> {
    let Some(item) = document.get(name) else {
        return Ok(None);
    };
    match item.as_str() {
        Some(text) => Ok(Some(text.to_owned()).filter(|text| !text.is_empty())),
        None => Err(Failure::local(format_args!(
            "{}: `{name}` has to be a text, such as {name} = \"…\"",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests;
