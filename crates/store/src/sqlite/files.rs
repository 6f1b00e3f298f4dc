//! Detects that the database files were removed or replaced while open.
//!
//! SQLite keeps using its open files after that, and whatever it writes to them is lost with the
//! process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// Identity of a file, to tell it from another of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

/// Files of an open database.
#[derive(Debug)]
pub(super) struct Files {
    database: PathBuf,
    opened: Identity,
    log: PathBuf,
    /// Write-ahead log, once seen: the first write creates it, and it stays while the database is
    /// open.
    seen: Mutex<Option<Identity>>,
}

impl Files {
    /// Records the files of a database that was just opened.
    pub(super) fn of(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self {
            opened: identity(database)?,
            database: database.to_owned(),
            log: log.into(),
            seen: Mutex::new(None),
        })
    }

    /// Returns the bytes that are free on their disk, if known.
    pub(super) fn room(&self) -> Option<u64> {
        room(&self.database)
    }

    /// Checks that the files are still in place.
    ///
    /// # Errors
    /// Reports that they were removed or replaced, and the remedy.
    pub(super) fn check(&self) -> Result<()> {
        let database = identity(&self.database).ok();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let log = identity(&self.log).ok();
        if database == Some(self.opened) && (seen.is_none() || *seen == log) {
            *seen = log;
            return Ok(());
        }
        tracing::error!(
            database = %self.database.display(),
            "the files of the database were removed or replaced while the server is running"
        );
        Err(Error::Storage {
            message: "The files of the database were removed or replaced while the server is \
                      running, so new changes are lost when it stops. Put the files back, or stop \
                      the server and restore a backup."
                .to_owned(),
            temporary: true,
        })
    }
}

/// Returns the bytes that can still be written to a file's disk.
#[cfg(unix)]
fn room(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    // Some file systems do not report their size.
    (disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Returns none: on other systems a failing write reports a full disk.
#[cfg(not(unix))]
fn room(_: &Path) -> Option<u64> {
    None
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path)?;
    Ok(Identity(metadata.dev(), metadata.ino()))
}

/// Returns the creation time: other systems do not let an open file be removed or replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    let made = std::fs::metadata(path)?.created()?;
    let since = made.duration_since(std::time::UNIX_EPOCH);
    Ok(Identity(0, since.map_or(0, |since| since.as_secs())))
}
