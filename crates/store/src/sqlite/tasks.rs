//! Rows of tasks. The identifier is not stored: it consists of the number and the project.

mod columns;
mod to_reset;
mod write;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::{AgentId, Status, Task, TaskCard, Timestamp};

use super::keys::Space;
use super::staging;
use super::values::{Word, in_order, json, maybe_time, signed, unsigned};
use crate::error::Result;
use crate::{Each, Source, StoredTask, TaskPlace};
use columns::{CARD, TASK};
pub(super) use to_reset::{count_to_reset, numbers_to_reset, unsettled};
pub(super) use write::put;

/// Columns that [`stored`] reads after those of the task.
const STORED: &str = "source, source_state";

/// Reads a task as a pending reset of all tasks leaves it.
fn task(row: &Row<'_>, space: &Space) -> rusqlite::Result<Task> {
    let (mut task, resets, deleted_at) = with_resets(row, space, &mut in_order())?;
    if let Some(reset) = space.reset_over(resets).filter(|_| deleted_at.is_none()) {
        reset.apply(&mut task);
    }
    Ok(task)
}

/// Reads a task as stored, with its reset count and the time of its removal.
fn with_resets(
    row: &Row<'_>,
    space: &Space,
    next: &mut impl FnMut() -> usize,
) -> rusqlite::Result<(Task, u64, Option<Timestamp>)> {
    let task = columns::task(row, &space.id, next)?;
    Ok((task, unsigned(row, next())?, maybe_time(row, next())?))
}

/// Reads a row as a pending reset of all tasks leaves it.
fn stored(row: &Row<'_>, space: &Space) -> rusqlite::Result<StoredTask> {
    let (mut stored, resets) = as_stored(row, space)?;
    let reset = space.reset_over(resets);
    if let Some(reset) = reset.filter(|_| stored.deleted_at.is_none()) {
        reset.apply(&mut stored.task);
    }
    Ok(stored)
}

/// Reads a row as stored, with its reset count.
fn as_stored(row: &Row<'_>, space: &Space) -> rusqlite::Result<(StoredTask, u64)> {
    let mut next = in_order();
    let (task, resets, deleted_at) = with_resets(row, space, &mut next)?;
    let stored = StoredTask {
        task,
        deleted_at,
        source: match (row.get(next())?, row.get::<_, Option<_>>(next())?) {
            (Some(id), state) => Some(Source {
                id,
                state: state.unwrap_or_default(),
            }),
            (None, _) => None,
        },
    };
    Ok((stored, resets))
}

fn card(row: &Row<'_>, space: &Space) -> rusqlite::Result<TaskCard> {
    let mut next = in_order();
    let mut card = columns::card(row, &space.id, &mut next)?;
    // Removed tasks have no card.
    if let Some(reset) = space.reset_over(unsigned(row, next())?) {
        reset.apply_to_card(&mut card);
    }
    Ok(card)
}

pub(super) fn one(
    connection: &Connection,
    space: &Space,
    number: u64,
) -> Result<Option<StoredTask>> {
    let sql = format!("SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND number = ?");
    let row = connection
        .prepare_cached(&sql)?
        .query_row(params![space.rows.as_str(), signed(number)], |row| {
            stored(row, space)
        });
    Ok(row.optional()?)
}

pub(super) fn by_source(
    connection: &Connection,
    space: &Space,
    source: &str,
) -> Result<Option<StoredTask>> {
    let sql = format!("SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND source = ?");
    let row = connection
        .prepare_cached(&sql)?
        .query_row([space.rows.as_str(), source], |row| stored(row, space));
    Ok(row.optional()?)
}

pub(super) fn by_status(connection: &Connection, space: &Space) -> Result<Vec<(Status, u64)>> {
    let sql = format!(
        "SELECT {} AS status, COUNT(*) AS count FROM shown_tasks \
         WHERE project = ? AND deleted_at IS NULL GROUP BY 1",
        space.status_of("shown_tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        Ok((row.get::<_, Word<_>>("status")?.0, unsigned(row, "count")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the SQL condition that selects a session's rows, without those that a reset of all tasks
/// has cleared.
fn with_session(space: &Space) -> String {
    match space.reset {
        None => String::new(),
        Some(_) => format!("AND (status = 'merged' OR resets >= {})", space.resets),
    }
}

pub(super) fn by_session(
    connection: &Connection,
    space: &Space,
) -> Result<Vec<(String, Status, u64)>> {
    // The conditions match the index `tasks_session`.
    let sql = "SELECT session, status, COUNT(*) AS count FROM shown_tasks \
               WHERE project = ? AND session IS NOT NULL AND deleted_at IS NULL";
    let sql = format!("{sql} {} GROUP BY session, status", with_session(space));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        let status = row.get::<_, Word<_>>("status")?.0;
        Ok((row.get("session")?, status, unsigned(row, "count")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn numbers_by_source(
    connection: &Connection,
    space: &Space,
    sources: &[&str],
) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT source, number FROM shown_tasks WHERE project = ?1 AND deleted_at IS NULL \
               AND source IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![space.rows.as_str(), json(sources)?];
    let rows = statement.query_map(arguments, |row| {
        Ok((row.get("source")?, unsigned(row, "number")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn all(connection: &Connection, space: &Space) -> Result<Vec<Task>> {
    let sql = format!(
        "SELECT {TASK} FROM shown_tasks WHERE project = ? AND deleted_at IS NULL ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| task(row, space))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn cards(connection: &Connection, space: &Space) -> Result<Vec<TaskCard>> {
    let sql = format!(
        "SELECT {CARD} FROM shown_tasks WHERE project = ? AND deleted_at IS NULL ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| card(row, space))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn order(connection: &Connection, space: &Space) -> Result<Vec<TaskPlace>> {
    // The condition matches the index `tasks_order`, which covers all columns that are read. Hidden
    // ranges are filtered here: a check per row in SQL would take longer than all the rest.
    let hidden = staging::ranges(connection, &space.rows)?;
    let sql = format!(
        "SELECT rowid, number, priority, {} FROM tasks WHERE project = ? AND deleted_at IS NULL",
        space.status_of("tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| {
        Ok(TaskPlace {
            row: row.get(0)?,
            number: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            priority: row.get(2)?,
            status: row.get::<_, Word<_>>(3)?.0,
        })
    })?;
    let mut places = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    if !hidden.is_empty() {
        let is_hidden = |number| {
            let mut ranges = hidden.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&number))
        };
        places.retain(|place| !is_hidden(place.number));
    }
    Ok(places)
}

pub(super) fn of_session(
    connection: &Connection,
    space: &Space,
    session: &AgentId,
) -> Result<Vec<u64>> {
    let sql = format!(
        "SELECT number FROM shown_tasks \
         WHERE project = ? AND session = ? AND deleted_at IS NULL {}",
        with_session(space)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![space.rows.as_str(), session.as_str()];
    let numbers = statement.query_map(arguments, |row| unsigned(row, "number"))?;
    Ok(numbers.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn tasks_at(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    each: Each<'_, Task>,
) -> Result<()> {
    at(connection, space, places, TASK, task, each)
}

pub(super) fn cards_at(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    each: Each<'_, TaskCard>,
) -> Result<()> {
    at(connection, space, places, CARD, card, each)
}

fn at<T>(
    connection: &Connection,
    space: &Space,
    places: &[TaskPlace],
    columns: &str,
    read: fn(&Row<'_>, &Space) -> rusqlite::Result<T>,
    each: Each<'_, T>,
) -> Result<()> {
    // The row may have moved to another project meanwhile: a reset moves rows to the trash.
    let sql = format!(
        "SELECT {columns} FROM tasks \
         WHERE rowid = ? AND number = ? AND project = ? AND deleted_at IS NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for place in places {
        let arguments = params![place.row, signed(place.number), space.rows.as_str()];
        let row = statement.query_row(arguments, |row| read(row, space));
        if !each(row.optional()?)? {
            break;
        }
    }
    Ok(())
}
