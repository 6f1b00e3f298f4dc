//! Names of a database file, and the files that SQLite keeps beside the name under which it was
//! served.
//!
//! The last commits are in `NAME-wal` until a server shuts down cleanly. Under another name of the
//! file (a hard link, or after a rename) SQLite does not find it there, and an acknowledged commit
//! is lost. So the file stores the name that it was served under, and another name is refused while
//! changes are pending beside that one, or if that cannot be excluded.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::backup::beside;
use super::cannot_open;
use super::lock::{identity, links};
use crate::error::Result;

/// Suffixes of the files beside a database that hold changes not yet in the file.
const CHANGES: [&str; 2] = ["-wal", "-journal"];

/// Refuses to open a file under a name under which some of its changes would be lost.
///
/// The path must contain no symbolic link.
///
/// # Errors
/// Names the file that has the changes, and the remedy.
pub(super) fn check(path: &Path) -> Result<()> {
    let failed = |error: std::io::Error| cannot_open(path, &error);
    let file = fs::metadata(path).map_err(failed)?;
    if file.len() == 0 {
        return check_missing(path);
    }
    let served_as = served_as(path);
    if served_as.as_deref() == Some(path) {
        return Ok(());
    }
    let is_same = |other: &Path| {
        let other = fs::metadata(other).ok();
        identity(&file).is_some() && other.as_ref().and_then(identity) == identity(&file)
    };
    let others = match links(&file) {
        1 => Vec::new(),
        _ => siblings(path).map_err(failed)?,
    };
    let others: Vec<PathBuf> = others.into_iter().filter(|other| is_same(other)).collect();
    // Also try its last name, in case the folder was moved or is mounted elsewhere.
    let moved = served_as
        .as_deref()
        .and_then(|name| Some(path.with_file_name(name.file_name()?)))
        .filter(|moved| moved != path);
    let candidates = served_as.iter().chain(&moved).chain(&others);
    for other in candidates {
        // Another file of that name has changes of its own.
        let is_elsewhere = fs::symlink_metadata(other).is_ok() && !is_same(other);
        let waiting = (!is_elsewhere).then(|| changes_beside(other)).flatten();
        if let Some(waiting) = waiting {
            return Err(left_behind(path, other, &waiting));
        }
    }
    let known = others.len() as u64 + 1;
    let is_settled = served_as.as_deref().is_some_and(is_same) || changes_beside(path).is_some();
    if known < links(&file) && !is_settled {
        let reason = format!(
            "the file has {} names (hard links), of which {known} are in this folder. The last \
             commits may be in a file beside another name, and would be lost. Use the name that \
             the server used, or remove the others",
            links(&file)
        );
        return Err(cannot_open(path, &reason));
    }
    Ok(())
}

/// Refuses a name that has no database but changes of one: SQLite would remove them.
///
/// # Errors
/// Names the file that has the changes.
pub(super) fn check_missing(path: &Path) -> Result<()> {
    match changes_beside(path) {
        None => Ok(()),
        Some(waiting) => Err(cannot_open(
            path,
            &format_args!(
                "the database is missing, but {} contains changes that belong to it. Put the \
                 database back beside that file, or move the file away",
                waiting.display()
            ),
        )),
    }
}

/// Stores the name under which a database is served, in the file itself.
pub(super) fn note(connection: &Connection, path: &Path) -> Result<()> {
    let name = bytes(path);
    let sql = "UPDATE store SET served_as = ?1 WHERE served_as IS NOT ?1";
    if connection.execute(sql, [&name])? > 0 {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// Clears the name, in a copy that is to be served elsewhere.
pub(super) fn forget(copy: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('store') WHERE name = 'served_as')";
    // Files of older versions have no such column.
    if copy.query_row(sql, [], |row| row.get(0))? {
        copy.execute("UPDATE store SET served_as = NULL", [])?;
    }
    Ok(())
}

fn left_behind(path: &Path, other: &Path, waiting: &Path) -> crate::error::Error {
    let reason = format!(
        "the last commits are in {}, which does not belong to this name. Use the name {}, or \
         rename both files",
        waiting.display(),
        other.display()
    );
    cannot_open(path, &reason)
}

/// Returns the file beside a name that has pending changes.
fn changes_beside(path: &Path) -> Option<PathBuf> {
    let mut files = CHANGES.iter().map(|suffix| beside(path, suffix));
    files.find(|file| fs::metadata(file).is_ok_and(|found| found.len() > 0))
}

/// Returns the other files in the same folder.
fn siblings(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let Some(folder) = path.parent() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let other = entry?.path();
        let is_file = fs::symlink_metadata(&other).is_ok_and(|other| other.is_file());
        if is_file && other != path {
            found.push(other);
        }
    }
    Ok(found)
}

/// Reads the name under which a file was last served, from the file alone, without the files beside
/// it.
///
/// None if an older version wrote the file, or it cannot be read.
fn served_as(path: &Path) -> Option<PathBuf> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(address(path)?, flags).ok()?;
    let sql = "SELECT served_as FROM store";
    let name: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).ok()?;
    name.map(path_of)
}

/// Returns the URI under which SQLite reads the file as it is.
#[cfg(unix)]
fn address(path: &Path) -> Option<String> {
    use std::fmt::Write as _;
    let mut address = "file:".to_owned();
    for byte in bytes(path) {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            address.push(byte.into());
        } else {
            write!(address, "%{byte:02X}").ok()?;
        }
    }
    address.push_str("?immutable=1");
    Some(address)
}

/// Returns none: on other systems an open file cannot be renamed.
#[cfg(not(unix))]
fn address(_: &Path) -> Option<String> {
    None
}

#[cfg(unix)]
fn bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(not(unix))]
fn bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
