//! Rows of agents.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::{Agent, AgentId, ProjectId, TaskId};

use super::keys::Space;
use super::runs;
use super::values::{
    Word, id, json_of, maybe_json, maybe_time, maybe_unsigned, signed, time, unsigned, word,
};
use crate::error::Result;
use crate::{Signs, SilentSince, StoredAgent};

/// Query for agents with the title of their task, their newest run and their number of subagents.
///
/// The title is null if the task was removed. Subagents are counted over all runs, and as 0 for an
/// agent that has finished.
const SELECT: &str = "SELECT agents.*, tasks.title AS task_title, runs.id AS run_id, runs.source, runs.session, \
     runs.machine, runs.folder, runs.parent AS run_parent, runs.started_at AS run_started_at, runs.seen_at, \
     runs.ended_at, runs.turn_open, runs.answers, \
     CASE WHEN agents.status IN ('completed', 'failed') THEN 0 ELSE \
       (SELECT COUNT(*) FROM runs AS child WHERE child.project = agents.project AND child.agent = agents.id \
         AND child.parent IS NOT NULL AND child.ended_at IS NULL) END AS children \
     FROM agents LEFT JOIN tasks \
     ON tasks.project = ?1 AND tasks.number = agents.task AND tasks.deleted_at IS NULL \
     LEFT JOIN runs ON runs.id = agents.run";

fn agent(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<StoredAgent> {
    let name: String = row.get("id")?;
    let number: Option<i64> = row.get("task")?;
    let task = number.map(|number| TaskId::new(number.unsigned_abs(), project).to_string());
    let title: Option<String> = row.get("task_title")?;
    Ok(StoredAgent {
        agent: Agent {
            id: name.as_str().into(),
            session_name: name,
            task_id: task.unwrap_or_default(),
            task_title: title.unwrap_or_default(),
            branch: row.get("branch")?,
            status: row.get::<_, Word<_>>("status")?.0,
            progress: row.get("progress")?,
            started_at: time(row, "started_at")?,
            logs: Vec::new(),
            last_activity: row.get("last_activity")?,
            output_preview: row.get("output_preview")?,
            description: row.get("description")?,
            last_heartbeat: maybe_time(row, "last_heartbeat")?,
            is_alive: false,
            generation: maybe_unsigned(row, "generation")?,
            waiting_for: maybe_json(row, "waiting_for")?,
            progressed_at: maybe_time(row, "progressed_at")?,
            reason: row.get("reason")?,
            run: runs::joined(row)?,
            children: row.get("children")?,
        },
        silent: row.get("silent")?,
        registered_by: row.get("registered_by")?,
        signs: Signs(row.get("signs")?),
        lost_task: maybe_unsigned(row, "lost_task")?,
    })
}

/// Returns the leading arguments of [`SELECT`] and its condition: the keys of tasks and of agents.
fn keys(space: &Space) -> [&str; 2] {
    [space.rows.as_str(), space.crew.as_str()]
}

pub(super) fn all(connection: &Connection, space: &Space) -> Result<Vec<StoredAgent>> {
    let sql = format!("{SELECT} WHERE agents.project = ?2 ORDER BY agents.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(keys(space), |row| agent(row, &space.id))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn ids(connection: &Connection, space: &Space) -> Result<Vec<AgentId>> {
    let sql = "SELECT id FROM agents WHERE project = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([space.crew.as_str()], |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(
    connection: &Connection,
    space: &Space,
    id: &AgentId,
) -> Result<Option<StoredAgent>> {
    let [rows, crew] = keys(space);
    let sql = format!("{SELECT} WHERE agents.project = ?2 AND agents.id = ?3");
    let row = connection
        .prepare_cached(&sql)?
        .query_row([rows, crew, id.as_str()], |row| agent(row, &space.id));
    Ok(row.optional()?)
}

pub(super) fn count(connection: &Connection, space: &Space) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS count FROM agents WHERE project = ?";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([space.crew.as_str()], |row| unsigned(row, "count"))?)
}

/// Query for the agent to evict, answered by the index `agents_state`.
///
/// In the agents' rows these columns come after the texts.
const TO_REPLACE: &str = "SELECT id FROM agents \
     WHERE project = ? AND (silent OR status IN ('completed', 'failed')) \
     ORDER BY status NOT IN ('completed', 'failed'), last_heartbeat, id LIMIT 1";

pub(super) fn to_replace(connection: &Connection, space: &Space) -> Result<Option<AgentId>> {
    let row = connection
        .prepare_cached(TO_REPLACE)?
        .query_row([space.crew.as_str()], |row| id(row, "id"));
    Ok(row.optional()?)
}

pub(super) fn of_tokens(connection: &Connection, space: &Space) -> Result<Vec<(AgentId, String)>> {
    let sql = "SELECT agents.id, credentials.id FROM credentials CROSS JOIN agents \
                 ON agents.project = ?1 AND agents.id = credentials.name \
               WHERE credentials.project = ?2 AND role = 'agent' AND revoked_at IS NULL \
                 AND registered_by IS NOT 'credential:' || credentials.id";
    let mut statement = connection.prepare_cached(sql)?;
    let keys = [space.crew.as_str(), space.id.as_str()];
    let rows = statement.query_map(keys, |row| {
        let agent: String = row.get(0)?;
        Ok((agent.into(), row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn active(connection: &Connection, space: &Space) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS count FROM agents WHERE project = ? AND silent = 0 AND status IN ('running', 'waiting')";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([space.crew.as_str()], |row| unsigned(row, "count"))?)
}

pub(super) fn not_heard(
    connection: &Connection,
    since: &SilentSince,
    now: i64,
) -> Result<Vec<(ProjectId, AgentId)>> {
    // Harnesses report nothing while their agents rest; scripts that use the API do.
    let sql = "SELECT projects.id, agents.id FROM agents JOIN projects ON projects.crew_key = agents.project \
               WHERE kept_at IS NULL AND silent = 0 AND status IN ('running', 'idle', 'waiting') \
               AND (last_heartbeat > ?4 OR (last_heartbeat <= ?1 AND last_heartbeat <= CASE \
                 WHEN status <> 'running' AND EXISTS ( \
                   SELECT 1 FROM runs WHERE runs.project = agents.project AND runs.agent = agents.id \
                     AND runs.parent IS NULL AND runs.source <> 'api' AND runs.ended_at IS NULL) THEN ?3 \
                 WHEN EXISTS ( \
                   SELECT 1 FROM runs WHERE runs.project = agents.project AND runs.agent = agents.id \
                     AND runs.turn_open AND runs.ended_at IS NULL) THEN ?2 \
                 ELSE ?1 END)) \
               ORDER BY projects.id, agents.id";
    let mut statement = connection.prepare_cached(sql)?;
    // Agents of trashed projects stay as they are until the project is restored.
    let arguments = params![since.usual, since.busy, since.resting, now];
    let rows = statement.query_map(arguments, |row| {
        let (project, agent): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((project.into(), agent.into()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put(connection: &Connection, space: &Space, stored: &StoredAgent) -> Result<()> {
    let sql = "INSERT INTO agents (project, id, task, branch, status, progress, started_at, last_activity, output_preview, \
                 description, last_heartbeat, silent, registered_by, generation, waiting_for, progressed_at, \
                 reason, run, signs, lost_task) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
               ON CONFLICT (project, id) DO UPDATE SET task = ?3, branch = ?4, status = ?5, progress = ?6, started_at = ?7, \
                 last_activity = ?8, output_preview = ?9, description = ?10, last_heartbeat = ?11, silent = ?12, \
                 registered_by = ?13, generation = ?14, waiting_for = ?15, progressed_at = ?16, reason = ?17, run = ?18, \
                 signs = ?19, lost_task = ?20";
    let agent = &stored.agent;
    let number = agent.task().and_then(|task| task.number_in(&space.id));
    connection.prepare_cached(sql)?.execute(params![
        space.crew.as_str(),
        agent.id.as_str(),
        number.map(signed),
        agent.branch,
        word(agent.status)?,
        agent.progress,
        agent.started_at.unix_millis(0),
        agent.last_activity,
        agent.output_preview,
        agent.description,
        agent.last_heartbeat.map(|at| at.unix_millis(0)),
        stored.silent,
        stored.registered_by,
        agent.generation.map(signed),
        json_of(agent.waiting_for.as_ref())?,
        agent.progressed_at.map(|at| at.unix_millis(0)),
        agent.reason,
        agent.run.as_ref().map(|run| signed(run.id)),
        stored.signs.0,
        stored.lost_task.map(signed),
    ])?;
    Ok(())
}

pub(super) fn delete(connection: &Connection, space: &Space, id: &AgentId) -> Result<()> {
    let key = [space.crew.as_str(), id.as_str()];
    connection
        .prepare_cached("DELETE FROM messages WHERE project = ? AND recipient = ?")?
        .execute(key)?;
    connection
        .prepare_cached("DELETE FROM runs WHERE project = ? AND agent = ?")?
        .execute(key)?;
    connection
        .prepare_cached("DELETE FROM agents WHERE project = ? AND id = ?")?
        .execute(key)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn the_agent_that_makes_room_is_found_without_reading_rows() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {TO_REPLACE}");
        let mut statement = connection.prepare(&plan).unwrap();
        let steps = statement.query_map(["alpha"], |row| row.get("detail"));
        let steps: Vec<String> = steps.unwrap().map(std::result::Result::unwrap).collect();
        let reads = |step: &String| step.contains("COVERING INDEX agents_state");
        assert!(steps.iter().any(reads), "{steps:#?}");
    }
}
