//! Lock that lets only one process serve a database, under any name of the file.
//!
//! A lock file beside the database would be named by its path, and a file has several: symbolic
//! links, hard links, mounts. So the file itself is locked, by `flock`, which on Linux does not
//! conflict with the byte ranges that SQLite locks. On other systems the two can conflict; there a
//! file with a second name is refused, and the lock beside it (see [`super::marker`]) has to do. A
//! name under which commits would be lost is refused too, see [`super::names`].

use std::collections::BTreeSet;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::marker::Marker;
use super::{cannot_open, names};
use crate::error::{Error, Result};

/// Files that this process serves.
///
/// Opening one of them again and closing it would release SQLite's locks on it (POSIX: closing any
/// handle of a file releases all of the process's locks on it).
static SERVED: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

/// Device and inode: the same for each name of a file.
pub(super) type Identity = (u64, u64);

/// Maximum number of symbolic links to follow, as in Linux.
const SYMBOLIC_LINKS: usize = 40;

/// Reason why a file is not locked.
enum Refused {
    /// The file is served, by this process or another.
    Served,
    Other(Error),
}

impl Refused {
    fn of(self, database: &Path) -> Error {
        match self {
            Self::Served => is_served(database),
            Self::Other(error) => error,
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// A database file that this process serves until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
    identity: Option<Identity>,
    path: PathBuf,
}

impl Lock {
    /// Locks the file, creating it if missing.
    ///
    /// # Errors
    /// If it cannot be opened, is already served, or has changes beside another of its names.
    pub(super) fn make(database: &Path) -> Result<Self> {
        let mut served = served();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let locked = match std::fs::metadata(database) {
            Ok(metadata) => check(&served, database, &metadata),
            Err(_) => resolved(database)
                .and_then(|path| names::check_missing(&path))
                .map_err(Refused::Other),
        };
        locked
            .and_then(|()| Self::take(&mut served, database, &options))
            .map_err(|refused| refused.of(database))
    }

    /// Locks the file if it exists.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(super) fn existing(database: &Path) -> Result<Option<Self>> {
        Self::find(database).map_err(|refused| refused.of(database))
    }

    fn find(database: &Path) -> std::result::Result<Option<Self>, Refused> {
        let mut served = served();
        match std::fs::metadata(database) {
            Ok(metadata) => check(&served, database, &metadata)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot_open(database, &error).into()),
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        Self::take(&mut served, database, &options).map(Some)
    }

    /// Returns the file's canonical path, without symbolic links; SQLite names the files beside it
    /// after that.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn take(
        served: &mut BTreeSet<Identity>,
        database: &Path,
        options: &OpenOptions,
    ) -> std::result::Result<Self, Refused> {
        let failed = |error: std::io::Error| cannot_open(database, &error);
        let file = options.open(database).map_err(failed)?;
        if cfg!(target_os = "linux") {
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Refused::Served),
                Err(TryLockError::Error(error)) => return Err(failed(error).into()),
            }
        }
        let path = std::fs::canonicalize(database).map_err(failed)?;
        names::check(&path)?;
        let identity = identity(&file.metadata().map_err(failed)?);
        served.extend(identity);
        Ok(Self {
            _file: file,
            identity,
            path,
        })
    }
}

/// Returns the path at which a database exists or would be created.
///
/// Symbolic links are followed even if their target does not exist.
///
/// # Errors
/// If the folder is missing, or links form a cycle.
pub(super) fn resolved(database: &Path) -> Result<PathBuf> {
    let failed = |error: std::io::Error| cannot_open(database, &error);
    let mut path = database.to_owned();
    for _ in 0..SYMBOLIC_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => {
                let folder = std::fs::canonicalize(folder_of(&path)).map_err(failed)?;
                let name = path.file_name().unwrap_or_default();
                return Ok(folder.join(name));
            }
        }
    }
    Err(cannot_open(database, &"its symbolic links form a loop"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Refuses a name under which SQLite would not find the last commits.
///
/// SQLite names the files beside a database after the name that it was opened with.
///
/// # Errors
/// If the file is served under another name, or has changes beside another name.
pub(super) fn check_name(database: &Path) -> Result<()> {
    match Lock::find(database) {
        Ok(_) => return Ok(()),
        Err(Refused::Other(error)) => return Err(error),
        Err(Refused::Served) => {}
    }
    if !std::fs::metadata(database).is_ok_and(|metadata| links(&metadata) > 1) {
        return Ok(());
    }
    let path = std::fs::canonicalize(database).map_err(|error| cannot_open(database, &error))?;
    match Marker::open(&path) {
        // The process that serves the file under this name holds the lock.
        Err(_) => Ok(()),
        Ok(_) => Err(cannot_open(
            database,
            &"a server uses it under another name (a hard link); use that name",
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
fn check(
    served: &BTreeSet<Identity>,
    database: &Path,
    metadata: &Metadata,
) -> std::result::Result<(), Refused> {
    if identity(metadata).is_some_and(|identity| served.contains(&identity)) {
        return Err(Refused::Served);
    }
    if links(metadata) > 1 && !cfg!(target_os = "linux") {
        let reason = "the file has another name (a hard link), under which another server could \
                      use it; remove one of the names";
        return Err(cannot_open(database, &reason).into());
    }
    Ok(())
}

/// Returns the error for a database that is in use.
pub(super) fn is_served(database: &Path) -> Error {
    Error::Storage {
        message: format!(
            "The database {} is in use by another process. Stop that process first, or use another \
             file.",
            database.display()
        ),
        temporary: false,
    }
}

fn served() -> MutexGuard<'static, BTreeSet<Identity>> {
    SERVED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
pub(super) fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(unix)]
pub(super) fn links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> Option<Identity> {
    None
}

#[cfg(not(unix))]
pub(super) fn links(_: &Metadata) -> u64 {
    1
}
