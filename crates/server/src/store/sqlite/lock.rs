//! Lets one process serve a database, whatever name it gives the file.
//!
//! A lock file beside the database would be named by its path, and a file has several: symbolic
//! links, hard links, mounts. So the file itself is locked, by `flock`, which on Linux does not
//! meet the byte ranges that SQLite locks. Elsewhere the two can meet; there a file with a second
//! name is refused, and the lock beside it (see [`super::marker`]) has to do.

use std::collections::BTreeSet;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cannot_open;
use super::marker::Marker;
use crate::error::{Error, Result};

/// The files that this process serves. To open one of them once more and close it again would end
/// the locks that SQLite has on it (POSIX: all of a process's locks end with any of its handles).
static SERVED: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

/// Device and inode: the same under each name of a file.
type Identity = (u64, u64);

/// A database file that this process serves, until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
    identity: Option<Identity>,
    path: PathBuf,
}

impl Lock {
    /// Locks the file, which is made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be opened, or is served already.
    pub(super) fn make(database: &Path) -> Result<Self> {
        let mut served = served();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        if let Ok(metadata) = std::fs::metadata(database) {
            check(&served, database, &metadata)?;
        }
        Self::take(&mut served, database, &options)
    }

    /// Locks the file if there is one.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(super) fn existing(database: &Path) -> Result<Option<Self>> {
        let mut served = served();
        match std::fs::metadata(database) {
            Ok(metadata) => check(&served, database, &metadata)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot_open(database, &error)),
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        Self::take(&mut served, database, &options).map(Some)
    }

    /// The one name of the file that has no symbolic link in it: what SQLite keeps beside it is
    /// named by it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn take(
        served: &mut BTreeSet<Identity>,
        database: &Path,
        options: &OpenOptions,
    ) -> Result<Self> {
        let failed = |error: std::io::Error| cannot_open(database, &error);
        let file = options.open(database).map_err(failed)?;
        if cfg!(target_os = "linux") {
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(is_served(database)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let identity = identity(&file.metadata().map_err(failed)?);
        served.extend(identity);
        Ok(Self {
            _file: file,
            identity,
            path: std::fs::canonicalize(database).map_err(failed)?,
        })
    }
}

/// Refuses a file that is served under another name (a hard link): SQLite names the files beside it
/// by the name that it was opened with, and would not find what was committed last.
///
/// # Errors
/// Where it is served, and not under this name.
pub(super) fn check_name(database: &Path) -> Result<()> {
    let has_others = std::fs::metadata(database).is_ok_and(|metadata| names(&metadata) > 1);
    if !has_others || Lock::existing(database).is_ok() {
        return Ok(());
    }
    let path = std::fs::canonicalize(database).map_err(|error| cannot_open(database, &error))?;
    match Marker::open(&path) {
        // It is locked by whoever serves the file under this name.
        Err(_) => Ok(()),
        Ok(_) => Err(cannot_open(
            database,
            &"it is served under another name (a hard link); use that one",
        )),
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(identity) = &self.identity {
            served().remove(identity);
        }
    }
}

/// Refuses a file that this process serves, or that cannot be told from others.
fn check(served: &BTreeSet<Identity>, database: &Path, metadata: &Metadata) -> Result<()> {
    if identity(metadata).is_some_and(|identity| served.contains(&identity)) {
        return Err(is_served(database));
    }
    if names(metadata) > 1 {
        if !cfg!(target_os = "linux") {
            let reason = "the file has another name (a hard link), under which another server could use it; remove one of them";
            return Err(cannot_open(database, &reason));
        }
        tracing::warn!(
            database = %database.display(),
            "the database has another name (a hard link): always use the same one, since SQLite names the files beside it by it"
        );
    }
    Ok(())
}

/// The refusal of a database that is in use.
pub(super) fn is_served(database: &Path) -> Error {
    Error::Storage {
        message: format!(
            "The database {} is served by another process. Stop that one first, or use \
             another file.",
            database.display()
        ),
        temporary: false,
    }
}

fn served() -> MutexGuard<'static, BTreeSet<Identity>> {
    SERVED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(unix)]
fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}
