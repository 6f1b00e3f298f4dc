//! Projects: settings, removal, reset and restoration.

use tasktree_protocol::{Project, ProjectId};

use super::super::{Fields, Recorder};
use super::noted;
use crate::error::Result;
use crate::store::{ImportSource, TrashReason, TrashedProject};

/// Subject of changes of the project itself.
const PROJECT: &str = "project";

impl Recorder<'_> {
    /// Inserts or replaces a project's row.
    pub(crate) fn put_project(&mut self, project: &Project) -> Result<()> {
        let before = self.rows.project(&project.id)?;
        self.rows.put_project(project)?;
        let fields = project_fields(before.as_ref(), Some(project))?;
        let kind = match before {
            None => "project_created",
            Some(_) if fields.is_empty() => return Ok(()),
            Some(_) => "project_updated",
        };
        self.note(&project.id, noted(PROJECT, kind, fields));
        Ok(())
    }

    /// Stores the file that a project was imported from, or clears it.
    pub(crate) fn put_import_source(
        &mut self,
        id: &ProjectId,
        source: Option<&ImportSource>,
    ) -> Result<()> {
        let sources = self.rows.import_sources()?;
        let before = sources.into_iter().find(|(project, _)| project == id);
        let before = before.map(|(_, source)| source);
        if before.as_ref() == source {
            return Ok(());
        }
        self.rows.put_import_source(id, source)
    }

    /// Moves a project's rows to the trash.
    ///
    /// The record goes with them if the project is removed, and starts the new history after a
    /// reset.
    pub(crate) fn trash_project(&mut self, trashed: &TrashedProject, stay: bool) -> Result<()> {
        let id = &trashed.project.id;
        let fields = || Fields::default().with("kept", &trashed.key);
        let kind = match trashed.why {
            TrashReason::Deleted => "project_deleted",
            TrashReason::Reset => "project_reset",
            TrashReason::Replaced => "project_replaced",
        };
        if !stay {
            self.note(id, noted(PROJECT, kind, fields()?));
            // That record cannot be found while the project is in the trash.
            self.note_of_server(noted(server_subject(id), kind, fields()?));
        }
        self.write()?;
        self.rows.trash_project(trashed, stay)?;
        self.touch(id).everything = true;
        self.position = None;
        if stay {
            self.note(id, noted(PROJECT, kind, fields()?));
        }
        Ok(())
    }

    /// Removes the contents of a project permanently.
    pub(crate) fn clear_project(&mut self, id: &ProjectId) -> Result<()> {
        self.write()?;
        self.rows.clear_project(id)?;
        self.touch(id).everything = true;
        self.note(id, noted(PROJECT, "project_reset", Fields::default()));
        Ok(())
    }

    /// Removes a project with all its records.
    pub(crate) fn delete_project(&mut self, id: &ProjectId) -> Result<()> {
        let fields = Fields::default();
        self.note_of_server(noted(server_subject(id), "project_deleted", fields));
        self.write()?;
        self.rows.delete_project(id)?;
        self.touch(id).everything = true;
        Ok(())
    }

    /// Restores the state under a key from the trash.
    pub(crate) fn restore_project(&mut self, id: &ProjectId, key: &str) -> Result<()> {
        self.write()?;
        self.rows.restore_project(key)?;
        self.touch(id).everything = true;
        self.position = None;
        let mut fields = Fields::default();
        fields.note("kept", Some(key), None)?;
        let of_server = noted(server_subject(id), "project_restored", fields.clone());
        self.note_of_server(of_server);
        self.note(id, noted(PROJECT, "project_restored", fields));
        Ok(())
    }
}

/// Returns the subject of the server's records about a project that was removed or restored.
fn server_subject(id: &ProjectId) -> String {
    format!("project:{id}")
}

fn project_fields(before: Option<&Project>, after: Option<&Project>) -> Result<Fields> {
    let mut fields = Fields::default();
    if let Some(row) = before.or(after) {
        // No `..`: a new field must be recorded, or listed as one that follows from others.
        let Project {
            id: _,
            created_at: _,
            updated_at: _,
            name: _,
            path: _,
            description: _,
            project_overview: _,
            initial_prompt: _,
            plan: _,
            max_agents: _,
            active: _,
            git_remote: _,
            is_git_repo: _,
            demo: _,
            main_branch: _,
        } = row;
    }
    compare!(
        fields, before, after;
        name, path, description, project_overview, initial_prompt, plan, max_agents, active,
        git_remote, is_git_repo, demo, main_branch
    );
    Ok(fields)
}
