//! Records of changes. They outlive the events of their project's log.
//!
//! They are stored under the key of a project's rows, as tasks are: see [`super::keys`]. Records
//! that belong to no project are under [`SERVER`]. Triggers count their bytes per key in
//! `change_totals`.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::ProjectId;

use super::staging;
use super::values::{json, list, maybe_unsigned, maybe_word, signed, time, unsigned, word};
use crate::error::Result;
use crate::limits::{CHANGES_SCANNED, PAGE_BYTES};
use crate::{ChangePage, ChangeQuery, ChangeRecord, FieldChange, HistoryEntry};

/// Key of the records that belong to no project. Never a project's key: identifiers contain no `*`.
const SERVER: &str = "*";

/// Approximate bytes of a record besides its texts: its other columns and its index entries.
const ENTRY_BYTES: usize = 160;

fn change(row: &Row<'_>) -> rusqlite::Result<ChangeRecord> {
    Ok(ChangeRecord {
        id: unsigned(row, "id")?,
        subject: row.get("subject")?,
        entry: entry(row)?,
    })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    Ok(HistoryEntry {
        seq: unsigned(row, "seq")?,
        kind: row.get("kind")?,
        timestamp: time(row, "at")?,
        actor: row.get("actor")?,
        changed: list(row, "changed")?,
        status: maybe_word(row, "status")?,
        generation: maybe_unsigned(row, "generation")?,
        cause: row.get("cause")?,
        fields: list(row, "fields")?,
    })
}

pub(super) fn ids_of_task(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    limit: usize,
) -> Result<Vec<u64>> {
    let sql = "SELECT id FROM changes WHERE project = ? AND subject = ? ORDER BY id DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![project.as_str(), subject_of(task), signed(limit as u64)];
    let rows = statement.query_map(arguments, |row| unsigned(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn entry_of(
    connection: &Connection,
    project: &ProjectId,
    id: u64,
) -> Result<Option<HistoryEntry>> {
    let sql = "SELECT * FROM changes WHERE project = ? AND id = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![project.as_str(), signed(id)], entry);
    Ok(row.optional()?)
}

fn subject_of(task: u64) -> String {
    format!("task:{task}")
}

pub(super) fn page(
    connection: &Connection,
    project: &ProjectId,
    query: &ChangeQuery,
) -> Result<ChangePage> {
    let mut page = ChangePage::default();
    let staged = staging::ranges(connection, project)?;
    let condition = match &query.subject {
        Some(_) => "AND subject = ?3",
        None => "AND ?3 IS NULL",
    };
    let sql = format!(
        "SELECT * FROM changes WHERE project = ?1 AND id < ?2 {condition} ORDER BY id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let before = query.before.map_or(i64::MAX, signed);
    let mut rows = statement.query(params![project.as_str(), before, query.subject])?;
    let (mut last, mut scanned, mut bytes) = (0, 0, 0);
    while let Some(row) = rows.next()? {
        if page.changes.len() >= query.limit
            || scanned >= CHANGES_SCANNED
            || bytes > PAGE_BYTES as u64
        {
            page.next = Some(last);
            break;
        }
        // Numbers rise with time, so all following records are older still.
        let at: i64 = row.get("at")?;
        if query.since.is_some_and(|since| at < since) {
            break;
        }
        last = unsigned(row, "id")?;
        scanned += 1;
        let actor: Option<String> = row.get("actor")?;
        if query.actor.is_some() && query.actor != actor {
            continue;
        }
        let change = change(row)?;
        if !is_staged(&change.subject, &staged) {
            bytes += unsigned(row, "bytes")?;
            page.changes.push(change);
        }
    }
    Ok(page)
}

pub(super) fn server_page(connection: &Connection, query: &ChangeQuery) -> Result<ChangePage> {
    page(connection, &SERVER.into(), query)
}

/// Returns true if the task is staged.
fn is_staged(subject: &str, ranges: &[(u64, u64)]) -> bool {
    if ranges.is_empty() {
        return false;
    }
    let number = subject.strip_prefix("task:");
    let number = number.and_then(|number| number.parse::<u64>().ok());
    number.is_some_and(|number| {
        let mut ranges = ranges.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&number))
    })
}

pub(super) fn newest(
    connection: &Connection,
    project: &ProjectId,
    subject: &str,
) -> Result<Option<ChangeRecord>> {
    let sql = "SELECT * FROM changes WHERE project = ? AND subject = ? ORDER BY id DESC LIMIT 1";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![project.as_str(), subject], change);
    Ok(row.optional()?)
}

pub(super) fn add(
    connection: &Connection,
    project: &ProjectId,
    subject: &str,
    entry: &HistoryEntry,
) -> Result<()> {
    let (changed, fields) = (json(&entry.changed)?, json(&entry.fields)?);
    let bytes = ENTRY_BYTES + subject.len() + changed.len() + fields.len();
    let sql = "INSERT INTO changes (project, id, subject, seq, at, kind, actor, changed, status, \
                 generation, cause, bytes, fields) \
               VALUES (?1, COALESCE((SELECT MAX(id) FROM changes WHERE project = ?1), 0) + 1, \
                 ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    connection.prepare_cached(sql)?.execute(params![
        project.as_str(),
        subject,
        signed(entry.seq),
        entry.timestamp.unix_millis(0),
        entry.kind,
        entry.actor,
        changed,
        entry.status.map(word).transpose()?,
        entry.generation.map(signed),
        entry.cause,
        signed(bytes as u64),
        fields,
    ])?;
    Ok(())
}

pub(super) fn add_of_server(
    connection: &Connection,
    subject: &str,
    entry: &HistoryEntry,
) -> Result<()> {
    add(connection, &SERVER.into(), subject, entry)
}

pub(super) fn extend(
    connection: &Connection,
    project: &ProjectId,
    id: u64,
    fields: &[FieldChange],
) -> Result<()> {
    let sql = "UPDATE changes SET fields = ?3, bytes = bytes - length(CAST(fields AS BLOB)) + ?4 \
               WHERE project = ?1 AND id = ?2";
    let fields = json(fields)?;
    let length = signed(fields.len() as u64);
    let arguments = params![project.as_str(), signed(id), fields, length];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn trim(
    connection: &Connection,
    project: &ProjectId,
    subject: &str,
    keep: usize,
) -> Result<()> {
    let sql = "DELETE FROM changes WHERE project = ?1 AND subject = ?2 AND id <= \
                 (SELECT id FROM changes WHERE project = ?1 AND subject = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)";
    let arguments = params![project.as_str(), subject, signed(keep as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn any_to_drop(connection: &Connection, until: i64, most: u64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM changes WHERE at <= ?1) \
               OR EXISTS (SELECT 1 FROM change_totals WHERE bytes > ?2)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([until, signed(most)], |row| row.get(0))?)
}

pub(super) fn drop_some(
    connection: &Connection,
    until: i64,
    most: u64,
    limit: usize,
) -> Result<bool> {
    let sql = "DELETE FROM changes WHERE (project, id) IN \
                 (SELECT project, id FROM changes WHERE at <= ? ORDER BY at LIMIT ?)";
    let arguments = params![until, signed(limit as u64)];
    let old = connection.prepare_cached(sql)?.execute(arguments)?;
    if old == 0 {
        drop_beyond(connection, most, limit)?;
    }
    any_to_drop(connection, until, most)
}

/// Removes the oldest records of a project that has more than `most` bytes of them.
fn drop_beyond(connection: &Connection, most: u64, limit: usize) -> Result<()> {
    let sql = "SELECT project, bytes - ?1 FROM change_totals WHERE bytes > ?1 LIMIT 1";
    let found: Option<(String, i64)> = connection
        .prepare_cached(sql)?
        .query_row([signed(most)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((project, excess)) = found else {
        return Ok(());
    };
    let sql = "DELETE FROM changes WHERE project = ?1 AND id IN ( \
                 SELECT id FROM ( \
                   SELECT id, SUM(bytes) OVER (ORDER BY id) - bytes AS before \
                   FROM (SELECT id, bytes FROM changes WHERE project = ?1 ORDER BY id LIMIT ?2)) \
                 WHERE before < ?3)";
    let arguments = params![project, signed(limit as u64), excess];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}
