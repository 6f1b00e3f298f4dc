//! Resets of all tasks.
//!
//! One row shows a reset at once, whatever the number of tasks. The rows of tasks are written after
//! that; a counter in each tells which resets it has seen.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::{AgentId, ProjectId};

use super::agents;
use super::keys::{self, Space};
use super::values::{
    Word, id, json_of, maybe_json, maybe_time, maybe_word, signed, time, unsigned, word,
};
use crate::error::Result;
use crate::{PendingReset, StoredAgent, TaskBefore, UndoRow};

/// Reads the reset that is joined to a project's row.
pub(super) fn joined(row: &Row<'_>) -> rusqlite::Result<Option<PendingReset>> {
    let undo: Option<String> = row.get("undo")?;
    let Some(undo) = undo else {
        return Ok(None);
    };
    Ok(Some(PendingReset {
        at: time(row, "at")?,
        seq: unsigned(row, "seq")?,
        actor: row.get("actor")?,
        undo,
        next: unsigned(row, "next")?,
        last: unsigned(row, "last")?,
    }))
}

pub(super) fn projects(connection: &Connection) -> Result<Vec<ProjectId>> {
    let sql = "SELECT projects.id AS id FROM resets JOIN projects ON projects.rows_key = resets.project \
               WHERE kept_at IS NULL ORDER BY projects.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn begin(connection: &Connection, space: &Space, reset: &PendingReset) -> Result<()> {
    let sql = "UPDATE projects SET resets = resets + 1 WHERE id = ?";
    connection
        .prepare_cached(sql)?
        .execute([space.id.as_str()])?;
    let sql = "INSERT INTO resets (project, at, seq, actor, undo, next, last) VALUES (?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        space.rows.as_str(),
        reset.at.unix_millis(0),
        signed(reset.seq),
        reset.actor,
        reset.undo,
        signed(reset.next),
        signed(reset.last),
    ])?;
    Ok(())
}

pub(super) fn advance(connection: &Connection, space: &Space, next: u64) -> Result<()> {
    let sql = "UPDATE resets SET next = ? WHERE project = ?";
    let arguments = params![signed(next), space.rows.as_str()];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn end(connection: &Connection, space: &Space) -> Result<()> {
    let sql = "DELETE FROM resets WHERE project = ?";
    connection
        .prepare_cached(sql)?
        .execute([space.rows.as_str()])?;
    Ok(())
}

pub(super) fn dismiss(
    connection: &Connection,
    space: &Space,
    millis: i64,
) -> Result<Option<String>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM agents WHERE project = ?)";
    let crew = space.crew.as_str();
    let any: bool = connection
        .prepare_cached(sql)?
        .query_row([crew], |row| row.get(0))?;
    if !any {
        return Ok(None);
    }
    let sql = "UPDATE attempts SET ended_at = ?3, outcome = 'reset' WHERE ended_at IS NULL AND (project, task, generation) IN \
                 (SELECT ?2, task, generation FROM agents WHERE project = ?1 AND generation IS NOT NULL)";
    let arguments = params![crew, space.rows.as_str(), millis];
    connection.prepare_cached(sql)?.execute(arguments)?;
    let sql = "INSERT INTO dismissed (project, agent, crew) SELECT ?2, id, project FROM agents WHERE project = ?1";
    let arguments = [crew, space.rows.as_str()];
    connection.prepare_cached(sql)?.execute(arguments)?;
    let fresh = keys::fresh();
    let sql = "UPDATE projects SET crew_key = ? WHERE id = ?";
    connection
        .prepare_cached(sql)?
        .execute([&fresh, space.id.as_str()])?;
    Ok(Some(crew.to_owned()))
}

pub(super) fn dismissed(
    connection: &Connection,
    space: &Space,
    limit: usize,
) -> Result<Vec<AgentId>> {
    let sql = "SELECT agent FROM dismissed WHERE project = ? ORDER BY agent LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![space.rows.as_str(), signed(limit as u64)];
    let rows = statement.query_map(arguments, |row| id(row, "agent"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn dismissed_agent(
    connection: &Connection,
    space: &Space,
    agent: &AgentId,
) -> Result<Option<StoredAgent>> {
    let sql = "SELECT crew FROM dismissed WHERE project = ? AND agent = ?";
    let crew: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([space.rows.as_str(), agent.as_str()], |row| row.get(0))
        .optional()?;
    let Some(crew) = crew else {
        return Ok(None);
    };
    let former = Space {
        crew: crew.into(),
        ..space.clone()
    };
    agents::one(connection, &former, agent)
}

pub(super) fn end_dismissed(connection: &Connection, space: &Space, agent: &AgentId) -> Result<()> {
    let sql = "DELETE FROM dismissed WHERE project = ? AND agent = ?";
    connection
        .prepare_cached(sql)?
        .execute([space.rows.as_str(), agent.as_str()])?;
    Ok(())
}

pub(super) fn undo_agents(
    connection: &Connection,
    undo: &UndoRow,
    limit: usize,
) -> Result<Vec<AgentId>> {
    let sql = "SELECT id FROM agents WHERE project = ? ORDER BY id LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![undo.crew, signed(limit as u64)], |row| {
        id(row, "id")
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn bring_back_agent(
    connection: &Connection,
    space: &Space,
    undo: &UndoRow,
    agent: &AgentId,
) -> Result<()> {
    let (crew, agent) = (space.crew.as_str(), agent.as_str());
    let sql = "UPDATE agents SET project = ?, run = NULL WHERE project = ? AND id = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![crew, undo.crew, agent])?;
    let sql = "UPDATE messages SET project = ? WHERE project = ? AND recipient = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![crew, undo.crew, agent])?;
    Ok(())
}

pub(super) fn drop_undo_agent(
    connection: &Connection,
    undo: &UndoRow,
    agent: &AgentId,
) -> Result<()> {
    let sql = "DELETE FROM agents WHERE project = ? AND id = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![undo.crew, agent.as_str()])?;
    Ok(())
}

fn task_before(row: &Row<'_>) -> rusqlite::Result<TaskBefore> {
    Ok(TaskBefore {
        number: unsigned(row, "task")?,
        rev: unsigned(row, "rev")?,
        status: row.get::<_, Word<_>>("status")?.0,
        session: row.get("session")?,
        status_changed_at: maybe_time(row, "status_changed_at")?,
        completed_at: maybe_time(row, "completed_at")?,
        holder: row.get::<_, Option<String>>("holder")?.map(AgentId::from),
        evidence: maybe_json(row, "evidence")?,
        verdict: maybe_word(row, "verdict")?,
    })
}

pub(super) fn undo_tasks(
    connection: &Connection,
    undo: &str,
    in_progress: bool,
    limit: usize,
) -> Result<Vec<TaskBefore>> {
    let sql = "SELECT * FROM undo_tasks WHERE undo = ? AND (status = 'in_progress') = ? ORDER BY task LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(
        params![undo, in_progress, signed(limit as u64)],
        task_before,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn undo_task(
    connection: &Connection,
    undo: &str,
    number: u64,
) -> Result<Option<TaskBefore>> {
    let sql = "SELECT * FROM undo_tasks WHERE undo = ? AND task = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![undo, signed(number)], task_before);
    Ok(row.optional()?)
}

pub(super) fn add_undo_task(connection: &Connection, undo: &str, task: &TaskBefore) -> Result<()> {
    let sql = "INSERT INTO undo_tasks (undo, task, rev, status, session, status_changed_at, completed_at, holder, evidence, verdict) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        undo,
        signed(task.number),
        signed(task.rev),
        task.status.as_str(),
        task.session,
        task.status_changed_at.map(|at| at.unix_millis(0)),
        task.completed_at.map(|at| at.unix_millis(0)),
        task.holder.as_ref().map(AgentId::as_str),
        json_of(task.evidence.as_ref())?,
        task.verdict.map(word).transpose()?,
    ])?;
    Ok(())
}

pub(super) fn delete_undo_task(connection: &Connection, undo: &str, number: u64) -> Result<()> {
    let sql = "DELETE FROM undo_tasks WHERE undo = ? AND task = ?";
    connection
        .prepare_cached(sql)?
        .execute(params![undo, signed(number)])?;
    Ok(())
}
