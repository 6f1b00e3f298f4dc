//! Project for each list of a file.
//!
//! A project stores its file, so that another file of the same name does not overwrite it.

use std::collections::HashSet;

use tasktree_protocol::ProjectId;

use super::file::Upload;
use super::formats::{Format, List};
use super::home::Home;
use crate::error::{Error, Result};
use crate::store::{ImportSource, Read};

/// Project that a list is imported into.
#[derive(Clone, Debug)]
pub struct Target {
    pub project: ProjectId,
    /// Name of the project, if new.
    pub(super) name: String,
    /// Folder of the project, if new.
    pub(super) folder: String,
    pub is_new: bool,
    /// File that the project stores.
    pub(super) source: Option<ImportSource>,
    /// Note about a project that differs from the one expected by the file's name.
    pub(super) note: Option<String>,
}

/// Finder of the projects for lists, one after the other.
pub(super) struct Targets<'a> {
    rows: &'a dyn Read,
    format: &'a dyn Format,
    upload: &'a Upload,
    sources: Vec<(ProjectId, ImportSource)>,
    /// Projects already used for earlier lists.
    taken: HashSet<ProjectId>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(
        rows: &'a dyn Read,
        format: &'a dyn Format,
        upload: &'a Upload,
    ) -> Result<Self> {
        Ok(Self {
            rows,
            format,
            upload,
            sources: rows.import_sources()?,
            taken: HashSet::new(),
        })
    }

    /// Returns the project of a list.
    pub(super) fn find(&mut self, list: &List) -> Result<Target> {
        let target = match &self.upload.project {
            Some(project) => self.named(project)?,
            None => self.by_place(list)?,
        };
        self.taken.insert(target.project.clone());
        Ok(target)
    }

    fn source(&self, project: &ProjectId) -> Option<&ImportSource> {
        let mut sources = self.sources.iter();
        let found = sources.find(|(id, _)| id == project);
        found.map(|(_, source)| source)
    }

    /// Returns true if a project stores the file of this import.
    fn is_same(&self, source: &ImportSource) -> bool {
        source.format == self.format.name() && Some(&source.file) == self.upload.file.as_ref()
    }

    /// Returns the requested project.
    fn named(&self, project: &ProjectId) -> Result<Target> {
        let source = self.source(project);
        if let (Some(source), Some(file)) = (source, &self.upload.file)
            && !self.is_same(source)
            && !self.upload.moved
        {
            let message = format!(
                "'{project}' was imported from {}, but this file is {file}; choose another \
                 project, or confirm that the file was moved",
                source.file
            );
            return Err(Error::invalid(
                "project",
                "other_source",
                message,
                project.as_str(),
            ));
        }
        let home = self.upload.file.as_deref();
        let home = home.map(|file| Home::of(self.format, file));
        Ok(Target {
            project: project.clone(),
            name: project.to_string(),
            folder: home.map_or_else(String::new, |home| home.folder),
            is_new: !self.rows.has_project(project)?,
            source: source.cloned(),
            note: None,
        })
    }

    /// Returns the project that stores the list; otherwise one with a free name.
    fn by_place(&self, list: &List) -> Result<Target> {
        let Some(file) = &self.upload.file else {
            let message = "is required, because the request does not have the path of the file";
            return Err(Error::invalid(
                "project",
                "missing",
                message,
                serde_json::Value::Null,
            ));
        };
        let home = Home::of(self.format, file);
        let known = self.sources.iter().find(|(project, source)| {
            self.is_same(source)
                && source.lists.contains(&list.name)
                && (!self.taken.contains(project) || source.lists.len() > 1)
        });
        if let Some((project, source)) = known {
            return Ok(Target {
                project: project.clone(),
                name: project.to_string(),
                folder: home.folder,
                is_new: false,
                source: Some(source.clone()),
                note: None,
            });
        }
        let tag = (!list.is_default).then_some(list.name.as_str());
        let mut usual = None;
        let names = home.names(tag);
        for (id, name) in names {
            let project = ProjectId::from(id);
            let is_free = !self.taken.contains(&project);
            let exists = self.rows.has_project(&project)?;
            if is_free && (!exists || self.is_adoptable(&project, &home)?) {
                return Ok(Target {
                    note: usual.map(|other: ProjectId| self.instead(&other, &project)),
                    project,
                    name,
                    folder: home.folder,
                    is_new: !exists,
                    source: None,
                });
            }
            usual.get_or_insert(project);
        }
        Err(Error::Internal("No free project name found.".to_owned()))
    }

    /// Returns true for a project that was imported before projects stored their files, or that was
    /// created for this file's folder.
    fn is_adoptable(&self, project: &ProjectId, home: &Home) -> Result<bool> {
        if self.source(project).is_some() {
            return Ok(false);
        }
        let found = self.rows.project(project)?;
        Ok(found.is_some_and(|found| {
            let is_import =
                found.description.as_deref() == Some(&*super::file::description(self.format));
            found.path == home.folder && (is_import || !home.folder.is_empty())
        }))
    }

    fn instead(&self, usual: &ProjectId, project: &ProjectId) -> String {
        let why = match self.source(usual) {
            Some(source) => format!(
                "was imported from {} ({})",
                source.file,
                source.lists.join(", ")
            ),
            None => "was not imported from this file".to_owned(),
        };
        format!("The project '{usual}' {why}, so these tasks were imported into '{project}'.")
    }
}
