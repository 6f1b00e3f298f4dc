//! Rows of tasks. The identifier is not stored: it consists of the number and the project.

mod columns;

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use tasktree_protocol::{AgentId, Status, Task, TaskCard, Timestamp};

use super::keys::Space;
use super::staging;
use super::values::{Word, in_order, json, maybe_time, signed, unsigned};
use crate::error::Result;
use crate::{Each, Source, StoredTask, TaskPlace};
use columns::{CARD, TASK, maybe};

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

/// SQL condition of a task that a reset of all tasks changes.
const IS_RESET: &str =
    "deleted_at IS NULL AND status <> 'merged' AND (status <> 'unclaimed' OR session IS NOT NULL)";

pub(super) fn count_to_reset(connection: &Connection, space: &Space) -> Result<u64> {
    // Each part uses an index that has all columns, without the rows of the other part.
    let sql = "SELECT (SELECT COUNT(*) FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed')) \
               + (SELECT COUNT(*) FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed') AS count";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([space.rows.as_str()], |row| unsigned(row, "count"))?)
}

pub(super) fn numbers_to_reset(connection: &Connection, space: &Space) -> Result<Vec<u64>> {
    let sql = "SELECT number FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed') \
               UNION ALL SELECT number FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed' \
               ORDER BY 1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| unsigned(row, "number"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn unsettled(
    connection: &Connection,
    space: &Space,
    first: u64,
    last: u64,
) -> Result<Vec<StoredTask>> {
    let sql = format!(
        "SELECT {TASK}, {STORED} FROM shown_tasks WHERE project = ? AND number BETWEEN ? AND ? AND resets < ? \
         AND {IS_RESET} ORDER BY number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let (first, last) = (signed(first), signed(last));
    let arguments = params![space.rows.as_str(), first, last, signed(space.resets)];
    let rows = statement.query_map(arguments, |row| {
        as_stored(row, space).map(|(stored, _)| stored)
    })?;
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

/// Columns of the primary key.
const KEY: [&str; 2] = ["project", "number"];

/// Other columns that have an index.
const INDEXED: [&str; 7] = [
    "status",
    "session",
    "dependencies",
    "priority",
    "parent",
    "deleted_at",
    "source",
];

/// Returns the columns that [`put`] writes, with the number of the parameter of each.
fn parameters() -> impl Iterator<Item = (&'static str, usize)> {
    let others = STORED.split(", ").chain(["project"]);
    TASK.split(", ").chain(others).zip(1..)
}

/// Statement that replaces a row without changing an indexed column.
///
/// If those columns were named, SQLite would write all indexes again.
static PUT_UNINDEXED: LazyLock<String> = LazyLock::new(|| {
    let (mut set, mut same) = (Vec::new(), Vec::new());
    for (column, parameter) in parameters() {
        if KEY.contains(&column) {
            same.push(format!("{column} = ?{parameter}"));
        } else if INDEXED.contains(&column) {
            same.push(format!("{column} IS ?{parameter}"));
        } else {
            set.push(format!("{column} = ?{parameter}"));
        }
    }
    format!(
        "UPDATE tasks SET {} WHERE {}",
        set.join(", "),
        same.join(" AND ")
    )
});

/// Statement that adds or replaces a row.
static PUT: LazyLock<String> = LazyLock::new(|| {
    let (mut names, mut values, mut set) = (Vec::new(), Vec::new(), Vec::new());
    for (column, parameter) in parameters() {
        names.push(column);
        values.push(format!("?{parameter}"));
        if !KEY.contains(&column) {
            set.push(format!("{column} = ?{parameter}"));
        }
    }
    format!(
        "INSERT INTO tasks ({}) VALUES ({}) ON CONFLICT (project, number) DO UPDATE SET {}",
        names.join(", "),
        values.join(", "),
        set.join(", ")
    )
});

pub(super) fn put(connection: &Connection, space: &Space, stored: &StoredTask) -> Result<()> {
    let StoredTask {
        task,
        deleted_at,
        source,
    } = stored;
    // In the order of `parameters`.
    let mut values = Vec::new();
    columns::write(task, &space.id, &mut values)?;
    values.extend([
        signed(space.resets).into(),
        maybe(deleted_at.map(|at| at.unix_millis(0))),
        maybe(source.as_ref().map(|source| source.id.as_str())),
        maybe(source.as_ref().map(|source| source.state.as_str())),
        space.rows.as_str().into(),
    ]);
    // A new row has version 1.
    if task.rev > 1 {
        let mut statement = connection.prepare_cached(&PUT_UNINDEXED)?;
        if statement.execute(params_from_iter(&values))? > 0 {
            return Ok(());
        }
    }
    connection
        .prepare_cached(&PUT)?
        .execute(params_from_iter(&values))?;
    Ok(())
}
