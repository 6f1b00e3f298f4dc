//! Rows of runs: the harness sessions under an agent's name.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::agent::Run;
use tasktree_protocol::{AgentId, ProjectId};

use super::values::{id, maybe_time, maybe_unsigned, signed, time, unsigned};
use crate::EndedRun;
use crate::error::Result;
use crate::limits::RUNS_ENDED_AT_ONCE;

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    columns(row, "id", "parent", "started_at")
}

/// Columns of an ended run with its project, which is null if trashed.
const ENDED: &str =
    "*, (SELECT projects.id FROM projects WHERE crew_key = runs.project AND kept_at IS NULL) AS of";

fn ended(row: &Row<'_>) -> rusqlite::Result<EndedRun> {
    Ok(EndedRun {
        project: row.get::<_, Option<String>>("of")?.map(Into::into),
        agent: id(row, "agent")?,
        run: run(row)?,
    })
}

/// Reads the run that is joined to an agent's row, in which three columns are renamed.
pub(super) fn joined(row: &Row<'_>) -> rusqlite::Result<Option<Run>> {
    if maybe_unsigned(row, "run_id")?.is_none() {
        return Ok(None);
    }
    columns(row, "run_id", "run_parent", "run_started_at").map(Some)
}

fn columns(row: &Row<'_>, id: &str, parent: &str, started_at: &str) -> rusqlite::Result<Run> {
    Ok(Run {
        id: unsigned(row, id)?,
        source: row.get("source")?,
        session: row.get("session")?,
        machine: row.get("machine")?,
        folder: row.get("folder")?,
        parent: maybe_unsigned(row, parent)?,
        started_at: time(row, started_at)?,
        seen_at: time(row, "seen_at")?,
        ended_at: maybe_time(row, "ended_at")?,
        turn_open: row.get("turn_open")?,
        answers: row.get("answers")?,
    })
}

pub(super) fn of(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
    limit: usize,
) -> Result<Vec<Run>> {
    let sql = "SELECT * FROM runs WHERE project = ? AND agent = ? ORDER BY id DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![project.as_str(), agent.as_str(), signed(limit as u64)];
    let rows = statement.query_map(arguments, run)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
    id: u64,
) -> Result<Option<Run>> {
    let sql = "SELECT * FROM runs WHERE id = ? AND project = ? AND agent = ?";
    let arguments = params![signed(id), project.as_str(), agent.as_str()];
    let row = connection.prepare_cached(sql)?.query_row(arguments, run);
    Ok(row.optional()?)
}

pub(super) fn running(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
) -> Result<Option<Run>> {
    let sql = "SELECT * FROM runs WHERE project = ? AND agent = ? AND parent IS NULL \
               AND ended_at IS NULL ORDER BY id DESC LIMIT 1";
    let arguments = params![project.as_str(), agent.as_str()];
    let row = connection.prepare_cached(sql)?.query_row(arguments, run);
    Ok(row.optional()?)
}

pub(super) fn named(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
    source: &str,
    session: &str,
    machine: &str,
) -> Result<Option<Run>> {
    let sql = "SELECT * FROM runs WHERE project = ? AND agent = ? AND source = ? AND session = ? AND machine = ?";
    let arguments = params![project.as_str(), agent.as_str(), source, session, machine];
    let row = connection
        .prepare_cached(sql)?
        .query_row(arguments, run)
        .optional()?;
    Ok(row)
}

pub(super) fn of_session(
    connection: &Connection,
    project: &ProjectId,
    source: &str,
    session: &str,
) -> Result<Vec<(AgentId, Run)>> {
    let sql =
        "SELECT * FROM runs WHERE project = ? AND source = ? AND session = ? ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str(), source, session], |row| {
        Ok((id(row, "agent")?, run(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn with_open_turns(
    connection: &Connection,
    project: &ProjectId,
) -> Result<Vec<(AgentId, Run)>> {
    let sql = "SELECT * FROM runs WHERE project = ? AND turn_open ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| Ok((id(row, "agent")?, run(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
    run: &Run,
    keep: usize,
) -> Result<u64> {
    let sql = "INSERT INTO runs (project, agent, source, session, machine, folder, parent, started_at, seen_at, \
                 ended_at, turn_open, answers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        project.as_str(),
        agent.as_str(),
        run.source,
        run.session,
        run.machine,
        run.folder,
        run.parent.map(signed),
        run.started_at.unix_millis(0),
        run.seen_at.unix_millis(0),
        run.ended_at.map(|at| at.unix_millis(0)),
        run.turn_open,
        run.answers,
    ])?;
    let number = connection.last_insert_rowid();
    let sql = "DELETE FROM runs WHERE project = ?1 AND agent = ?2 AND ended_at IS NOT NULL AND id <= \
                 (SELECT id FROM runs WHERE project = ?1 AND agent = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)";
    let arguments = params![project.as_str(), agent.as_str(), signed(keep as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(number.unsigned_abs())
}

pub(super) fn put(connection: &Connection, run: &Run) -> Result<()> {
    let sql = "UPDATE runs SET folder = ?2, seen_at = ?3, ended_at = ?4, turn_open = ?5, answers = ?6 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        signed(run.id),
        run.folder,
        run.seen_at.unix_millis(0),
        run.ended_at.map(|at| at.unix_millis(0)),
        run.turn_open,
        run.answers,
    ])?;
    Ok(())
}

pub(super) fn end(connection: &Connection, id: u64, millis: i64) -> Result<Vec<EndedRun>> {
    let sql = format!(
        "WITH RECURSIVE below (id) AS (VALUES (?1) \
                 UNION SELECT runs.id FROM runs JOIN below ON runs.parent = below.id) \
               UPDATE runs SET ended_at = ?2, turn_open = 0 WHERE ended_at IS NULL AND id IN below RETURNING {ENDED}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![signed(id), millis], ended)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn has_children_until(connection: &Connection, millis: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL AND parent IS NOT NULL AND seen_at <= ?)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([millis], |row| row.get(0))?)
}

pub(super) fn end_children_until(connection: &Connection, millis: i64) -> Result<Vec<EndedRun>> {
    let sql = format!(
        "UPDATE runs SET ended_at = seen_at, turn_open = 0 WHERE id IN \
           (SELECT id FROM runs WHERE ended_at IS NULL AND parent IS NOT NULL AND seen_at <= ? LIMIT ?) \
         RETURNING {ENDED}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![millis, signed(RUNS_ENDED_AT_ONCE as u64)];
    let rows = statement.query_map(arguments, ended)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
