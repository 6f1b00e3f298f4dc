//! Replacement of a database by a backup.
//!
//! A backup is older than the database that it replaces, and people rely on what they ended since:
//! revoked tokens, disabled people and ended sign-ins stay so. That, and the check that this
//! version can serve the file at all, is done on a copy before anything is replaced.

mod check;
mod ended;

use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::backup::{beside, copy, failed, open, remove, unless_missing};
use super::lock::{Lock, resolved};
use super::marker::Marker;
use super::ours;
use crate::INSTANCE;
use crate::error::Result;
use crate::sqlite::schema;
use check::{check, check_rows, check_shape, unusable};
use ended::Ended;

/// Suffixes of the files of a database; the database itself is moved last and put back first.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

/// The outcome of a restore.
#[derive(Debug, Default)]
pub struct Restored {
    /// New path of the previous database, if there was one.
    pub replaced: Option<PathBuf>,
    /// Number of tokens that are valid in the backup but were revoked since.
    pub revoked: usize,
    /// Reason why the tokens and sign-ins ended since are unknown.
    pub unknown: Option<String>,
}

/// Replaces a database that no server is using by a backup.
///
/// # Errors
/// If `from` is no backup that this version can serve, a server uses the database, it belongs to
/// another program, or the disk fails. In each case the database stays as it was.
pub(crate) fn restore(from: &Path, database: &Path) -> Result<Restored> {
    let failed = |error: &dyn Display| failed("restored from", from, error);
    let backup = open(from)?;
    check(&backup).map_err(|reason| failed(&reason))?;
    // Both are held until the end, so that no server starts meanwhile.
    let lock = Lock::existing(database)?;
    // For a dangling symbolic link this is its target, where a server would create its database.
    let resolved = match &lock {
        Some(lock) => lock.path().to_owned(),
        None => resolved(database)?,
    };
    let database = resolved.as_path();
    if lock.is_some() {
        check_replaced(database)?;
    }
    let _marker = Marker::open(database)?;
    let partial = copy(&backup, database)?;
    let mut restored = Restored::default();
    let current = lock.is_some().then_some(database);
    if let Err(error) = settle(&partial, current, &mut restored) {
        let _ = remove(&partial);
        return Err(failed(&error));
    }
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
    restored.replaced = lock.is_some().then_some(replaced);
    Ok(restored)
}

/// Refuses to replace a file of another program. A broken file may be replaced: its owner is
/// unknown.
fn check_replaced(database: &Path) -> Result<()> {
    let current = open(database)?;
    match current.query_row("PRAGMA schema_version", [], |_| Ok(())) {
        Ok(()) => ours::check(&current, database),
        Err(_) => Ok(()),
    }
}

/// Prepares the copy to be served.
fn settle(partial: &Path, current: Option<&Path>, restored: &mut Restored) -> Result<()> {
    let mut copy = open(partial)?;
    schema::migrate(&mut copy)?;
    check_shape(&copy)?;
    check_rows(&copy).map_err(|error| unusable(&error))?;
    keep_instance(&copy, current)?;
    let ended = match current.map(Ended::of).transpose() {
        Ok(ended) => ended.unwrap_or_default(),
        Err(error) => {
            restored.unknown = Some(error.to_string());
            Ended::default()
        }
    };
    restored.revoked = ended.carry_over(&mut copy)?;
    drop(copy);
    let kept = File::open(partial).and_then(|file| file.sync_all());
    kept.map_err(|error| failed("written to", partial, &error))
}

/// Keeps the name that the database has here, which browsers know from their cookies.
///
/// In a new place it gets a new name: it may be served beside the database that it is a copy of.
fn keep_instance(copy: &Connection, current: Option<&Path>) -> Result<()> {
    let sql = "SELECT value FROM settings WHERE name = ?";
    let name = |database: &Path| -> Result<String> {
        let name = open(database)?.query_row(sql, [INSTANCE], |row| row.get(0));
        Ok(name?)
    };
    copy.execute("DELETE FROM settings WHERE name = ?", [INSTANCE])?;
    if let Some(name) = current.and_then(|current| name(current).ok()) {
        let sql = "INSERT INTO settings (name, value) VALUES (?, ?)";
        copy.execute(sql, [INSTANCE, &name])?;
    }
    Ok(())
}

/// Returns an unused name for the replaced database, so that nothing put aside earlier is
/// overwritten.
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

/// Moves the existing files of a database.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for part in PARTS {
        unless_missing(fs::rename(beside(from, part), beside(to, part)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
