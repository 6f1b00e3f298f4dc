//! A database as one file to be kept elsewhere, and back.
//!
//! The file alone of a database that is served is not enough: what was committed last is in `FILE-wal` beside it, and SQLite would play a
//! `-wal` that was left behind over whatever file is put in its place.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::marker::Marker;
use super::{BUSY_TIMEOUT, cannot_open};
use crate::error::{Error, Result};

/// What SQLite keeps beside a database, and the database itself, which is moved last and put back first.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

/// Writes the database as it is now into a new file. A server may be using it, and goes on meanwhile.
///
/// # Errors
/// Where there is no database, `to` exists already, or the disk fails: then there is no `to`.
pub(crate) fn backup(database: &Path, to: &Path) -> Result<()> {
    let failed = |error: &dyn Display| failed("written to", to, error);
    if fs::exists(to).map_err(|error| failed(&error))? {
        return Err(failed(&"there is such a file already"));
    }
    let partial = copy(&open(database)?, to)?;
    fs::rename(&partial, to).map_err(|error| failed(&error))
}

/// Puts a backup in the place of a database that no server is using; gives where what was there is now, if anything was.
///
/// # Errors
/// Where `from` is no backup, a server uses the database, or the disk fails: then the database is as it was.
pub(crate) fn restore(from: &Path, database: &Path) -> Result<Option<PathBuf>> {
    let failed = |error: &dyn Display| failed("restored from", from, error);
    let backup = open(from)?;
    backup
        .query_row("SELECT id FROM store", [], |_| Ok(()))
        .map_err(|_| failed(&"it is no database of TaskTree"))?;
    // Held until the end: no server starts meanwhile.
    let _marker = Marker::open(database)?;
    let partial = copy(&backup, database)?;
    let was_there = fs::exists(database).map_err(|error| failed(&error))?;
    let replaced = free_name(database).map_err(|error| failed(&error))?;
    let put = move_all(database, &replaced).and_then(|()| fs::rename(&partial, database));
    if let Err(error) = put {
        let back = move_all(&replaced, database);
        return Err(match back {
            Ok(()) => failed(&error),
            Err(_) => failed(&format_args!(
                "{error}. The database is in {}",
                replaced.display()
            )),
        });
    }
    Ok(was_there.then_some(replaced))
}

/// Writes the database of a connection into a file beside `to`, whole and on the disk.
fn copy(from: &Connection, to: &Path) -> Result<PathBuf> {
    let failed = |error: &dyn Display| failed("written to", to, error);
    let partial = beside(to, ".partial");
    let name = partial
        .to_str()
        .ok_or_else(|| failed(&"its name is not in UTF-8"))?;
    // Of an attempt that was broken off.
    remove(&partial).map_err(|error| failed(&error))?;
    let written = from
        .execute("VACUUM INTO ?", [name])
        .map_err(Error::from)
        .and_then(|_| {
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

fn open(database: &Path) -> Result<Connection> {
    // Not made where it is missing. To be written to is what reading a file takes that has a `-wal`.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)
        .map_err(|error| cannot_open(database, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// A name for what is replaced: nothing that was put aside earlier is lost by it.
fn free_name(database: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let name = beside(database, &format!(".replaced-{number}"));
        if !fs::exists(&name)? {
            return Ok(name);
        }
        number += 1;
    }
}

/// Moves what there is of a database.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for part in PARTS {
        unless_missing(fs::rename(beside(from, part), beside(to, part)))?;
    }
    Ok(())
}

/// The path with `suffix` after its last letter.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// A file that is not there needs nothing done to it.
fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn failed(what: &str, path: &Path, error: &dyn Display) -> Error {
    Error::Storage {
        message: format!("The database cannot be {what} {}: {error}", path.display()),
        temporary: false,
    }
}
