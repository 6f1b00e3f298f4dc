//! Backup of a database into one file. [`mod@super::restore`] is the way back.
//!
//! Copying only the file of a served database is not enough: the last commits are in `FILE-wal`
//! beside it, and SQLite would replay a leftover `-wal` over any file put in its place.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::lock::check_name;
use super::{BUSY_TIMEOUT, cannot_open, names, ours};
use crate::error::{Error, Result};

/// Writes the database as it is now into a new file. A server may keep using it meanwhile.
///
/// # Errors
/// If there is no database of this program, its last commits are beside another of its names, `to`
/// exists already, or the disk fails. In each case `to` is not created.
pub(crate) fn backup(database: &Path, to: &Path) -> Result<()> {
    let failed = |error: &dyn Display| failed("written to", to, error);
    if fs::exists(to).map_err(|error| failed(&error))? {
        return Err(failed(&"the file already exists"));
    }
    check_name(database)?;
    let from = open(database)?;
    ours::check(&from, database)?;
    let partial = copy(&from, to)?;
    fs::rename(&partial, to).map_err(|error| failed(&error))
}

/// Writes a connection's database into a file beside `to`, complete and synced to disk.
pub(super) fn copy(from: &Connection, to: &Path) -> Result<PathBuf> {
    let failed = |error: &dyn Display| failed("written to", to, error);
    let partial = beside(to, ".partial");
    let name = partial
        .to_str()
        .ok_or_else(|| failed(&"its name is not UTF-8"))?;
    // Remove what an interrupted attempt left.
    remove(&partial).map_err(|error| failed(&error))?;
    let written = from
        .execute("VACUUM INTO ?", [name])
        .and_then(|_| names::forget(&Connection::open(&partial)?))
        .map_err(Error::from)
        .and_then(|()| {
            let kept = File::open(&partial).and_then(|file| file.sync_all());
            kept.map_err(|error| failed(&error))
        });
    match written {
        Ok(()) => Ok(partial),
        Err(error) => {
            let _ = remove(&partial);
            Err(error)
        }
    }
}

pub(super) fn open(database: &Path) -> Result<Connection> {
    // The file is not created if missing. Reading a file that has a `-wal` requires write access.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)
        .map_err(|error| cannot_open(database, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Returns the path with `suffix` appended.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// Treats a missing file as success.
pub(super) fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

pub(super) fn failed(what: &str, path: &Path, error: &dyn Display) -> Error {
    Error::Storage {
        message: format!("The database cannot be {what} {}: {error}", path.display()),
        temporary: false,
    }
}
