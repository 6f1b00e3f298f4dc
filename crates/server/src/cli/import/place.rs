//! Which project the tasks of a tag go into.

use std::path::Path;

use super::{Options, taskmaster};

/// Where the tasks of a tag go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Identifier of the project.
    pub(super) project: String,
    /// Its name.
    pub(super) name: String,
    /// Where its files are, if that is known.
    pub(super) folder: String,
}

impl Place {
    /// The project that was asked for, else one that is named after the repository and the tag.
    pub(super) fn of(options: &Options, tag: &str) -> Self {
        let (base, folder) = home(&options.file);
        if let Some(project) = &options.project {
            return Self {
                project: project.clone(),
                name: project.clone(),
                folder,
            };
        }
        // The tag alone would mix the tasks of two repositories: every one has a tag "master".
        let (name, id) = if tag == taskmaster::DEFAULT_TAG {
            (base.clone(), base)
        } else {
            (format!("{base}: {tag}"), format!("{base}-{tag}"))
        };
        Self {
            project: project_id(&id),
            name,
            folder,
        }
    }
}

/// The name and the folder of the repository that the file is in: Task Master keeps it in `.taskmaster/tasks`, or once in `tasks`.
fn home(file: &Path) -> (String, String) {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut folder = file.parent();
    let mut usual = false;
    for name in ["tasks", ".taskmaster"] {
        if folder
            .and_then(Path::file_name)
            .is_some_and(|last| last == name)
        {
            folder = folder.and_then(Path::parent);
            usual = true;
        }
    }
    let named = folder.and_then(|folder| {
        Some((
            folder.file_name()?.to_str()?.to_owned(),
            folder.to_str()?.to_owned(),
        ))
    });
    match named {
        Some(found) if usual => found,
        _ => (
            file.file_stem().map_or_else(
                || "imported".into(),
                |stem| stem.to_string_lossy().into_owned(),
            ),
            String::new(),
        ),
    }
}

/// A project's identifier made of a name.
fn project_id(name: &str) -> String {
    let id: String = name
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || matches!(character, '-' | '_' | '.') {
                character
            } else {
                '-'
            }
        })
        .take(100)
        .collect();
    let id = id.trim_start_matches('.');
    if id.is_empty() {
        "imported".to_owned()
    } else {
        id.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_after_the_repository() {
        assert_eq!(
            home(Path::new("/src/shop/.taskmaster/tasks/tasks.json")).0,
            "shop"
        );
        assert_eq!(
            home(Path::new("/src/shop/tasks/tasks.json")),
            ("shop".into(), "/src/shop".into())
        );
        assert_eq!(
            home(Path::new("/tmp/export.json")),
            ("export".into(), String::new())
        );
        assert_eq!(home(Path::new("/tasks/tasks.json")).0, "tasks");
    }

    #[test]
    fn any_name_becomes_an_identifier_that_the_server_takes() {
        assert_eq!(project_id("My shop: v2/β"), "My-shop--v2-β");
        assert_eq!(project_id("..hidden"), "hidden");
        assert_eq!(project_id(""), "imported");
        assert_eq!(project_id(&"x".repeat(300)).len(), 100);
    }
}
