//! Portions of a file: the lists that go into one project together.

use std::sync::Arc;

use tasktree_protocol::project::NewProject;

use super::{Incoming, PortionReport};
use crate::error::Result;
use crate::import::formats::{Format, List, Note, StatusCount, Tally};
use crate::import::origin::{Target, Targets};
use crate::import::{ImportReport, ImportedTask};
use crate::store::{ImportSource, Read};

/// Lists of a file that are imported into one project together.
#[derive(Debug)]
pub struct Portion {
    /// Project that the tasks go into.
    pub target: Target,
    /// Tasks to import.
    pub tasks: Arc<[ImportedTask]>,
    pub(super) source: Option<ImportSource>,
    description: String,
    lists: Vec<String>,
    tally: Tally,
    statuses: Vec<StatusCount>,
    notes: Vec<Note>,
}

impl Portion {
    fn new(incoming: &Incoming, target: Target, list: List) -> Self {
        let note = target.note.clone().map(|note| Note {
            task: String::new(),
            note,
        });
        Self {
            tasks: list.tasks,
            source: None,
            description: description(incoming.format),
            lists: vec![list.name],
            tally: list.tally,
            statuses: list.statuses,
            notes: note.into_iter().chain(list.notes).collect(),
            target,
        }
    }

    /// Adds another list of the same project.
    fn add(&mut self, list: List) {
        self.tasks = self.tasks.iter().chain(&*list.tasks).cloned().collect();
        self.lists.push(list.name);
        self.tally.add(&list.tally);
        for count in list.statuses {
            let same = |one: &&mut StatusCount| one.from == count.from && one.to == count.to;
            match self.statuses.iter_mut().find(same) {
                Some(one) => one.count += count.count,
                None => self.statuses.push(count),
            }
        }
        self.notes.extend(list.notes);
    }

    pub(super) fn new_project(&self) -> NewProject {
        NewProject {
            path: self.target.folder.clone(),
            description: Some(self.description.clone()),
            ..NewProject::new(self.target.project.as_str(), &self.target.name)
        }
    }

    /// Returns the report on the import of these lists.
    pub fn report(&self, report: ImportReport) -> PortionReport {
        let shown = report.created.len() + report.updated.len() + report.unchanged.len();
        PortionReport {
            project: self.target.project.clone(),
            new_project: self.target.is_new,
            lists: self.lists.clone(),
            removed: self.tasks.len().saturating_sub(shown),
            tally: self.tally.clone(),
            report,
            statuses: self.statuses.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// Returns the description of a project created by an import.
pub(in crate::import) fn description(format: &dyn Format) -> String {
    format!("Imported from {}", format.title())
}

/// Finds the projects for a file's lists. Returns the portion of each project, and the notes on the
/// file.
pub(super) fn portions(
    rows: &dyn Read,
    mut incoming: Incoming,
) -> Result<(Vec<Portion>, Vec<Note>)> {
    let lists = std::mem::take(&mut incoming.lists);
    let mut portions: Vec<Portion> = Vec::new();
    let mut targets = Targets::new(rows, incoming.format, &incoming.upload)?;
    for list in lists {
        let target = targets.find(&list)?;
        let same = |portion: &&mut Portion| portion.target.project == target.project;
        match portions.iter_mut().find(same) {
            Some(portion) => portion.add(list),
            None => portions.push(Portion::new(&incoming, target, list)),
        }
    }
    if let Some(file) = &incoming.upload.file {
        for portion in &mut portions {
            let mut source = ImportSource {
                format: incoming.format.name().to_owned(),
                file: file.clone(),
                ..ImportSource::default()
            };
            if let Some(before) = &portion.target.source
                && before.file == *file
            {
                source.lists.clone_from(&before.lists);
            }
            for list in &portion.lists {
                if !source.lists.contains(list) {
                    source.lists.push(list.clone());
                }
            }
            portion.source = Some(source);
        }
    }
    drop(targets);
    Ok((portions, incoming.notes))
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        self.subtasks += other.subtasks;
        self.subtasks_listed += other.subtasks_listed;
        self.subtasks_made += other.subtasks_made;
        self.left_out += other.left_out;
    }
}
