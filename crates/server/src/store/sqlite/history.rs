//! What happened to each task. It stays when the log of its project has gone past it.

use rusqlite::{Connection, Row, params};
use tasktree_protocol::ProjectId;

use super::rows::{Word, json, list, maybe_unsigned, signed, time, unsigned, word};
use crate::error::Result;
use crate::store::HistoryEntry;

fn entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    Ok(HistoryEntry {
        seq: unsigned(row, "seq")?,
        kind: row.get("kind")?,
        timestamp: time(row, "at")?,
        actor: row.get("actor")?,
        changed: list(row, "changed")?,
        status: row.get::<_, Option<Word<_>>>("status")?.map(|word| word.0),
        generation: maybe_unsigned(row, "generation")?,
        cause: row.get("cause")?,
        fields: list(row, "fields")?,
    })
}

pub(super) fn of(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    limit: usize,
) -> Result<Vec<HistoryEntry>> {
    let sql = "SELECT * FROM history WHERE project = ? AND task = ? ORDER BY seq DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![project.as_str(), signed(task), signed(limit as u64)];
    let rows = statement.query_map(arguments, entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    entry: &HistoryEntry,
) -> Result<()> {
    let sql = "INSERT INTO history (project, task, seq, at, kind, actor, changed, status, generation, \
                 cause, fields) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        project.as_str(),
        signed(task),
        signed(entry.seq),
        entry.timestamp.unix_millis(0),
        entry.kind,
        entry.actor,
        json(&entry.changed)?,
        entry.status.map(word).transpose()?,
        entry.generation.map(signed),
        entry.cause,
        json(&entry.fields)?,
    ])?;
    Ok(())
}

pub(super) fn trim(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    keep: usize,
) -> Result<()> {
    let sql = "DELETE FROM history WHERE project = ?1 AND task = ?2 AND seq <= \
                 (SELECT seq FROM history WHERE project = ?1 AND task = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)";
    let arguments = params![project.as_str(), signed(task), signed(keep as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn any_until(connection: &Connection, millis: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM history WHERE at <= ?)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([millis], |row| row.get(0))?)
}

pub(super) fn remove_until(connection: &Connection, millis: i64, limit: usize) -> Result<()> {
    let sql = "DELETE FROM history WHERE (project, task, seq) IN \
                 (SELECT project, task, seq FROM history WHERE at <= ? ORDER BY at LIMIT ?)";
    let arguments = params![millis, signed(limit as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}
