//! Dependencies of tasks: the columns that a check of them needs, and no others.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use tasktree_protocol::ProjectId;

use super::keys::Space;
use super::rows::{Word, json, list, signed, unsigned};
use crate::error::Result;
use crate::store::{DependencyCount, TaskState};

pub(super) fn states(
    connection: &Connection,
    space: &Space,
    numbers: &[u64],
) -> Result<Vec<TaskState>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i64> = numbers.iter().copied().map(signed).collect();
    let sql = format!(
        "SELECT number, {} AS status, deleted_at IS NOT NULL AS removed, \
           dependencies <> '[]' AS depends FROM shown_tasks \
         WHERE project = ?1 AND number IN (SELECT value FROM json_each(?2))",
        space.status_of("shown_tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![space.rows.as_str(), json(&numbers)?];
    let rows = statement.query_map(arguments, |row| {
        Ok(TaskState {
            number: unsigned(row, "number")?,
            status: row.get::<_, Word<_>>("status")?.0,
            removed: row.get("removed")?,
            depends: row.get("depends")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn edges(connection: &Connection, project: &ProjectId) -> Result<Vec<(u64, Vec<u64>)>> {
    // The condition as the index `tasks_graph` has it, which holds all that is read.
    let sql = "SELECT number, dependencies FROM tasks \
               WHERE project = ? AND dependencies <> '[]' ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        let needs: Vec<Number> = list(row, "dependencies")?;
        let needs = needs.into_iter().map(|Number(number)| number).collect();
        Ok((unsigned(row, "number")?, needs))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn count(connection: &Connection, project: &ProjectId) -> Result<DependencyCount> {
    let sql = "SELECT dependency_count, dependency_version FROM projects WHERE id = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row([project.as_str()], |row| {
            Ok(DependencyCount {
                count: unsigned(row, "dependency_count")?,
                version: unsigned(row, "dependency_version")?,
            })
        });
    Ok(row.optional()?.unwrap_or_default())
}

/// The number that a stored identifier of a task begins with, read without a copy of the identifier.
struct Number(u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Number;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the identifier of a task")
            }

            fn visit_str<E: serde::de::Error>(self, id: &str) -> std::result::Result<Number, E> {
                let digits = id.split('-').next().unwrap_or_default();
                let number = digits.parse();
                number
                    .map(Number)
                    .map_err(|_| E::custom(format!("'{id}' has no number")))
            }
        }

        deserializer
            .deserialize_str(Digits)
            .map_err(D::Error::custom)
    }
}
