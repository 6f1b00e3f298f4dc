//! Credentials and sign-ins.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::values::{Word, maybe_time, time, word};
use crate::error::Result;
use crate::{CredentialRow, SessionRow};
use crate::{Digest, Person};

const SELECT: &str = "SELECT credentials.*, people.name AS person_name FROM credentials \
                      LEFT JOIN people ON people.id = credentials.person";

fn credential(row: &Row<'_>) -> rusqlite::Result<CredentialRow> {
    let person: Option<String> = row.get("person")?;
    let name: Option<String> = row.get("person_name")?;
    Ok(CredentialRow {
        id: row.get("id")?,
        name: row.get("name")?,
        role: row.get::<_, Word<_>>("role")?.0,
        project: row.get::<_, Option<String>>("project")?.map(Into::into),
        person: person.zip(name).map(|(id, name)| Person { id, name }),
        digest: row.get("digest")?,
        made_at: time(row, "made_at")?,
        made_by: row.get("made_by")?,
        last_used_at: maybe_time(row, "last_used_at")?,
        revoked_at: maybe_time(row, "revoked_at")?,
    })
}

pub(super) fn all(connection: &Connection) -> Result<Vec<CredentialRow>> {
    let sql = format!("{SELECT} ORDER BY credentials.made_at, credentials.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], credential)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(connection: &Connection, id: &str) -> Result<Option<CredentialRow>> {
    let sql = format!("{SELECT} WHERE credentials.id = ?");
    let row = connection.prepare_cached(&sql)?.query_row([id], credential);
    Ok(row.optional()?)
}

pub(super) fn named(connection: &Connection, name: &str) -> Result<Option<CredentialRow>> {
    let sql = format!("{SELECT} WHERE credentials.name = ? AND revoked_at IS NULL");
    let row = connection
        .prepare_cached(&sql)?
        .query_row([name], credential);
    Ok(row.optional()?)
}

pub(super) fn names(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM credentials WHERE revoked_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let names = statement.query_map([], |row| row.get("name"))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put(connection: &Connection, row: &CredentialRow) -> Result<()> {
    let sql = "INSERT INTO credentials (id, name, role, project, digest, made_at, made_by, last_used_at, revoked_at, person) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (id) DO UPDATE SET name = ?2, role = ?3, project = ?4, digest = ?5, made_at = ?6, made_by = ?7, \
                 last_used_at = ?8, revoked_at = ?9, person = ?10";
    connection.prepare_cached(sql)?.execute(params![
        row.id,
        row.name,
        word(row.role)?,
        row.project.as_ref().map(|project| project.as_str()),
        row.digest,
        row.made_at.unix_millis(0),
        row.made_by,
        row.last_used_at.map(|at| at.unix_millis(0)),
        row.revoked_at.map(|at| at.unix_millis(0)),
        row.person.as_ref().map(|person| person.id.as_str()),
    ])?;
    Ok(())
}

pub(super) fn sessions(connection: &Connection) -> Result<Vec<SessionRow>> {
    let sql = "SELECT digest, credential, expires_at FROM sessions";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(SessionRow {
            digest: row.get(0)?,
            credential: row.get(1)?,
            expires_at: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn put_session(connection: &Connection, session: &SessionRow) -> Result<()> {
    let sql = "INSERT INTO sessions (digest, credential, expires_at) VALUES (?1, ?2, ?3) \
               ON CONFLICT (digest) DO UPDATE SET credential = ?2, expires_at = ?3";
    connection.prepare_cached(sql)?.execute(params![
        session.digest,
        session.credential,
        session.expires_at
    ])?;
    Ok(())
}

pub(super) fn delete_session(connection: &Connection, session: &Digest) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE digest = ?")?
        .execute([session])?;
    Ok(())
}

pub(super) fn delete_sessions_of(connection: &Connection, credential: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE credential = ?")?
        .execute([credential])?;
    Ok(())
}

pub(super) fn delete_sessions_until(connection: &Connection, millis: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE expires_at <= ?")?
        .execute([millis])?;
    Ok(())
}
