//! Rows of attention items, and of people's marks on them.
//!
//! Items are stored under the identifier of their project, not under the key of its rows: they are
//! removed when the project goes, and derived again when it comes back.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::ProjectId;
use tasktree_protocol::attention::{AttentionItem, AttentionKind};

use super::values::{Word, maybe_time, signed, unsigned, value};
use crate::error::Result;
use crate::{AttentionMarks, AttentionRow};

fn item(row: &Row<'_>) -> rusqlite::Result<AttentionRow> {
    let item: AttentionItem = value(row, "item")?;
    Ok(AttentionRow {
        subject: row.get("subject")?,
        item: AttentionItem {
            id: unsigned(row, "id")?,
            ..item
        },
    })
}

fn marks(row: &Row<'_>) -> rusqlite::Result<AttentionMarks> {
    Ok(AttentionMarks {
        seen: row.get("seen")?,
        done: row.get("done")?,
        snoozed_until: maybe_time(row, "snoozed_until")?,
    })
}

pub(super) fn first(
    connection: &Connection,
    project: &ProjectId,
    limit: usize,
) -> Result<Vec<AttentionRow>> {
    let sql = "SELECT * FROM attention WHERE project = ? ORDER BY rank, since, id LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![project.as_str(), signed(limit as u64)], item)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn counts(
    connection: &Connection,
    project: &ProjectId,
) -> Result<Vec<(AttentionKind, u64)>> {
    let sql = "SELECT kind, COUNT(*) AS number FROM attention WHERE project = ? \
               GROUP BY kind ORDER BY rank";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        Ok((row.get::<_, Word<_>>("kind")?.0, unsigned(row, "number")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn of(
    connection: &Connection,
    project: &ProjectId,
    subject: &str,
) -> Result<Vec<AttentionRow>> {
    let sql = "SELECT * FROM attention WHERE project = ? AND subject = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str(), subject], item)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn under(
    connection: &Connection,
    project: &ProjectId,
    prefix: &str,
) -> Result<Vec<AttentionRow>> {
    // No subject has this character, which is above all others.
    let end = format!("{prefix}{}", char::MAX);
    let sql = "SELECT * FROM attention WHERE project = ? AND subject >= ? AND subject < ? \
               ORDER BY subject";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str(), prefix, &end], item)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn is_open(connection: &Connection, project: &ProjectId, id: u64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM attention WHERE id = ? AND project = ?)";
    let arguments = params![signed(id), project.as_str()];
    Ok(connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| row.get(0))?)
}

pub(super) fn add(
    connection: &Connection,
    project: &ProjectId,
    subject: &str,
    item: &AttentionItem,
) -> Result<u64> {
    let sql = "INSERT INTO attention (project, subject, kind, rank, since, item) \
               VALUES (?, ?, ?, ?, ?, ?) RETURNING id";
    let arguments = params![
        project.as_str(),
        subject,
        item.kind.as_str(),
        item.kind as i64,
        item.since.unix_millis(0),
        serde_json::to_string(item)?,
    ];
    let id = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| unsigned(row, "id"))?;
    Ok(id)
}

pub(super) fn put(connection: &Connection, item: &AttentionItem) -> Result<()> {
    let sql = "UPDATE attention SET item = ?2 WHERE id = ?1";
    let arguments = params![signed(item.id), serde_json::to_string(item)?];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, id: u64) -> Result<()> {
    let id = [signed(id)];
    connection
        .prepare_cached("DELETE FROM attention_marks WHERE item = ?")?
        .execute(id)?;
    connection
        .prepare_cached("DELETE FROM attention WHERE id = ?")?
        .execute(id)?;
    Ok(())
}

pub(super) fn marks_of(
    connection: &Connection,
    person: &str,
    item: u64,
) -> Result<Option<AttentionMarks>> {
    let sql = "SELECT * FROM attention_marks WHERE person = ? AND item = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![person, signed(item)], marks);
    Ok(row.optional()?)
}

pub(super) fn all_marks_of(
    connection: &Connection,
    person: &str,
) -> Result<Vec<(u64, AttentionMarks)>> {
    let sql = "SELECT * FROM attention_marks WHERE person = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([person], |row| Ok((unsigned(row, "item")?, marks(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put_marks(
    connection: &Connection,
    person: &str,
    item: u64,
    marks: &AttentionMarks,
) -> Result<()> {
    let sql = "INSERT INTO attention_marks (person, item, seen, done, snoozed_until) \
               VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (person, item) DO UPDATE SET seen = ?3, done = ?4, snoozed_until = ?5";
    connection.prepare_cached(sql)?.execute(params![
        person,
        signed(item),
        marks.seen,
        marks.done,
        marks.snoozed_until.map(|at| at.unix_millis(0)),
    ])?;
    Ok(())
}
