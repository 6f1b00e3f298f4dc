//! Trash: removed or reset projects, until they are restored or their retention ends.
//!
//! The row of such a project stays in its table, under a name that no identifier has, and with the
//! keys of its rows: see [`super::keys`]. So no read by identifier finds it, and to restore it is
//! to give that one row its identifier again.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::ProjectId;

use super::keys::{self, Kind, Space};
use super::projects;
use super::values::{Word, signed, time, word};
use crate::error::{Error, Result};
use crate::sqlite::schema;
use crate::{TrashedProject, TrashedState, UndoRow};

fn trashed(row: &Row<'_>) -> rusqlite::Result<TrashedProject> {
    let mut project = projects::project(row)?;
    let key = project.id.to_string();
    project.id = row.get::<_, String>("kept_of")?.into();
    Ok(TrashedProject {
        key,
        project,
        why: row.get::<_, Word<_>>("kept_why")?.0,
        at: time(row, "kept_at")?,
        by: row.get("kept_by")?,
    })
}

pub(super) fn keys(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT id FROM projects WHERE kept_at IS NOT NULL ORDER BY kept_at DESC, rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get("id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(connection: &Connection, key: &str) -> Result<Option<TrashedProject>> {
    let sql = "SELECT * FROM projects WHERE id = ? AND kept_at IS NOT NULL";
    let row = connection.prepare_cached(sql)?.query_row([key], trashed);
    Ok(row.optional()?)
}

/// Returns the trashed states of one project, newest first.
pub(super) fn of(connection: &Connection, project: &ProjectId) -> Result<Vec<TrashedState>> {
    let sql =
        "SELECT id, kept_why FROM projects WHERE kept_of = ? ORDER BY kept_at DESC, rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        Ok(TrashedState {
            key: row.get(0)?,
            why: row.get::<_, Word<_>>(1)?.0,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn any_until(connection: &Connection, millis: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM projects WHERE kept_at <= ?1) \
               OR EXISTS (SELECT 1 FROM undos WHERE made_at <= ?1) \
               OR EXISTS (SELECT 1 FROM credentials WHERE revoked_at <= ?1)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([millis], |row| row.get(0))?)
}

pub(super) fn keep(connection: &Connection, trashed: &TrashedProject, stay: bool) -> Result<()> {
    let (id, key) = (&trashed.project.id, trashed.key.as_str());
    let space = Space::find(connection, id)?.ok_or_else(|| Error::no_project(id))?;
    // Copies the row, so that a project that stays keeps its own row and its ordinal.
    let columns = "ordinal, name, path, max_agents, active, demo, created_at, updated_at, git_remote, is_git_repo, last_number, \
                   agents_registered, dependency_count, dependency_version, resets, rows_key, crew_key, description, project_overview, \
                   initial_prompt, plan, main_branch, import_source";
    connection.execute(
        &format!(
            "INSERT INTO projects (id, kept_of, kept_why, kept_at, kept_by, {columns}) \
             SELECT ?1, id, ?2, ?3, ?4, {columns} FROM projects WHERE id = ?5"
        ),
        params![
            key,
            word(trashed.why)?,
            trashed.at.unix_millis(0),
            trashed.by,
            id.as_str()
        ],
    )?;
    connection.execute("UPDATE streams SET id = ? WHERE id = ?", [key, id.as_str()])?;
    let sql = "DELETE FROM leases WHERE project = ?";
    connection.execute(sql, [space.rows.as_str()])?;
    if stay {
        projects::empty(connection, id)
    } else {
        connection.execute("DELETE FROM projects WHERE id = ?", [id.as_str()])?;
        Ok(())
    }
}

pub(super) fn bring_back(connection: &Connection, key: &str) -> Result<()> {
    let sql = "SELECT kept_of FROM projects WHERE id = ? AND kept_at IS NOT NULL";
    let id: Option<String> = connection
        .query_row(sql, [key], |row| row.get(0))
        .optional()?;
    let id =
        id.ok_or_else(|| Error::Internal(format!("The trash has no state with the key '{key}'.")))?;
    let sql = "UPDATE projects SET id = ?, kept_of = NULL, kept_why = NULL, kept_at = NULL, kept_by = NULL WHERE id = ?";
    connection.execute(sql, [&id, key])?;
    // Positions continue, so that events stay readable as history.
    let sql = "UPDATE streams SET id = ?, epoch = ?, epoch_after = seq WHERE id = ?";
    connection.execute(sql, [id.as_str(), &schema::new_name(), key])?;
    Ok(())
}

/// Removes the trashed state under a key permanently.
pub(super) fn remove(connection: &Connection, key: &str) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM projects WHERE id = ? AND kept_at IS NOT NULL)";
    let is_kept: bool = connection
        .prepare_cached(sql)?
        .query_row([key], |row| row.get(0))?;
    if is_kept {
        projects::delete(connection, &key.into())?;
    }
    Ok(())
}

pub(super) fn remove_until(connection: &Connection, millis: i64) -> Result<()> {
    let keys: Vec<String> = connection
        .prepare_cached("SELECT id FROM projects WHERE kept_at <= ?")?
        .query_map([millis], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for key in keys {
        remove(connection, &key)?;
    }
    let sql = "DELETE FROM undos WHERE made_at <= ? RETURNING id, crew";
    leave_undos(connection, sql, params![millis])?;
    // Their digests stay: see `restore`.
    let sql = "INSERT OR IGNORE INTO revocations (digest, revoked_at) \
               SELECT digest, revoked_at FROM credentials WHERE revoked_at <= ?";
    connection.execute(sql, [millis])?;
    connection.execute("DELETE FROM credentials WHERE revoked_at <= ?", [millis])?;
    Ok(())
}

/// Runs a statement that removes undo records and returns their names and the keys of their agents.
fn leave_undos(connection: &Connection, sql: &str, arguments: impl rusqlite::Params) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let gone: Vec<(String, Option<String>)> = statement
        .query_map(arguments, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, crew) in gone {
        leave_undo(connection, &id, crew)?;
    }
    Ok(())
}

/// Gives up the keys of the tasks and agents of an undo record.
pub(super) fn leave_undo(connection: &Connection, id: &str, crew: Option<String>) -> Result<()> {
    keys::leave(connection, Kind::Undo, id)?;
    match crew {
        Some(crew) => keys::leave(connection, Kind::Crew, &crew),
        None => Ok(()),
    }
}

pub(super) fn undos(connection: &Connection, project: &ProjectId) -> Result<Vec<UndoRow>> {
    let sql = "SELECT * FROM undos WHERE project = ? ORDER BY rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([project.as_str()], |row| {
        Ok(UndoRow {
            id: row.get("id")?,
            kind: row.get("kind")?,
            made_at: time(row, "made_at")?,
            made_by: row.get("made_by")?,
            crew: row.get("crew")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add_undo(
    connection: &Connection,
    project: &ProjectId,
    undo: &UndoRow,
    keep: usize,
) -> Result<()> {
    let sql =
        "INSERT INTO undos (id, project, kind, made_at, made_by, crew) VALUES (?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        undo.id,
        project.as_str(),
        undo.kind,
        undo.made_at.unix_millis(0),
        undo.made_by,
        undo.crew,
    ])?;
    let sql = "DELETE FROM undos WHERE project = ?1 AND rowid NOT IN \
                 (SELECT rowid FROM undos WHERE project = ?1 ORDER BY rowid DESC LIMIT ?2) \
               RETURNING id, crew";
    let arguments = params![project.as_str(), signed(keep as u64)];
    leave_undos(connection, sql, arguments)
}

pub(super) fn delete_undo(connection: &Connection, id: &str) -> Result<()> {
    let sql = "DELETE FROM undos WHERE id = ? RETURNING id, crew";
    leave_undos(connection, sql, [id])
}
