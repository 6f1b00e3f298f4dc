//! People, and their marks in projects.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::ProjectId;

use super::values::{maybe_time, time, unsigned};
use crate::Person;
use crate::PersonRow;
use crate::error::Result;

fn person(row: &Row<'_>) -> rusqlite::Result<PersonRow> {
    Ok(PersonRow {
        person: Person {
            id: row.get("id")?,
            name: row.get("name")?,
        },
        made_at: time(row, "made_at")?,
        disabled_at: maybe_time(row, "disabled_at")?,
    })
}

pub(super) fn all(connection: &Connection) -> Result<Vec<PersonRow>> {
    let mut statement = connection.prepare_cached("SELECT * FROM people ORDER BY name")?;
    let rows = statement.query_map([], person)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn named(connection: &Connection, name: &str) -> Result<Option<PersonRow>> {
    let mut statement = connection.prepare_cached("SELECT * FROM people WHERE name = ?")?;
    Ok(statement.query_row([name], person).optional()?)
}

pub(super) fn one(connection: &Connection, id: &str) -> Result<Option<PersonRow>> {
    let mut statement = connection.prepare_cached("SELECT * FROM people WHERE id = ?")?;
    Ok(statement.query_row([id], person).optional()?)
}

pub(super) fn ever_named(connection: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT id FROM people WHERE name = ?1 \
               UNION ALL SELECT person FROM former_names WHERE name = ?1 LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn add(connection: &Connection, row: &PersonRow) -> Result<()> {
    let sql = "INSERT INTO people (id, name, made_at, disabled_at) VALUES (?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        row.person.id,
        row.person.name,
        row.made_at.unix_millis(0),
        row.disabled_at.map(|at| at.unix_millis(0)),
    ])?;
    Ok(())
}

pub(super) fn put(connection: &Connection, row: &PersonRow) -> Result<()> {
    let (id, name) = (&row.person.id, &row.person.name);
    let sql = "INSERT OR IGNORE INTO former_names (name, person) \
               SELECT name, id FROM people WHERE id = ? AND name <> ?";
    connection.prepare_cached(sql)?.execute([id, name])?;
    let sql = "UPDATE people SET name = ?2, disabled_at = ?3 WHERE id = ?1";
    let disabled_at = row.disabled_at.map(|at| at.unix_millis(0));
    connection
        .prepare_cached(sql)?
        .execute(params![id, name, disabled_at])?;
    Ok(())
}

pub(super) fn marks(
    connection: &Connection,
    person: &str,
    project: &ProjectId,
) -> Result<Vec<(String, String)>> {
    let sql = "SELECT key, value FROM person_marks WHERE person = ? AND project = ? ORDER BY key";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([person, project.as_str()], |row| {
        Ok((row.get("key")?, row.get("value")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn count_marks(connection: &Connection, person: &str) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS number FROM person_marks WHERE person = ? \
               AND project IN (SELECT rows_key FROM projects)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([person], |row| unsigned(row, "number"))?)
}

pub(super) fn put_mark(
    connection: &Connection,
    person: &str,
    project: &ProjectId,
    key: &str,
    value: Option<&str>,
    millis: i64,
) -> Result<()> {
    let place = [person, project.as_str(), key];
    let Some(value) = value else {
        let sql = "DELETE FROM person_marks WHERE person = ? AND project = ? AND key = ?";
        connection.prepare_cached(sql)?.execute(place)?;
        return Ok(());
    };
    let sql = "INSERT INTO person_marks (person, project, key, changed_at, value) \
               VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (person, project, key) DO UPDATE SET changed_at = ?4, value = ?5";
    let [person, project, key] = place;
    let arguments = params![person, project, key, millis, value];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}
