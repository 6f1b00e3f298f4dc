//! The project of a folder: the one that the server has for it, or a new one.

use std::path::Path;

use serde_json::json;
use tasktree_protocol::http::{Role, paths};
use tasktree_protocol::{Project, ProjectId};

use super::change::Change;
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::repository::Repository;
use crate::settings::{FOLDER_FILE, ServerFrom};

/// Number of names that are tried for a new project.
const NAMES_TRIED: u32 = 20;

/// Maximum length of the id of a project.
const ID_CHARS: usize = 100;

/// Project of a folder.
#[derive(Clone, Debug)]
pub(super) struct FolderProject {
    /// Id of the project.
    pub(super) id: ProjectId,
    /// True if it was created now, or would be.
    pub(super) is_new: bool,
    is_preview: bool,
}

/// Returns the project of a folder, and creates it if there is none.
///
/// # Errors
/// Returns a failure if the server refuses, or if the token may not create projects.
pub(super) fn of_folder(context: &Context, root: &Path, is_preview: bool) -> Result<FolderProject> {
    let found = |id| FolderProject {
        id,
        is_new: false,
        is_preview,
    };
    let main = Repository::of(root).map_or_else(
        || root.to_owned(),
        |repository| repository.main_root().to_owned(),
    );
    let projects: Vec<Project> = context.client.get(paths::PROJECTS)?.read()?;
    if let Some(named) = &context.settings.project {
        return match projects.iter().any(|project| project.id == *named) {
            true => Ok(found(named.clone())),
            false => create(context, named.as_str(), &main, is_preview),
        };
    }
    let of_path = projects.iter().filter(|project| {
        let path = Path::new(&project.path);
        path.is_absolute() && (main.starts_with(path) || root.starts_with(path))
    });
    if let Some(project) = of_path.max_by_key(|project| project.path.len()) {
        return Ok(found(project.id.clone()));
    }
    let caller = context.caller()?;
    match caller.project {
        // The token reaches no other project.
        Some(bound) if caller.role == Role::Agent.as_str() => Ok(found(bound)),
        _ => create(context, &id_of(&main), &main, is_preview),
    }
}

/// Creates a project with that id, or with a number at its end if the id is taken.
fn create(context: &Context, id: &str, path: &Path, is_preview: bool) -> Result<FolderProject> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = if name.is_empty() { id.into() } else { name };
    for number in 1..=NAMES_TRIED {
        let id = match number {
            1 => id.to_owned(),
            number => format!("{id}-{number}"),
        };
        let made = FolderProject {
            id: id.as_str().into(),
            is_new: true,
            is_preview,
        };
        if is_preview {
            return Ok(made);
        }
        let project = json!({"id": id, "name": name, "path": path.display().to_string()});
        match context.client.post(paths::PROJECTS, &project) {
            Ok(_) => return Ok(made),
            Err(refused) if refused.message.contains("already exists") => {}
            Err(refused) if refused.exit == Exit::NotAllowed => {
                let message = format!(
                    "no project has the folder {}, and the token may not create one: name a \
                     project with --project, or ask an editor to run this command",
                    path.display()
                );
                return Err(Failure::new(Exit::NotAllowed, &refused.code, message));
            }
            Err(failure) => return Err(failure),
        }
    }
    let message = format!("the projects {id} to {id}-{NAMES_TRIED} exist: use --project ID");
    Err(Failure::new(Exit::Conflict, "exists", message))
}

/// Returns the id for the project of a folder: its name, with hyphens for what an id cannot have.
fn id_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let letters = name.chars().map(|letter| {
        let letter = letter.to_ascii_lowercase();
        let fits = letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if fits { letter } else { '-' }
    });
    let id: String = letters.take(ID_CHARS - 4).collect();
    let id = id.trim_matches(|letter| "._-".contains(letter));
    if id.is_empty() { "project" } else { id }.to_owned()
}

impl FolderProject {
    /// Returns the `.tasktree.toml` that is to be created; none if the folder has one.
    pub(super) fn folder_file(&self, context: &Context, root: &Path) -> Option<Change> {
        let settings = &context.settings;
        if settings.folder_file.is_some() {
            return None;
        }
        let mut text = format!("project = {}\n", json!(self.id));
        let is_named = matches!(
            settings.server_from,
            ServerFrom::Option | ServerFrom::Environment
        );
        if is_named {
            text.insert_str(
                0,
                &format!("server = {}\n", json!(settings.server.as_str())),
            );
        }
        Some(Change::new_file(root.join(FOLDER_FILE), &text))
    }

    /// Returns the project in one line.
    pub(super) fn note(&self) -> String {
        match (self.is_new, self.is_preview) {
            (true, true) => format!("Would create the project {}", self.id),
            (true, false) => format!("Created the project {}", self.id),
            (false, _) => format!("Project {}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_project_is_made_from_the_name_of_its_folder() {
        for (path, id) in [
            ("/home/dev/Relay", "relay"),
            ("/home/dev/my app_2.0", "my-app_2.0"),
            ("/home/dev/.config", "config"),
            ("/home/dev/项目", "project"),
            ("/", "project"),
        ] {
            assert_eq!(id_of(Path::new(path)), id);
        }
        assert!(id_of(Path::new(&"x".repeat(500))).len() < ID_CHARS);
    }
}
