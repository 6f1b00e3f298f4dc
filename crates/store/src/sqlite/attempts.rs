//! Rows of claims: each attempt at a task, from its start to its end.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::task::Attempt;
use tasktree_protocol::{AgentId, ProjectId};

use super::values::{
    id, json_of, maybe_json, maybe_time, maybe_word, signed, time, unsigned, word,
};
use crate::ClaimBase;
use crate::error::Result;

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        generation: unsigned(row, "generation")?,
        agent: id(row, "agent")?,
        started_at: time(row, "started_at")?,
        ended_at: maybe_time(row, "ended_at")?,
        outcome: maybe_word(row, "outcome")?,
        reason: row.get("reason")?,
        evidence: maybe_json(row, "evidence")?,
        verdict: maybe_word(row, "verdict")?,
    })
}

pub(super) fn of(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    limit: usize,
) -> Result<Vec<Attempt>> {
    let sql =
        "SELECT * FROM attempts WHERE project = ? AND task = ? ORDER BY generation DESC LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![project.as_str(), signed(task), signed(limit as u64)];
    let rows = statement.query_map(arguments, attempt)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn last_generation(
    connection: &Connection,
    project: &ProjectId,
    agent: &AgentId,
) -> Result<u64> {
    let sql = "SELECT COALESCE(MAX(generation), 0) AS last FROM attempts \
               WHERE project = ? AND agent = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let key = [project.as_str(), agent.as_str()];
    Ok(statement.query_row(key, |row| unsigned(row, "last"))?)
}

pub(super) fn put(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    attempt: &Attempt,
) -> Result<()> {
    let sql = "INSERT INTO attempts (project, task, generation, agent, started_at, ended_at, outcome, reason, evidence, \
                 verdict) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (project, task, generation) DO UPDATE SET agent = ?4, started_at = ?5, ended_at = ?6, \
                 outcome = ?7, reason = ?8, evidence = ?9, verdict = ?10";
    connection.prepare_cached(sql)?.execute(params![
        project.as_str(),
        signed(task),
        signed(attempt.generation),
        attempt.agent.as_str(),
        attempt.started_at.unix_millis(0),
        attempt.ended_at.map(|at| at.unix_millis(0)),
        attempt.outcome.map(word).transpose()?,
        attempt.reason,
        json_of(attempt.evidence.as_ref())?,
        attempt.verdict.map(word).transpose()?,
    ])?;
    Ok(())
}

pub(super) fn base(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    generation: u64,
) -> Result<Option<ClaimBase>> {
    let sql = "SELECT base FROM attempts WHERE project = ? AND task = ? AND generation = ?";
    let arguments = params![project.as_str(), signed(task), signed(generation)];
    let row = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| maybe_json(row, "base"));
    Ok(row.optional()?.flatten())
}

pub(super) fn put_base(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    generation: u64,
    base: &ClaimBase,
) -> Result<()> {
    let sql = "UPDATE attempts SET base = ? WHERE project = ? AND task = ? AND generation = ?";
    connection.prepare_cached(sql)?.execute(params![
        json_of(Some(base))?,
        project.as_str(),
        signed(task),
        signed(generation),
    ])?;
    Ok(())
}

pub(super) fn trim(
    connection: &Connection,
    project: &ProjectId,
    task: u64,
    keep: usize,
) -> Result<()> {
    let sql = "DELETE FROM attempts WHERE project = ?1 AND task = ?2 AND generation <= \
                 (SELECT generation FROM attempts WHERE project = ?1 AND task = ?2 \
                  ORDER BY generation DESC LIMIT 1 OFFSET ?3)";
    let arguments = params![project.as_str(), signed(task), signed(keep as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}
