//! Checks that this version can serve a backup.

use std::collections::BTreeMap;
use std::fmt::Display;

use rusqlite::{Connection, OptionalExtension as _};
use tasktree_protocol::StreamId;

use crate::error::{Error, Result};
use crate::sqlite::rows::Rows;
use crate::sqlite::{ours, schema};
use crate::{Read as _, StoreMetrics};

/// Checks that a file is a complete database of this program.
pub(super) fn check(backup: &Connection) -> std::result::Result<(), String> {
    let foreign = ours::foreign(backup).map_err(|error| error.to_string())?;
    if let Some(reason) = foreign {
        return Err(ours::refusal(&reason));
    }
    let without = |_| ours::refusal("it contains no database");
    let version: u32 = backup
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(without)?;
    backup
        .query_row("SELECT id, commits FROM store", [], |_| Ok(()))
        .map_err(without)?;
    schema::check_version(version as usize).map_err(|error| error.to_string())?;
    let found: rusqlite::Result<String> =
        backup.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(format!("it is damaged: {found}")),
        Err(error) => Err(format!("it is damaged: {error}")),
    }
}

/// Refuses a file whose tables, indexes, views or triggers are not those of this version.
///
/// Its version number matches, but another program wrote it. One extra trigger could remove written
/// data.
pub(super) fn check_shape(copy: &Connection) -> Result<()> {
    let mut wanted = Connection::open_in_memory()?;
    schema::migrate(&mut wanted)?;
    let (wanted, found) = (shape(&wanted)?, shape(copy)?);
    let foreign = |what: String| {
        Err(Error::Storage {
            message: format!("It is not a TaskTree database: {what}."),
            temporary: false,
        })
    };
    for (part, sql) in &wanted {
        match found.get(part) {
            None => return foreign(format!("it has no {part}")),
            Some(other) if other != sql => return foreign(format!("its {part} is different")),
            Some(_) => {}
        }
    }
    match found.keys().find(|part| !wanted.contains_key(*part)) {
        Some(more) => foreign(format!("it has an additional {more}")),
        None => Ok(()),
    }
}

/// Returns the parts of a schema with the statements that created them.
fn shape(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let sql = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reads each table once, as the server would, to find values that this program does not know.
///
/// Otherwise the first request would find them.
pub(super) fn check_rows(copy: &Connection) -> Result<()> {
    let metrics = StoreMetrics::default();
    let rows = Rows::new(copy, &metrics);
    let system = StreamId::system();
    if rows.stream(&system)?.is_none() {
        return Err(no_stream(&system));
    }
    rows.credentials()?;
    rows.people()?;
    let sql = "SELECT streams.id FROM streams WHERE streams.seq < \
                 (SELECT MAX(seq) FROM events WHERE stream = streams.id) LIMIT 1";
    let behind: Option<String> = copy.query_row(sql, [], |row| row.get(0)).optional()?;
    if let Some(stream) = behind {
        return Err(Error::Internal(format!(
            "stream '{stream}' is behind its events"
        )));
    }
    for project in rows.projects()? {
        let stream = StreamId::project(&project.id);
        if rows.stream(&stream)?.is_none() {
            return Err(no_stream(&stream));
        }
        rows.tasks(&project.id)?;
        rows.agents(&project.id)?;
        rows.leases(&project.id)?;
    }
    Ok(())
}

pub(super) fn unusable(error: &dyn Display) -> Error {
    Error::Storage {
        message: format!("It cannot be used: {error}"),
        temporary: false,
    }
}

fn no_stream(stream: &StreamId) -> Error {
    Error::Internal(format!("the stream '{}' is missing", stream.as_str()))
}
