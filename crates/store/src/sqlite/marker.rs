//! Detects a database that was restored to an older state.
//!
//! A position means nothing in a restored file: the numbers after it are assigned again, to other
//! events. So every stream then needs a new epoch. The database has a name and counts its commits;
//! `FILE.state` beside it has both as they were after the last commit. It is written after every
//! commit, without waiting for the disk: it is never ahead of the database, and behind it only
//! after the machine lost power.
//!
//! Streams get new epochs if the marker is missing, has another name, or is ahead. A copy that was
//! restored together with its marker is not detected; [`mod@super::restore`] restores the database
//! alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write as _};
use std::path::Path;

use rusqlite::{Connection, params};

use super::cannot_open;
use super::lock::is_served;
use crate::error::Result;
use crate::sqlite::schema::new_name;

/// The file beside the database, locked while the database is served.
///
/// The lock also holds while [`mod@super::restore`] has moved the database itself away.
#[derive(Debug)]
pub(super) struct Marker {
    file: File,
}

impl Marker {
    pub(super) fn open(database: &Path) -> Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push(".state");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| cannot_open(database, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(is_served(database)),
            Err(TryLockError::Error(error)) => Err(cannot_open(database, &error)),
        }
    }

    /// Gives every stream a new epoch unless the database is the one served last, and not older.
    pub(super) fn check(&self, connection: &mut Connection, new: bool) -> Result<()> {
        let (mut name, commits): (String, i64) =
            connection.query_row("SELECT id, commits FROM store", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let known = self
            .read()
            .is_some_and(|(id, seen)| id == name && seen <= commits);
        if !new && !known {
            name = new_name();
            let transaction = connection.transaction()?;
            transaction.execute("UPDATE store SET id = ?", [&name])?;
            let streams: Vec<String> = transaction
                .prepare("SELECT id FROM streams")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for stream in streams {
                // Positions continue, so that events stay readable as history.
                transaction.execute(
                    "UPDATE streams SET epoch = ?, epoch_after = seq WHERE id = ?",
                    params![new_name(), stream],
                )?;
            }
            transaction.commit()?;
            tracing::warn!(
                "the database changed while the server was stopped; every board reloads its state"
            );
        }
        self.write(&name, commits);
        Ok(())
    }

    fn read(&self) -> Option<(String, i64)> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).ok()?;
        let text = std::io::read_to_string(file).ok()?;
        let (name, commits) = text.trim_end().split_once(' ')?;
        Some((name.to_owned(), commits.parse().ok()?))
    }

    /// Records the state after a commit.
    ///
    /// Its length never changes, so that a full disk does not matter.
    pub(super) fn write(&self, name: &str, commits: i64) {
        let mut file = &self.file;
        let written = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(format!("{name} {commits:020}\n").as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot write the marker file beside the database");
        }
    }
}
