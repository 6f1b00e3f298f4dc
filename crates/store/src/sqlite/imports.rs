//! Changes of existing tasks by large imports, until they are written.
//!
//! An import first stores its changes under the numbers that it staged, where nothing reads them. A
//! row of `import_shares` then publishes the changes of a project. They are written in parts, and
//! removed with each part. The row of `imports` stays until the changes of all projects are
//! written. It has the data for the answer to the import's request.
//!
//! Shares are found by the key of a project's rows. The share of a project in the trash is out of
//! reach until the project is restored; the import is completed without it.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::ProjectId;

use super::values::{id, signed, unsigned};
use crate::ImportShare;
use crate::error::Result;

const REACHABLE: &str = "import_shares JOIN projects ON projects.rows_key = import_shares.project \
                           AND projects.kept_at IS NULL";

fn as_share(row: &Row<'_>) -> rusqlite::Result<ImportShare> {
    Ok(ImportShare {
        import: row.get("import")?,
        first: unsigned(row, "first")?,
        actor: row.get("actor")?,
    })
}

pub(super) fn shares(connection: &Connection) -> Result<Vec<(ProjectId, ImportShare)>> {
    let sql = format!("SELECT id, import, first, actor FROM {REACHABLE} ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| Ok((id(row, "id")?, as_share(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn share(connection: &Connection, project: &ProjectId) -> Result<Option<ImportShare>> {
    let sql = "SELECT import, first, actor FROM import_shares WHERE project = ?";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row([project.as_str()], as_share)
        .optional()?)
}

pub(super) fn done(connection: &Connection) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT id FROM imports WHERE NOT EXISTS \
           (SELECT 1 FROM {REACHABLE} WHERE import_shares.import = imports.id) ORDER BY id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(connection: &Connection, import: &str) -> Result<Option<String>> {
    let sql = "SELECT data FROM imports WHERE id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row([import], |row| row.get(0));
    Ok(row.optional()?)
}

pub(super) fn rows(
    connection: &Connection,
    project: &ProjectId,
    first: u64,
    limit: usize,
    bytes: usize,
) -> Result<Vec<(u64, String)>> {
    let sql = "SELECT position, data FROM import_rows WHERE project = ? AND first = ? \
               ORDER BY position LIMIT ?";
    let mut statement = connection.prepare_cached(sql)?;
    let arguments = params![project.as_str(), signed(first), signed(limit as u64)];
    let mut found = statement.query(arguments)?;
    let (mut rows, mut length) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let data: String = row.get("data")?;
        length += data.len();
        if !rows.is_empty() && length > bytes {
            break;
        }
        rows.push((unsigned(row, "position")?, data));
    }
    Ok(rows)
}

pub(super) fn add_rows(
    connection: &Connection,
    project: &ProjectId,
    first: u64,
    position: u64,
    rows: &[String],
) -> Result<()> {
    let sql = "INSERT INTO import_rows (project, first, position, data) VALUES (?, ?, ?, ?)";
    let mut statement = connection.prepare_cached(sql)?;
    for (position, data) in (position..).zip(rows) {
        let arguments = params![project.as_str(), signed(first), signed(position), data];
        statement.execute(arguments)?;
    }
    Ok(())
}

/// Removes the rows up to a position.
pub(super) fn drop_rows(
    connection: &Connection,
    project: &ProjectId,
    first: u64,
    last: u64,
) -> Result<()> {
    let sql = "DELETE FROM import_rows WHERE project = ? AND first = ? AND position <= ?";
    let arguments = params![project.as_str(), signed(first), signed(last)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

/// Removes up to `limit` rows of an import that is not published; returns true if there are more.
pub(super) fn drop_staged(
    connection: &Connection,
    project: &ProjectId,
    first: u64,
    limit: usize,
) -> Result<bool> {
    let sql = "DELETE FROM import_rows WHERE project = ?1 AND first = ?2 AND position IN \
                 (SELECT position FROM import_rows WHERE project = ?1 AND first = ?2 LIMIT ?3)";
    let arguments = params![project.as_str(), signed(first), signed(limit as u64)];
    Ok(connection.prepare_cached(sql)?.execute(arguments)? == limit)
}

pub(super) fn begin_share(
    connection: &Connection,
    project: &ProjectId,
    share: &ImportShare,
) -> Result<()> {
    let sql = "INSERT INTO import_shares (project, import, first, actor) VALUES (?, ?, ?, ?)";
    let first = signed(share.first);
    let arguments = params![project.as_str(), share.import, first, share.actor];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn end_share(connection: &Connection, project: &ProjectId) -> Result<()> {
    let sql = "DELETE FROM import_shares WHERE project = ?";
    connection
        .prepare_cached(sql)?
        .execute([project.as_str()])?;
    Ok(())
}

pub(super) fn put(connection: &Connection, import: &str, data: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO imports (id, data) VALUES (?, ?)";
    connection.prepare_cached(sql)?.execute([import, data])?;
    Ok(())
}

pub(super) fn end(connection: &Connection, import: &str) -> Result<()> {
    let sql = "DELETE FROM imports WHERE id = ?";
    connection.prepare_cached(sql)?.execute([import])?;
    Ok(())
}
