//! Planning of an import before anything is written.
//!
//! It reads each imported task once, and the project's dependencies once.

mod found;
mod needs;
mod parts;
mod warnings;

use tasktree_protocol::{ProjectId, TaskId, Timestamp};

use super::merge::{Fresh, Planned, Ties, merged, must_wait};
use super::{ImportReport, ImportedTask};
use crate::error::Result;
use crate::limits::Limits;
use crate::store::Read;
use crate::{dependencies, exists};
use found::find;
use needs::{break_circles, resolve, waiting};
pub use parts::ImportParts;
use warnings::Warnings;

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
