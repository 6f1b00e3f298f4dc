//! Large imports, in parts that are short transactions each.
//!
//! New tasks are hidden until all of them are stored, and then shown at once. Existing rows are
//! changed after that, part by part. Other writes run between two parts, so each part reads its
//! rows again.

use std::collections::HashSet;

use tasktree_protocol::{Event, ProjectId, StreamId, TaskId};

use super::circles::left_out;
use super::merge::{Fresh, Row, last_import, merged};
use crate::error::{Error, Result};
use crate::limits::IMPORT_CHUNK_TASKS;
use crate::{Change, dependencies, task};

/// Takes the numbers for new tasks; returns the first.
pub fn begin(change: &mut Change<'_>, project: &ProjectId, count: u64) -> Result<u64> {
    change.require(project)?;
    let most = change.limits.tasks_per_project;
    if change.tx.last_number(project)?.saturating_add(count) > most {
        return Err(Error::Refused(format!(
            "A project can have at most {most} tasks."
        )));
    }
    change.tx.stage_tasks(project, count)
}

/// Stores new tasks that are not shown yet.
pub fn stage(
    change: &mut Change<'_>,
    project: &ProjectId,
    first: u64,
    tasks: Vec<Fresh>,
) -> Result<()> {
    require(change, project, first)?;
    let position = change.tx.stream(&StreamId::project(project))?;
    let seq = position.map_or(0, |position| position.seq);
    for task in tasks {
        let mut row = task.into_row(project, change.now)?;
        let affected = task::save(change, project, &mut row.draft)?;
        change.note_staged(project, seq, affected);
    }
    Ok(())
}

/// Shows the new tasks, and makes clients fetch the project's state again.
///
/// Older dashboards, which cannot be told to, do so at the event of `last`.
pub fn publish(
    change: &mut Change<'_>,
    project: &ProjectId,
    first: u64,
    last: &TaskId,
) -> Result<()> {
    require(change, project, first)?;
    change.tx.publish_staged(project, first)?;
    let stream = StreamId::project(project);
    change.tx.renew_stream(&stream)?;
    change.stream_goes_on(&stream)?;
    let last = task::find(&*change.tx, project, last)?.into_task();
    let event = Event::TaskCreated;
    task::emit_unchanged(change, project, last, event)
}

/// Removes a part of the staged tasks that are not to be shown; returns true if there are more.
pub fn discard(change: &mut Change<'_>, project: &ProjectId, first: u64) -> Result<bool> {
    change.tx.drop_staged(project, first, IMPORT_CHUNK_TASKS)
}

/// Removes the dependencies that rows will no longer have.
///
/// Once that is done, the others can be added in any order without an intermediate cycle.
pub fn loosen(
    change: &mut Change<'_>,
    project: &ProjectId,
    rows: Vec<(TaskId, Vec<TaskId>)>,
) -> Result<()> {
    change.require(project)?;
    for (id, wanted) in rows {
        let Ok(mut stored) = task::find(&*change.tx, project, &id) else {
            continue;
        };
        let wanted: HashSet<TaskId> = wanted.into_iter().collect();
        let had = stored.task.dependencies.len();
        stored.task.dependencies.retain(|id| wanted.contains(id));
        if stored.task.dependencies.len() < had {
            let affected = task::save(change, project, &mut stored)?;
            task::emit_card(
                change,
                project,
                stored.into_task(),
                affected,
                Event::TaskUpdated,
            )?;
        }
    }
    Ok(())
}

/// Changes rows; returns warnings about changes that the project has outdated since the plan.
pub fn update(change: &mut Change<'_>, project: &ProjectId, rows: Vec<Row>) -> Result<Vec<String>> {
    change.require(project)?;
    let mut warnings = Vec::new();
    let mut fresh = Vec::with_capacity(rows.len());
    for row in rows {
        let source = &row.task.source;
        let Ok(stored) = task::find(&*change.tx, project, &row.draft.task.id) else {
            warnings.push(format!("{source}: it was removed during the import."));
            continue;
        };
        if stored
            .source
            .as_ref()
            .is_none_or(|found| found.id != *source)
        {
            warnings.push(format!(
                "{source}: the project was reset during the import."
            ));
            continue;
        }
        let (before, number) = (last_import(&stored), stored.task.number);
        let (before, ties) = (before.as_ref(), row.ties);
        let row = merged(
            project,
            row.task,
            number,
            Some(stored.into_stored()),
            before,
            ties,
            change.now,
        )?;
        warnings.extend(row.warning.clone());
        fresh.push(row);
    }
    let wants = |row: &&Row| row.changed.iter().any(|field| field == "dependencies");
    let wanted: Vec<(u64, Vec<u64>)> = fresh
        .iter()
        .filter(wants)
        .map(|row| {
            let task = &row.draft.task;
            (
                task.number,
                dependencies::numbers(project, &task.dependencies),
            )
        })
        .collect();
    if !wanted.is_empty() {
        let changing = wanted.iter().map(|(number, _)| *number).collect();
        let fixed = dependencies::in_reach(&*change.tx, project, &wanted, &changing)?;
        for one in left_out(&fixed, &wanted) {
            let gone = TaskId::new(one.needs, project);
            let row = fresh
                .iter_mut()
                .find(|row| row.draft.task.number == one.task);
            if let Some(row) = row {
                row.draft.task.dependencies.retain(|id| *id != gone);
                let source = &row.task.source;
                warnings.push(format!(
                    "{source}: its dependency on #{} was left out, because changes during the \
                     import would make it a cycle.",
                    one.needs
                ));
            }
        }
    }
    for row in fresh {
        super::write(change, project, row)?;
    }
    Ok(warnings)
}

fn require(change: &Change<'_>, project: &ProjectId, first: u64) -> Result<()> {
    if change.tx.has_staged(project, first)? {
        return Ok(());
    }
    Err(Error::Refused(
        "The project was removed or reset during the import; nothing was imported.".to_owned(),
    ))
}
