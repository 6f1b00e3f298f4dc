//! Whether the files that the store has open are still those that the names lead to. SQLite goes on with what it has open when its files are
//! removed or replaced, and whatever it writes then is gone with the process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// What tells a file from another of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

/// The files of a database that is open.
#[derive(Debug)]
pub(super) struct Files {
    database: PathBuf,
    opened: Identity,
    log: PathBuf,
    /// The write-ahead log, once it was seen: it is made by the first write, and stays for as long as the database is open.
    seen: Mutex<Option<Identity>>,
}

impl Files {
    /// Notes the files of a database that was just opened.
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

    /// Returns the bytes that are left on their disk, where that is known.
    pub(super) fn room(&self) -> Option<u64> {
        room(&self.database)
    }

    /// Looks whether they are still there.
    ///
    /// # Errors
    /// Says that they were removed or replaced; and what to do.
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
            "the files of the database were removed or replaced while it is served"
        );
        Err(Error::Storage {
            message: "The files of the database were removed or replaced while it is served, so what \
                      is written now is lost when the server ends. Put them back, or stop the server \
                      and restore a backup."
                .to_owned(),
            temporary: true,
        })
    }
}

/// Returns the bytes that may still be written to the disk that has a file.
#[cfg(unix)]
fn room(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    // There are file systems that do not count.
    (disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Elsewhere nobody is asked: a write that fails says it.
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

/// Elsewhere a file that is open can be neither removed nor replaced; when it was made tells it from others.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    let made = std::fs::metadata(path)?.created()?;
    let since = made.duration_since(std::time::UNIX_EPOCH);
    Ok(Identity(0, since.map_or(0, |since| since.as_secs())))
}
