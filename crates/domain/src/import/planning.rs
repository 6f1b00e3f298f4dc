//! Planning of an import before anything is written.
//!
//! It reads each imported task once, and the project's dependencies once.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, Status, TaskId, Timestamp};

use super::circles::left_out;
use super::merge::{
    Fresh, Known, Planned, Row, Ties, checked, last_import, merged, must_wait, says_status,
};
use super::order::dependencies_first;
use super::{ImportReport, ImportedTask};
use crate::error::{Error, Result};
use crate::limits::{IMPORT_CHUNK_BYTES, IMPORT_CHUNK_TASKS, IMPORT_WARNINGS, Limits};
use crate::store::{Read, StoredTask};
use crate::{dependencies, exists};

/// Plan of an import: the rows to write, each with its changes.
#[derive(Debug)]
pub struct ImportPlan {
    /// Report of the import.
    pub report: ImportReport,
    /// Number of its first new task, if any.
    pub first: u64,
    /// Rows, in the order of the import.
    pub(super) rows: Vec<Planned>,
}

/// A task of the import, with its existing row.
struct Found {
    task: ImportedTask,
    number: u64,
    stored: Option<StoredTask>,
    before: Option<ImportedTask>,
    /// Numbers of its dependencies, without duplicates.
    needs: Vec<u64>,
}

impl Found {
    /// Returns true if the source's dependencies changed; otherwise those here stay.
    fn says_dependencies(&self) -> bool {
        let same = |before: &ImportedTask| before.dependencies == self.task.dependencies;
        !self.before.as_ref().is_some_and(same)
    }

    /// Returns the status that the task has after the import, unless it is blocked.
    fn status(&self) -> Status {
        let stored = self.stored.as_ref().map(|stored| &stored.task);
        match stored {
            Some(task) if task.holder.is_some() => task.status,
            Some(task) if !says_status(&self.task, self.before.as_ref()) => task.status,
            _ => self.task.status,
        }
    }

    /// Returns the numbers of the tasks that it depends on after the import.
    fn depends_on(&self, project: &ProjectId) -> Vec<u64> {
        match &self.stored {
            Some(stored) if !self.says_dependencies() => {
                dependencies::numbers(project, &stored.task.dependencies)
            }
            _ => self.needs.clone(),
        }
    }
}

/// Warnings, limited in number.
#[derive(Default)]
struct Warnings {
    kept: Vec<String>,
    more: usize,
}

impl Warnings {
    fn add(&mut self, warning: impl FnOnce() -> String) {
        if self.kept.len() < IMPORT_WARNINGS {
            self.kept.push(warning());
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            let more = self.more;
            self.kept
                .push(format!("{more} more warnings are not listed."));
        }
        self.kept
    }
}

/// Plans an import.
///
/// New tasks get the numbers from `first` on, or the next free ones.
pub fn plan(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: &[ImportedTask],
    first: Option<u64>,
    now: Timestamp,
    limits: &Limits,
) -> Result<ImportPlan> {
    exists::require(rows, project)?;
    let first = match first {
        Some(first) => first,
        None => rows.last_number(project)? + 1,
    };
    plan_from(rows, project, tasks, first, now, limits)
}

/// Plans an import into a project that does not exist yet.
pub(crate) fn plan_new(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: &[ImportedTask],
    now: Timestamp,
    limits: &Limits,
) -> Result<ImportPlan> {
    plan_from(rows, project, tasks, 1, now, limits)
}

fn plan_from(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: &[ImportedTask],
    first: u64,
    now: Timestamp,
    limits: &Limits,
) -> Result<ImportPlan> {
    let mut warnings = Warnings::default();
    let mut found = find(rows, project, tasks, first, limits, &mut warnings)?;
    resolve(rows, project, &mut found, &mut warnings)?;
    break_circles(rows, project, &mut found, &mut warnings)?;
    let waiting = waiting(rows, project, &found)?;
    let mut plan = ImportPlan {
        report: ImportReport::default(),
        first,
        rows: Vec::with_capacity(found.len()),
    };
    let (mut more, mut less) = (0, 0);
    for one in found {
        let Some(stored) = one.stored else {
            more += one.needs.len();
            let id = TaskId::new(one.number, project);
            plan.report.created.push(id);
            let waits_for = waiting.get(&one.number).copied();
            if let Some(warning) = must_wait(&one.task, waits_for) {
                warnings.add(|| warning);
            }
            plan.rows.push(Planned::New(Box::new(Fresh {
                task: one.task,
                number: one.number,
                needs: one.needs,
                waits_for,
            })));
            continue;
        };
        less += stored.task.dependencies.len();
        let needs = one.needs.iter();
        let ties = Ties {
            dependencies: needs.map(|number| TaskId::new(*number, project)).collect(),
            waits_for: waiting.get(&one.number).copied(),
        };
        let (task, before) = (one.task, one.before.as_ref());
        let row = merged(project, task, one.number, Some(stored), before, ties, now)?;
        if let Some(warning) = &row.warning {
            warnings.add(|| warning.clone());
        }
        more += row.draft.task.dependencies.len();
        let list = if row.changed.is_empty() {
            &mut plan.report.unchanged
        } else {
            &mut plan.report.updated
        };
        list.push(row.draft.task.id.clone());
        plan.rows.push(Planned::Known(Box::new(row)));
    }
    dependencies::refuse_too_many(rows, project, more.saturating_sub(less), limits)?;
    plan.report.warnings = warnings.finish();
    Ok(plan)
}

/// Finds the row of each task, or assigns a number.
///
/// This comes before anything else, since a task may depend on a later one.
fn find(
    rows: &dyn Read,
    project: &ProjectId,
    tasks: &[ImportedTask],
    first: u64,
    limits: &Limits,
    warnings: &mut Warnings,
) -> Result<Vec<Found>> {
    let mut next = first;
    let mut sources = HashSet::with_capacity(tasks.len());
    let mut found = Vec::with_capacity(tasks.len());
    for task in tasks {
        let task = checked(task, limits)?;
        if sources.contains(&task.source) {
            warnings.add(|| {
                let source = &task.source;
                format!(
                    "{source}: it is in the import more than once; only the first entry is \
                         used."
                )
            });
            continue;
        }
        let stored = rows.task_by_source(project, &task.source)?;
        if stored.as_ref().is_some_and(|one| one.deleted_at.is_some()) {
            warnings.add(|| {
                format!(
                    "{}: it was removed from the project, and stays removed.",
                    task.source
                )
            });
            continue;
        }
        sources.insert(task.source.clone());
        let number = stored.as_ref().map_or(next, |stored| stored.task.number);
        next += u64::from(stored.is_none());
        found.push(Found {
            number,
            before: stored.as_ref().and_then(last_import),
            stored,
            task,
            needs: Vec::new(),
        });
    }
    let most = limits.tasks_per_project;
    if next > first && next - 1 > most {
        return Err(Error::Refused(format!(
            "A project can have at most {most} tasks."
        )));
    }
    Ok(found)
}

/// Finds the dependencies of each task, in the import and among the existing tasks.
fn resolve(
    rows: &dyn Read,
    project: &ProjectId,
    found: &mut [Found],
    warnings: &mut Warnings,
) -> Result<()> {
    let mut numbers: HashMap<String, u64> = found
        .iter()
        .map(|one| (one.task.source.clone(), one.number))
        .collect();
    let needs = found.iter().flat_map(|one| &one.task.dependencies);
    let elsewhere: HashSet<&str> = needs
        .map(String::as_str)
        .filter(|source| !numbers.contains_key(*source))
        .collect();
    if !elsewhere.is_empty() {
        let elsewhere: Vec<&str> = elsewhere.into_iter().collect();
        numbers.extend(rows.numbers_by_source(project, &elsewhere)?);
    }
    for one in found {
        let mut seen = HashSet::new();
        for source in &one.task.dependencies {
            match numbers.get(source) {
                Some(number) if seen.insert(*number) => one.needs.push(*number),
                Some(_) => {}
                None => warnings.add(|| {
                    let task = &one.task.source;
                    format!("{task}: its dependency {source} was not found.")
                }),
            }
        }
    }
    Ok(())
}

/// Finds the tasks that would be in progress while blocked; each with one blocking task.
fn waiting(rows: &dyn Read, project: &ProjectId, found: &[Found]) -> Result<HashMap<u64, u64>> {
    let begins = |one: &&Found| {
        let was = one.stored.as_ref().map(|stored| stored.task.status);
        one.status() == Status::InProgress && was != Some(Status::InProgress)
    };
    let begin: Vec<(u64, Vec<u64>)> = found
        .iter()
        .filter(begins)
        .map(|one| (one.number, one.depends_on(project)))
        .collect();
    let mut done: HashMap<u64, bool> = HashMap::new();
    if !begin.is_empty() {
        let statuses = found.iter().map(|one| (one.number, one.status().is_done()));
        done.extend(statuses);
    }
    let needs = begin.iter().flat_map(|(_, needs)| needs);
    let elsewhere: HashSet<u64> = needs.copied().filter(|it| !done.contains_key(it)).collect();
    let elsewhere: Vec<u64> = elsewhere.into_iter().collect();
    for state in rows.task_states(project, &elsewhere)? {
        done.insert(state.number, state.removed || state.status.is_done());
    }
    let open = |number: &&u64| done.get(*number) == Some(&false);
    let first_open = |(number, needs): (u64, Vec<u64>)| Some((number, *needs.iter().find(open)?));
    Ok(begin.into_iter().filter_map(first_open).collect())
}

/// Drops the dependencies that would form cycles.
fn break_circles(
    rows: &dyn Read,
    project: &ProjectId,
    found: &mut [Found],
    warnings: &mut Warnings,
) -> Result<()> {
    let says = |one: &&Found| one.says_dependencies() && !one.needs.is_empty();
    let wanted: Vec<(u64, Vec<u64>)> = found
        .iter()
        .filter(says)
        .map(|one| (one.number, one.needs.clone()))
        .collect();
    // No existing task depends on a new one.
    let only_new = found.iter().filter(says).all(|one| one.stored.is_none());
    let fixed = if only_new {
        Vec::new()
    } else {
        let replaced = found
            .iter()
            .filter(|one| one.says_dependencies())
            .map(|one| one.number)
            .collect();
        dependencies::in_reach(rows, project, &wanted, &replaced)?
    };
    let gone = left_out(&fixed, &wanted);
    if gone.is_empty() {
        return Ok(());
    }
    let sources: HashMap<u64, String> = found
        .iter()
        .map(|one| (one.number, one.task.source.clone()))
        .collect();
    let name = |number: u64| {
        let source = sources.get(&number).cloned();
        source.unwrap_or_else(|| format!("#{number}"))
    };
    let mut left: HashSet<(u64, u64)> = HashSet::with_capacity(gone.len());
    for one in gone {
        left.insert((one.task, one.needs));
        warnings.add(|| {
            let (task, needs) = (name(one.task), name(one.needs));
            let circle = one.circle.map(|path| dependencies::arrows(&path));
            let circle = circle.map_or_else(String::new, |path| format!(": {path}"));
            format!(
                "{task}: its dependency on {needs} was left out, because it would create a \
                     cycle{circle}."
            )
        });
    }
    for one in found {
        let number = one.number;
        one.needs.retain(|need| !left.contains(&(number, *need)));
    }
    Ok(())
}

/// Plan of a large import, whose new tasks are in parts that each fit a transaction.
#[derive(Debug)]
pub struct ImportParts {
    /// Report of the import.
    pub report: ImportReport,
    /// Number of the first new task, if any.
    pub first: u64,
    /// New tasks, by part.
    pub new: Vec<Vec<Fresh>>,
    /// Changes of existing tasks, in an order in which they can be written one after the other.
    pub changed: Vec<Known>,
}

impl ImportPlan {
    /// Divides the rows to write.
    pub fn into_parts(self, rows: &dyn Read, project: &ProjectId) -> Result<ImportParts> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for row in self.rows {
            match row {
                Planned::New(fresh) => new.push(*fresh),
                Planned::Known(row) if row.is_quiet => {}
                Planned::Known(row) => changed.push(*row),
            }
        }
        let changed = dependencies_first(rows, project, &new, changed)?;
        Ok(ImportParts {
            report: self.report,
            first: self.first,
            new: in_parts(new, |fresh| fresh.task.weight()),
            changed: changed.into_iter().map(Row::into_known).collect(),
        })
    }
}

impl Known {
    /// Divides changes into parts that each fit a transaction.
    pub fn in_parts(changed: Vec<Self>) -> Vec<Vec<Self>> {
        in_parts(changed, |known| known.task.weight())
    }
}

fn in_parts<T>(rows: Vec<T>, weight: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let own = weight(&row);
        bytes += own;
        match parts.last_mut() {
            Some(part) if part.len() < IMPORT_CHUNK_TASKS && bytes <= IMPORT_CHUNK_BYTES => {
                part.push(row);
            }
            _ => {
                bytes = own;
                parts.push(vec![row]);
            }
        }
    }
    parts
}
