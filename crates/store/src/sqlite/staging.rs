//! Staged tasks: stored but not yet shown, so that a large import in parts appears as a whole.
//!
//! A row of `stagings` hides a range of numbers of its project, so that to show them is to delete
//! that one row. Only the import knows of the range: its numbers were given to nobody else.
//!
//! The changes of existing tasks that the import stores with them (`imports`) go with the range.

use rusqlite::{Connection, params};
use tasktree_protocol::ProjectId;

use super::keys::Space;
use super::values::{signed, unsigned};
use super::{imports, projects};
use crate::error::Result;

pub(super) fn begin(connection: &Connection, space: &Space, count: u64) -> Result<u64> {
    let first = match count {
        0 => projects::last_number(connection, &space.id)? + 1,
        count => projects::take_numbers(connection, &space.id, count)?,
    };
    let sql = "INSERT INTO stagings (project, first, last) VALUES (?, ?, ?)";
    let last = first + count - 1;
    let arguments = params![space.rows.as_str(), signed(first), signed(last)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(first)
}

pub(super) fn exists(connection: &Connection, project: &ProjectId, first: u64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM stagings WHERE project = ? AND first = ?)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![project.as_str(), signed(first)], |row| row.get(0))?)
}

/// Returns the ranges of hidden numbers, each with its ends.
pub(super) fn ranges(connection: &Connection, project: &ProjectId) -> Result<Vec<(u64, u64)>> {
    let sql = "SELECT first, last FROM stagings WHERE project = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        Ok((unsigned(row, "first")?, unsigned(row, "last")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the first numbers of the ranges.
pub(super) fn firsts(connection: &Connection, project: &ProjectId) -> Result<Vec<u64>> {
    let ranges = ranges(connection, project)?.into_iter();
    Ok(ranges.map(|(first, _)| first).collect())
}

pub(super) fn publish(connection: &Connection, project: &ProjectId, first: u64) -> Result<()> {
    let sql = "DELETE FROM stagings WHERE project = ? AND first = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![project.as_str(), signed(first)])?;
    Ok(())
}

pub(super) fn remove(
    connection: &Connection,
    project: &ProjectId,
    first: u64,
    limit: usize,
) -> Result<bool> {
    let staged = "SELECT number FROM tasks, stagings USING (project) WHERE project = ?1 \
                    AND first = ?2 AND number BETWEEN first AND last ORDER BY number LIMIT ?3";
    let arguments = params![project.as_str(), signed(first), signed(limit as u64)];
    let records = format!(
        "DELETE FROM changes WHERE project = ?1 \
           AND subject IN (SELECT 'task:' || number FROM ({staged}))"
    );
    connection.prepare_cached(&records)?.execute(arguments)?;
    let rows = format!("DELETE FROM tasks WHERE project = ?1 AND number IN ({staged})");
    if connection.prepare_cached(&rows)?.execute(arguments)? == limit {
        return Ok(true);
    }
    if imports::drop_staged(connection, project, first, limit)? {
        return Ok(true);
    }
    publish(connection, project, first)?;
    Ok(false)
}

/// Removes what interrupted imports left when their server stopped.
pub(super) fn remove_all(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction()?;
    let ranges: Vec<(String, i64)> = transaction
        .prepare("SELECT project, first FROM stagings")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (project, first) in ranges {
        let first = u64::try_from(first).unwrap_or_default();
        remove(&transaction, &project.into(), first, usize::MAX >> 1)?;
    }
    projects::remove_unfinished(&transaction)?;
    Ok(transaction.commit()?)
}
