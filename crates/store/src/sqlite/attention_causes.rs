//! Queries for agents and tasks that need attention, each answered by an index.

use rusqlite::{Connection, Row, params};
use tasktree_protocol::{AgentId, ProjectId, Timestamp};

use super::keys::Space;
use super::values::{id, signed, unsigned};
use crate::error::Result;

/// Condition that an agent has no attention item.
const UNNOTICED: &str = "NOT EXISTS (SELECT 1 FROM attention \
     WHERE attention.project = projects.id AND attention.subject = 'agent:' || agents.id)";

/// Condition that an agent could claim a task: it is heard from, holds none, and its harness has no
/// turn open.
const FREE: &str = "agents.status IN ('running', 'idle') AND agents.silent = 0 \
     AND agents.generation IS NULL AND NOT EXISTS (SELECT 1 FROM runs \
       WHERE runs.project = agents.project AND runs.agent = agents.id AND runs.turn_open)";

fn agent(row: &Row<'_>) -> rusqlite::Result<(ProjectId, AgentId)> {
    let (project, agent): (String, String) = (row.get(0)?, row.get(1)?);
    Ok((project.into(), agent.into()))
}

pub(super) fn without_progress(
    connection: &Connection,
    until: i64,
) -> Result<Vec<(ProjectId, AgentId)>> {
    let sql = format!(
        "SELECT projects.id, agents.id FROM agents JOIN projects ON projects.crew_key = agents.project \
         WHERE agents.status = 'running' AND agents.silent = 0 AND progressed_at <= ? AND kept_at IS NULL \
           AND (generation IS NOT NULL OR EXISTS (SELECT 1 FROM runs WHERE runs.id = agents.run AND turn_open)) \
           AND {UNNOTICED} ORDER BY projects.id, agents.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([until], agent)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn overdue_waits(
    connection: &Connection,
    now: i64,
) -> Result<Vec<(ProjectId, AgentId)>> {
    let sql = format!(
        "SELECT projects.id, agents.id FROM agents JOIN projects ON projects.crew_key = agents.project \
         WHERE agents.status = 'waiting' AND json_extract(waiting_for, '$.until') <= ? \
           AND kept_at IS NULL AND {UNNOTICED} ORDER BY projects.id, agents.id"
    );
    let now = Timestamp::from_unix_millis(now).to_string();
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([now], agent)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn failed(
    connection: &Connection,
    space: &Space,
    task: Option<u64>,
) -> Result<Vec<AgentId>> {
    let at = if task.is_some() {
        "task = ?2"
    } else {
        "?2 IS NULL"
    };
    let sql = format!(
        "SELECT id FROM agents WHERE project = ?1 AND status = 'failed' AND {at} ORDER BY task, id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let arguments = params![space.crew.as_str(), task.map(signed)];
    let rows = statement.query_map(arguments, |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn contradicted(connection: &Connection, space: &Space) -> Result<Vec<u64>> {
    let sql = format!(
        "SELECT number FROM shown_tasks WHERE project = ? AND verdict = 'contradicted' \
         AND deleted_at IS NULL AND {} = 'completed' ORDER BY number",
        space.status_of("shown_tasks")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([space.rows.as_str()], |row| unsigned(row, "number"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn has_free(connection: &Connection, space: &Space) -> Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM agents WHERE agents.project = ? AND {FREE})");
    Ok(connection
        .prepare_cached(&sql)?
        .query_row([space.crew.as_str()], |row| row.get(0))?)
}

pub(super) fn projects_with_free(connection: &Connection) -> Result<Vec<ProjectId>> {
    let sql = format!(
        "SELECT id FROM projects WHERE kept_at IS NULL AND EXISTS (SELECT 1 FROM agents \
           WHERE agents.project = projects.crew_key AND {FREE}) ORDER BY id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let steps = statement
            .query_map([1], |row| row.get::<_, String>("detail"))
            .unwrap();
        let steps: Vec<String> = steps.map(std::result::Result::unwrap).collect();
        steps.join("\n")
    }

    #[test]
    fn agents_that_are_due_are_found_by_time_and_not_by_reading_all() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let steps = plan(
            &connection,
            "SELECT id FROM agents WHERE agents.status = 'running' AND agents.silent = 0 AND progressed_at <= ?",
        );
        assert!(steps.contains("agents_progress"), "{steps}");
        let steps = plan(
            &connection,
            "SELECT id FROM agents WHERE agents.status = 'waiting' AND json_extract(waiting_for, '$.until') <= ?",
        );
        assert!(steps.contains("agents_until"), "{steps}");
        let steps = plan(
            &connection,
            "SELECT id FROM agents WHERE project = 'a' AND status = 'failed' AND task = ? ORDER BY task, id",
        );
        assert!(
            steps.contains("agents_failed (project=? AND task=?)"),
            "{steps}"
        );
    }
}
