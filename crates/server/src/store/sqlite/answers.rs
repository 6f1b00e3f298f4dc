//! Kept answers, and settings.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::store::AnswerRow;

pub(super) fn one(connection: &Connection, key: &str) -> Result<Option<AnswerRow>> {
    let sql = "SELECT fingerprint, answer, expires_at FROM answers WHERE id = ?";
    let row = connection.prepare_cached(sql)?.query_row([key], |row| {
        Ok(AnswerRow {
            fingerprint: row.get(0)?,
            answer: row.get(1)?,
            expires_at: row.get(2)?,
        })
    });
    Ok(row.optional()?)
}

pub(super) fn put(connection: &Connection, key: &str, answer: &AnswerRow) -> Result<()> {
    let sql = "INSERT INTO answers (id, fingerprint, answer, expires_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (id) DO UPDATE SET fingerprint = ?2, answer = ?3, expires_at = ?4";
    connection.prepare_cached(sql)?.execute(params![
        key,
        answer.fingerprint,
        answer.answer,
        answer.expires_at
    ])?;
    Ok(())
}

pub(super) fn any_until(connection: &Connection, millis: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM answers WHERE expires_at <= ?)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([millis], |row| row.get(0))?)
}

pub(super) fn delete_until(connection: &Connection, millis: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM answers WHERE expires_at <= ?")?
        .execute([millis])?;
    Ok(())
}

pub(super) fn setting(connection: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM settings WHERE name = ?";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

pub(super) fn put_setting(connection: &Connection, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2) \
               ON CONFLICT (name) DO UPDATE SET value = ?2";
    connection.prepare_cached(sql)?.execute([name, value])?;
    Ok(())
}
