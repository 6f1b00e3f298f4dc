//! Changes of existing tasks by a large import.
//!
//! Others write between the plan and the changes. So each task is read and merged again in the
//! transaction that writes it, and nothing that others changed meanwhile is lost.

use std::collections::{HashMap, HashSet};

use tasktree_protocol::{ProjectId, StreamId, TaskId};

use super::circles::left_out;
use super::merge::{Known, Row, last_import, merged};
use crate::error::Result;
use crate::{Change, dependencies, task};

/// Writes changes of existing tasks, with or without an event for each.
///
/// Returns warnings about changes that the project has outdated since the plan.
pub(super) fn write(
    change: &mut Change<'_>,
    project: &ProjectId,
    changed: Vec<Known>,
    is_quiet: bool,
) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let mut rows = Vec::with_capacity(changed.len());
    for known in changed {
        rows.extend(current(change, project, known, &mut warnings)?);
    }
    warnings.extend(break_circles(change, project, &mut rows)?);
    let position = change.tx.stream(&StreamId::project(project))?;
    let seq = position.map_or(0, |position| position.seq);
    for mut row in rows {
        if !is_quiet || row.changed.is_empty() {
            super::write(change, project, row)?;
        } else {
            let affected = task::save(change, project, &mut row.draft)?;
            change.note_changed(project, seq, affected);
        }
    }
    Ok(warnings)
}

/// Merges a task of the import into its row as it is now, unless that is gone.
fn current(
    change: &Change<'_>,
    project: &ProjectId,
    known: Known,
    warnings: &mut Vec<String>,
) -> Result<Option<Row>> {
    let Known {
        task,
        number,
        ties,
        warning,
    } = known;
    let Ok(stored) = task::find(&*change.tx, project, &TaskId::new(number, project)) else {
        let source = &task.source;
        warnings.push(format!("{source}: it was removed during the import."));
        return Ok(None);
    };
    let before = last_import(&stored);
    let stored = Some(stored.into_stored());
    let row = merged(
        project,
        task,
        number,
        stored,
        before.as_ref(),
        ties,
        change.now,
    )?;
    if row.warning != warning {
        warnings.extend(row.warning.clone());
    }
    Ok(Some(row))
}

/// Removes the dependencies that would form cycles with those that others added since the plan.
fn break_circles(
    change: &Change<'_>,
    project: &ProjectId,
    rows: &mut [Row],
) -> Result<Vec<String>> {
    let wants = |row: &&Row| row.changes("dependencies");
    let wanted: Vec<(u64, Vec<u64>)> = rows
        .iter()
        .filter(wants)
        .map(|row| {
            let task = &row.draft.task;
            let needs = dependencies::numbers(project, &task.dependencies);
            (task.number, needs)
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let changing: HashSet<u64> = wanted.iter().map(|(number, _)| *number).collect();
    let fixed = dependencies::in_reach(&*change.tx, project, &wanted, &changing)?;
    let mut left: HashMap<u64, Vec<u64>> = HashMap::new();
    for one in left_out(&fixed, &wanted) {
        left.entry(one.task).or_default().push(one.needs);
    }
    let mut warnings = Vec::new();
    for row in rows {
        let Some(gone) = left.get(&row.draft.task.number) else {
            continue;
        };
        let source = &row.task.source;
        warnings.extend(gone.iter().map(|needs| {
            format!(
                "{source}: its dependency on #{needs} was left out, because changes during the \
                 import would make it a cycle."
            )
        }));
        let is_gone = |id: &TaskId| id.number_in(project).is_some_and(|it| gone.contains(&it));
        row.retain_dependencies(|id| !is_gone(id))?;
    }
    Ok(warnings)
}
