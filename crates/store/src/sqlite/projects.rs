//! Rows of projects.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::{Project, ProjectId, StreamId};

use super::keys::{self, Kind};
use super::values::{id, signed, time, unsigned};
use crate::ImportSource;
use crate::error::{Error, Result};

const SELECT: &str = "SELECT id, name, path, description, project_overview, initial_prompt, plan, max_agents, active, \
     created_at, updated_at, git_remote, is_git_repo, demo, main_branch FROM projects";

pub(super) fn project(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        id: id(row, "id")?,
        name: row.get("name")?,
        path: row.get("path")?,
        description: row.get("description")?,
        project_overview: row.get("project_overview")?,
        initial_prompt: row.get("initial_prompt")?,
        plan: row.get("plan")?,
        max_agents: row.get("max_agents")?,
        active: row.get("active")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        git_remote: row.get("git_remote")?,
        is_git_repo: row.get("is_git_repo")?,
        demo: row.get("demo")?,
        main_branch: row.get("main_branch")?,
    })
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Project>> {
    let sql = format!("{SELECT} WHERE kept_at IS NULL ORDER BY ordinal");
    let mut statement = connection.prepare_cached(&sql)?;
    let projects = statement
        .query_map([], project)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(projects)
}

pub(super) fn ids(connection: &Connection) -> Result<Vec<ProjectId>> {
    let sql = "SELECT id FROM projects WHERE kept_at IS NULL ORDER BY ordinal";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| id(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn folders(connection: &Connection) -> Result<Vec<(ProjectId, String)>> {
    let sql = "SELECT id, path FROM projects WHERE kept_at IS NULL ORDER BY ordinal";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((id(row, "id")?, row.get("path")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(connection: &Connection, id: &ProjectId) -> Result<Option<Project>> {
    let sql = format!("{SELECT} WHERE id = ? AND kept_at IS NULL");
    Ok(connection
        .prepare_cached(&sql)?
        .query_row([id.as_str()], project)
        .optional()?)
}

/// Returns the files that projects were imported from, oldest project first.
pub(super) fn import_sources(connection: &Connection) -> Result<Vec<(ProjectId, ImportSource)>> {
    let sql = "SELECT id, import_source FROM projects \
               WHERE kept_at IS NULL AND import_source IS NOT NULL ORDER BY ordinal";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((id(row, "id")?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (id, source) = row?;
        Ok((id, serde_json::from_str(&source)?))
    })
    .collect()
}

/// Stores the file that a project was imported from, or clears it.
pub(super) fn put_import_source(
    connection: &Connection,
    id: &ProjectId,
    source: Option<&ImportSource>,
) -> Result<()> {
    let sql = "UPDATE projects SET import_source = ?2 WHERE id = ?1";
    let source = source.map(serde_json::to_string).transpose()?;
    connection
        .prepare_cached(sql)?
        .execute(params![id.as_str(), source])?;
    Ok(())
}

/// Removes the projects of imports that were interrupted before they showed a task.
pub(super) fn remove_unfinished(connection: &Connection) -> Result<()> {
    let empty: Vec<ProjectId> = import_sources(connection)?
        .into_iter()
        .filter_map(|(id, source)| source.unfinished.then_some(id))
        .collect();
    for id in empty {
        let sql = "SELECT EXISTS (SELECT 1 FROM shown_tasks JOIN projects ON project = rows_key WHERE id = ?)";
        let has_tasks: bool = connection.query_row(sql, [id.as_str()], |row| row.get(0))?;
        if !has_tasks {
            delete(connection, &id)?;
        }
    }
    Ok(())
}

pub(super) fn exists(connection: &Connection, id: &ProjectId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM projects WHERE id = ? AND kept_at IS NULL)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([id.as_str()], |row| row.get(0))?)
}

fn number(connection: &Connection, sql: &str, id: &ProjectId) -> Result<u64> {
    let number = connection
        .prepare_cached(sql)?
        .query_row([id.as_str()], |row| unsigned(row, "number"))
        .optional()?;
    Ok(number.unwrap_or(0))
}

pub(super) fn agents_registered(connection: &Connection, id: &ProjectId) -> Result<u64> {
    number(
        connection,
        "SELECT agents_registered AS number FROM projects WHERE id = ?",
        id,
    )
}

pub(super) fn last_number(connection: &Connection, id: &ProjectId) -> Result<u64> {
    number(
        connection,
        "SELECT last_number AS number FROM projects WHERE id = ?",
        id,
    )
}

pub(super) fn take_number(connection: &Connection, id: &ProjectId) -> Result<u64> {
    let sql = "UPDATE projects SET last_number = last_number + 1 WHERE id = ? \
               RETURNING last_number AS number";
    number(connection, sql, id)
}

/// Takes `count` numbers; returns the first.
pub(super) fn take_numbers(connection: &Connection, id: &ProjectId, count: u64) -> Result<u64> {
    let sql = "UPDATE projects SET last_number = last_number + ?2 WHERE id = ?1 \
               RETURNING last_number - ?2 + 1 AS number";
    let first = connection
        .prepare_cached(sql)?
        .query_row(params![id.as_str(), signed(count)], |row| {
            unsigned(row, "number")
        })
        .optional()?;
    first.ok_or_else(|| Error::no_project(id))
}

pub(super) fn count_agent(connection: &Connection, id: &ProjectId) -> Result<()> {
    let sql = "UPDATE projects SET agents_registered = agents_registered + 1 WHERE id = ?";
    connection.prepare_cached(sql)?.execute([id.as_str()])?;
    Ok(())
}

pub(super) fn put(connection: &Connection, project: &Project) -> Result<()> {
    let sql = "INSERT INTO projects (id, ordinal, name, path, max_agents, active, demo, created_at, updated_at, git_remote, \
                 is_git_repo, last_number, agents_registered, description, project_overview, initial_prompt, plan, main_branch, \
                 rows_key, crew_key) \
               VALUES (?1, (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM projects), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, \
                 ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, path = excluded.path, max_agents = excluded.max_agents, \
                 active = excluded.active, demo = excluded.demo, created_at = excluded.created_at, \
                 updated_at = excluded.updated_at, git_remote = excluded.git_remote, is_git_repo = excluded.is_git_repo, \
                 description = excluded.description, project_overview = excluded.project_overview, \
                 initial_prompt = excluded.initial_prompt, plan = excluded.plan, main_branch = excluded.main_branch";
    connection.prepare_cached(sql)?.execute(params![
        project.id.as_str(),
        project.name,
        project.path,
        project.max_agents,
        project.active,
        project.demo,
        project.created_at.unix_millis(0),
        project.updated_at.unix_millis(0),
        project.git_remote,
        project.is_git_repo,
        project.description,
        project.project_overview,
        project.initial_prompt,
        project.plan,
        project.main_branch,
        keys::free(connection, Kind::Rows, project.id.as_str())?,
        keys::free(connection, Kind::Crew, project.id.as_str())?,
    ])?;
    Ok(())
}

/// Gives up the keys of a project's rows.
fn leave(connection: &Connection, id: &ProjectId) -> Result<()> {
    let sql = "SELECT rows_key, crew_key FROM projects WHERE id = ?";
    let keys: Option<(String, String)> = connection
        .prepare_cached(sql)?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((rows, crew)) = keys {
        keys::leave(connection, Kind::Rows, &rows)?;
        keys::leave(connection, Kind::Crew, &crew)?;
    }
    Ok(())
}

/// Gives a project new keys, which have no rows, and resets its counters.
pub(super) fn empty(connection: &Connection, id: &ProjectId) -> Result<()> {
    let rows = keys::free(connection, Kind::Rows, id.as_str())?;
    let crew = keys::free(connection, Kind::Crew, id.as_str())?;
    let sql = "UPDATE projects SET rows_key = ?2, crew_key = ?3, last_number = 0, agents_registered = 0, dependency_count = 0 \
               WHERE id = ?1";
    connection.execute(sql, [id.as_str(), &rows, &crew])?;
    Ok(())
}

pub(super) fn clear(connection: &Connection, id: &ProjectId) -> Result<()> {
    leave(connection, id)?;
    empty(connection, id)
}

pub(super) fn delete(connection: &Connection, id: &ProjectId) -> Result<()> {
    leave(connection, id)?;
    let sql = "DELETE FROM streams WHERE id = ? RETURNING log";
    let log: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([StreamId::project(id).as_str()], |row| row.get(0))
        .optional()?;
    if let Some(log) = log {
        keys::leave(connection, Kind::Log, &log)?;
    }
    connection.execute("DELETE FROM projects WHERE id = ?", [id.as_str()])?;
    Ok(())
}
