//! Import of a whole file: the projects for its lists, and the outcome of each task.
//!
//! [`plan_portions`] computes the effects of an import, and [`apply_portions`] applies them. Both
//! find the same projects and plan with the same function, so that a dry run reports the same as
//! the import.

mod portion;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tasktree_protocol::{ProjectId, Timestamp};

use super::formats::{self, Format, List, Note, StatusCount, Subtasks, Tally};
use super::{ImportReport, Staged, apply, plan, planning};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::store::{ImportSource, Read};
use crate::{Change, project};
pub use portion::Portion;
pub(super) use portion::description;
use portion::portions;

/// Number of characters of list names shown in a refusal.
const LISTS_SHOWN: usize = 20;

/// Request to import a file.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Name of the file's format.
    pub format: String,
    /// Path of the file, as the sender resolved it.
    pub file: Option<String>,
    /// Project for all lists; without it each list gets its own project.
    pub project: Option<ProjectId>,
    /// Name of the only list to import.
    pub list: Option<String>,
    /// Form of subtasks.
    pub subtasks: Subtasks,
    /// True if the project's file was moved to this path.
    pub moved: bool,
}

/// Result of a file import or of its dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileReport {
    /// True if nothing was changed.
    pub dry_run: bool,
    /// Outcomes of the lists, by project.
    pub projects: Vec<PortionReport>,
    /// Contents of the file beside its lists.
    pub notes: Vec<Note>,
}

/// Outcome of the lists imported into one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PortionReport {
    /// The project.
    pub project: ProjectId,
    /// True if the import created the project.
    pub new_project: bool,
    /// Names of the lists in the file.
    pub lists: Vec<String>,
    /// Counts of the file's entries.
    #[serde(flatten)]
    pub tally: Tally,
    /// Tasks on the board, and warnings.
    #[serde(flatten)]
    pub report: ImportReport,
    /// Number of tasks that were removed here earlier and stay removed.
    pub removed: usize,
    /// Statuses of the file with their counterparts here.
    pub statuses: Vec<StatusCount>,
    /// Differences between the file and the board.
    pub notes: Vec<Note>,
}

/// A parsed file to be imported.
#[derive(Debug)]
pub struct Incoming {
    upload: Upload,
    format: &'static dyn Format,
    lists: Vec<List>,
    notes: Vec<Note>,
}

impl std::fmt::Debug for dyn Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Incoming {
    /// Parses a file.
    pub fn read(upload: Upload, bytes: &[u8], limits: &Limits) -> Result<Self> {
        let format = formats::named(&upload.format)?;
        let mut reading = format.read(bytes, upload.subtasks, limits)?;
        if let Some(wanted) = &upload.list {
            let names: Vec<_> = reading.lists.iter().map(|list| list.name.clone()).collect();
            reading.lists.retain(|list| list.name == *wanted);
            if reading.lists.is_empty() {
                let names = names.iter().take(LISTS_SHOWN).cloned().collect::<Vec<_>>();
                let message = format!(
                    "the file has no list '{wanted}'; its lists are: {}",
                    names.join(", ")
                );
                return Err(Error::invalid(
                    "list",
                    "unknown_list",
                    message,
                    wanted.as_str(),
                ));
            }
        }
        Ok(Self {
            upload,
            format,
            lists: reading.lists,
            notes: reading.notes,
        })
    }

    /// Returns true if the file is too large for one transaction.
    pub fn is_large(&self) -> bool {
        super::is_large(self.lists.iter().flat_map(|list| list.tasks.iter()))
    }
}

/// Portions of a file's import with their reports, and the notes on the file.
pub(crate) type Planned = (Vec<(Portion, ImportReport)>, Vec<Note>);

/// Computes the effects of a file's import.
pub fn plan_portions(
    rows: &dyn Read,
    incoming: Incoming,
    now: Timestamp,
    limits: &Limits,
) -> Result<Planned> {
    let (portions, notes) = portions(rows, incoming)?;
    let planned = portions.into_iter().map(|portion| {
        let id = &portion.target.project;
        let plan = if portion.target.is_new {
            project::planned(rows, portion.new_project(), now, limits)?;
            planning::plan_new(rows, id, &portion.tasks, now, limits)?
        } else {
            plan(rows, id, &portion.tasks, None, now, limits)?
        };
        Ok((portion, plan.report))
    });
    Ok((planned.collect::<Result<_>>()?, notes))
}

/// Imports a file in one transaction.
pub fn apply_portions(
    change: &mut Change<'_>,
    incoming: Incoming,
    may_make: impl Fn() -> Result<()>,
) -> Result<FileReport> {
    let (portions, notes) = portions(&*change.tx, incoming)?;
    let mut projects = Vec::with_capacity(portions.len());
    for portion in portions {
        if portion.target.is_new {
            may_make()?;
        }
        begin_portion(change, &portion, false)?;
        let report = apply(change, &portion.target.project, &portion.tasks)?;
        projects.push(portion.report(report));
    }
    Ok(FileReport {
        dry_run: false,
        projects,
        notes,
    })
}

/// Creates the project of a portion if missing, and stores its file.
pub fn begin_portion(change: &mut Change<'_>, portion: &Portion, unfinished: bool) -> Result<()> {
    if portion.target.is_new {
        project::create(change, portion.new_project())?;
    }
    let source = portion.source.clone();
    let unfinished = unfinished && portion.target.is_new;
    let source = match source {
        Some(source) => ImportSource {
            unfinished,
            ..source
        },
        None if unfinished => ImportSource {
            unfinished,
            ..ImportSource::default()
        },
        None => return Ok(()),
    };
    change
        .tx
        .put_import_source(&portion.target.project, Some(&source))
}

/// Publishes the staged lists of all projects, and stores the file in them.
pub fn publish_portions(
    change: &mut Change<'_>,
    staged: Vec<(Arc<Portion>, Staged)>,
    notes: Vec<Note>,
    import: &str,
) -> Result<FileReport> {
    let mut projects = Vec::with_capacity(staged.len());
    for (portion, staged) in staged {
        let id = &portion.target.project;
        change.require(id)?;
        let report = staged.publish(change, id, import)?;
        if portion.target.is_new || portion.source.is_some() {
            change.tx.put_import_source(id, portion.source.as_ref())?;
        }
        projects.push(portion.report(report));
    }
    Ok(FileReport {
        dry_run: false,
        projects,
        notes,
    })
}
