//! Rows of comments.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tasktree_protocol::{Comment, ProjectId, TaskId};

use super::keys::Space;
use super::values::{maybe_time, signed, time, unsigned};
use crate::error::Result;

fn comment(row: &Row<'_>, project: &ProjectId) -> rusqlite::Result<Comment> {
    Ok(Comment {
        id: unsigned(row, "id")?,
        task_id: TaskId::new(unsigned(row, "task")?, project),
        author: row.get("author")?,
        body: row.get("body")?,
        made_at: time(row, "made_at")?,
        edited_at: maybe_time(row, "edited_at")?,
        deleted_at: maybe_time(row, "deleted_at")?,
    })
}

pub(super) fn of(connection: &Connection, space: &Space, task: u64) -> Result<Vec<Comment>> {
    let sql = "SELECT * FROM comments WHERE project = ? AND task = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![space.rows.as_str(), signed(task)], |row| {
        comment(row, &space.id)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn ids(connection: &Connection, space: &Space, task: u64) -> Result<Vec<u64>> {
    let sql = "SELECT id FROM comments WHERE project = ? AND task = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let key = params![space.rows.as_str(), signed(task)];
    let rows = statement.query_map(key, |row| unsigned(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(connection: &Connection, space: &Space, id: u64) -> Result<Option<Comment>> {
    let sql = "SELECT * FROM comments WHERE project = ? AND id = ?";
    let row = connection
        .prepare_cached(sql)?
        .query_row(params![space.rows.as_str(), signed(id)], |row| {
            comment(row, &space.id)
        });
    Ok(row.optional()?)
}

pub(super) fn count(connection: &Connection, space: &Space, task: u64) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS number FROM comments \
               WHERE project = ? AND task = ? AND deleted_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let key = params![space.rows.as_str(), signed(task)];
    Ok(statement.query_row(key, |row| unsigned(row, "number"))?)
}

pub(super) fn add(
    connection: &Connection,
    space: &Space,
    task: u64,
    comment: &Comment,
) -> Result<u64> {
    let sql = "INSERT INTO comments (project, task, author, made_at, edited_at, deleted_at, body) \
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let arguments = params![
        space.rows.as_str(),
        signed(task),
        comment.author,
        comment.made_at.unix_millis(0),
        comment.edited_at.map(|at| at.unix_millis(0)),
        comment.deleted_at.map(|at| at.unix_millis(0)),
        comment.body,
    ];
    let number = connection
        .prepare_cached(sql)?
        .query_row(arguments, |row| unsigned(row, "id"))?;
    Ok(number)
}

pub(super) fn put(connection: &Connection, space: &Space, comment: &Comment) -> Result<()> {
    let sql = "UPDATE comments SET edited_at = ?3, deleted_at = ?4, body = ?5 \
               WHERE project = ?1 AND id = ?2";
    connection.prepare_cached(sql)?.execute(params![
        space.rows.as_str(),
        signed(comment.id),
        comment.edited_at.map(|at| at.unix_millis(0)),
        comment.deleted_at.map(|at| at.unix_millis(0)),
        comment.body,
    ])?;
    Ok(())
}

pub(super) fn trim_deleted(
    connection: &Connection,
    space: &Space,
    task: u64,
    keep: u64,
) -> Result<()> {
    let sql = "DELETE FROM comments WHERE project = ?1 AND task = ?2 AND deleted_at IS NOT NULL \
               AND id <= (SELECT id FROM comments WHERE project = ?1 AND task = ?2 \
                 AND deleted_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?3)";
    let arguments = params![space.rows.as_str(), signed(task), signed(keep)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}
