//! Tasks that a reset of all tasks changes.

use rusqlite::{Connection, params};

use super::columns::TASK;
use super::{STORED, as_stored};
use crate::StoredTask;
use crate::error::Result;
use crate::sqlite::keys::Space;
use crate::sqlite::values::{signed, unsigned};

/// SQL condition of a task that a reset of all tasks changes.
const IS_RESET: &str =
    "deleted_at IS NULL AND status <> 'merged' AND (status <> 'unclaimed' OR session IS NOT NULL)";

pub(in crate::sqlite) fn count_to_reset(connection: &Connection, space: &Space) -> Result<u64> {
    // Each part uses an index that has all columns, without the rows of the other part.
    let sql = "SELECT (SELECT COUNT(*) FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed')) \
               + (SELECT COUNT(*) FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed') AS count";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([space.rows.as_str()], |row| unsigned(row, "count"))?)
}

pub(in crate::sqlite) fn numbers_to_reset(
    connection: &Connection,
    space: &Space,
) -> Result<Vec<u64>> {
    let sql = "SELECT number FROM tasks INDEXED BY tasks_order \
                 WHERE project = ?1 AND deleted_at IS NULL AND status NOT IN ('merged', 'unclaimed') \
               UNION ALL SELECT number FROM tasks INDEXED BY tasks_session WHERE project = ?1 \
                 AND session IS NOT NULL AND deleted_at IS NULL AND status = 'unclaimed' \
               ORDER BY 1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| unsigned(row, "number"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(in crate::sqlite) fn unsettled(
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
