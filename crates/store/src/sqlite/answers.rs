//! Stored responses of idempotent requests, and settings.

use rusqlite::{Connection, OptionalExtension, params};

use super::values::{signed, unsigned};
use crate::AnswerRow;
use crate::error::Result;
use crate::limits::{ANSWERS_REMOVED_AT_ONCE, Answers};

pub(super) fn one(connection: &Connection, key: &str) -> Result<Option<AnswerRow>> {
    let sql = "SELECT fingerprint, answer, expires_at, owner FROM answers WHERE id = ?";
    let row = connection.prepare_cached(sql)?.query_row([key], |row| {
        Ok(AnswerRow {
            fingerprint: row.get(0)?,
            answer: row.get(1)?,
            expires_at: row.get(2)?,
            owner: row.get(3)?,
        })
    });
    Ok(row.optional()?)
}

pub(super) fn put(connection: &Connection, key: &str, answer: &AnswerRow) -> Result<()> {
    let sql = "INSERT INTO answers (id, fingerprint, answer, expires_at, owner, bytes) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (id) DO UPDATE SET fingerprint = ?2, answer = ?3, expires_at = ?4, bytes = ?6";
    let bytes = key.len() + answer.fingerprint.len() + answer.answer.len();
    connection.prepare_cached(sql)?.execute(params![
        key,
        answer.fingerprint,
        answer.answer,
        answer.expires_at,
        answer.owner,
        signed(bytes as u64),
    ])?;
    Ok(())
}

/// Key of the totals over all owners.
const ALL: &str = "*";

pub(super) fn trim(connection: &Connection, owner: Option<&str>, most: Answers) -> Result<()> {
    let mut totals =
        connection.prepare_cached("SELECT count, bytes FROM answer_totals WHERE owner = ?")?;
    let mut remove = connection.prepare_cached(match owner {
        Some(_) => {
            "DELETE FROM answers WHERE rowid = \
             (SELECT rowid FROM answers WHERE owner = ? ORDER BY rowid LIMIT 1)"
        }
        None => {
            "DELETE FROM answers WHERE ?1 IS NOT NULL AND rowid = \
             (SELECT rowid FROM answers ORDER BY rowid LIMIT 1)"
        }
    })?;
    let owner = owner.unwrap_or(ALL);
    loop {
        let total = totals.query_row([owner], |row| {
            Ok((unsigned(row, "count")?, unsigned(row, "bytes")?))
        });
        let (count, bytes) = total.optional()?.unwrap_or_default();
        if count <= most.count && bytes <= most.bytes || remove.execute([owner])? == 0 {
            return Ok(());
        }
    }
}

pub(super) fn any_until(connection: &Connection, millis: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM answers WHERE expires_at <= ?)";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([millis], |row| row.get(0))?)
}

pub(super) fn delete_until(connection: &Connection, millis: i64) -> Result<()> {
    let sql = "DELETE FROM answers WHERE rowid IN \
                 (SELECT rowid FROM answers WHERE expires_at <= ? LIMIT ?)";
    let arguments = params![millis, signed(ANSWERS_REMOVED_AT_ONCE as u64)];
    connection.prepare_cached(sql)?.execute(arguments)?;
    Ok(())
}

pub(super) fn set_back(connection: &Connection, millis: i64) -> Result<()> {
    let sql = "UPDATE answers SET expires_at = expires_at - ?";
    connection.prepare_cached(sql)?.execute([millis])?;
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
