//! A database as one file to be kept elsewhere, and back.
//!
//! The file alone of a database that is served is not enough: what was committed last is in `FILE-wal` beside it, and SQLite would play a
//! `-wal` that was left behind over whatever file is put in its place.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::marker::Marker;
use super::{BUSY_TIMEOUT, cannot_open};
use crate::error::{Error, Result};

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

/// Writes the database as it is now into a new file. A server may be using it, and goes on meanwhile.
///
/// # Errors
/// Where there is no database, `to` exists already, or the disk fails: then there is no `to`.
pub(crate) fn backup(database: &Path, to: &Path) -> Result<()> {
    let failed = |error: &dyn std::fmt::Display| failed("written to", to, error);
    if fs::exists(to).map_err(|error| failed(&error))? {
        return Err(failed(&"there is such a file already"));
    }
    let connection = open(database)?;
    // Whole or not at all, whatever happens in the middle.
    let partial = beside(to, ".partial");
    remove(&partial).map_err(|error| failed(&error))?;
    let written = connection
        .execute("VACUUM INTO ?", [partial.to_string_lossy()])
        .map_err(Error::from)
        .and_then(|_| {
            let kept = File::open(&partial).and_then(|file| file.sync_all());
            let kept = kept.and_then(|()| fs::rename(&partial, to));
            kept.map_err(|error| failed(&error))
        });
    if written.is_err() {
        let _ = remove(&partial);
    }
    written
}

/// Puts a backup in the place of a database that no server is using; gives where what was there is now, if anything was.
///
/// # Errors
/// Where `from` is no backup, a server uses the database, or the disk fails: then the database is as it was.
pub(crate) fn restore(from: &Path, database: &Path) -> Result<Option<PathBuf>> {
    let failed = |error: &dyn std::fmt::Display| failed("restored from", from, error);
    open(from)?
        .query_row("SELECT id FROM store", [], |_| Ok(()))
        .map_err(|_| failed(&"it is no database of TaskTree"))?;
    // Held until the end: no server starts meanwhile.
    let _marker = Marker::open(database)?;
    let partial = beside(database, ".partial");
    fs::copy(from, &partial)
        .and_then(|_| File::open(&partial)?.sync_all())
        .map_err(|error| failed(&error))?;
    let replaced = beside(database, ".replaced");
    let was_there = fs::exists(database).map_err(|error| failed(&error))?;
    for suffix in BESIDE {
        let (old, new) = (beside(database, suffix), beside(&replaced, suffix));
        remove(&new)
            .and_then(|()| match fs::rename(&old, &new) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
            .map_err(|error| failed(&error))?;
    }
    fs::rename(&partial, database).map_err(|error| failed(&error))?;
    Ok(was_there.then_some(replaced))
}

fn open(database: &Path) -> Result<Connection> {
    // Not made where it is missing. To be written to is what reading a file takes that has a `-wal`.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)
        .map_err(|error| cannot_open(database, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The path with `suffix` after its last letter.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Storage {
        message: format!("The database cannot be {what} {}: {error}", path.display()),
        temporary: false,
    }
}
