//! Replacement of a database by a backup.
//!
//! A backup is older than the database that it replaces, and people rely on what they ended since:
//! revoked tokens, disabled people and ended sign-ins stay so. That, and the check that this
//! version can serve the file at all, is done on a copy before anything is replaced.

mod ended;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _};
use tasktree_protocol::StreamId;

use super::backup::{beside, copy, failed, open, remove, unless_missing};
use super::lock::{Lock, resolved};
use super::marker::Marker;
use super::ours;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::sqlite::schema;
use crate::{INSTANCE, Read as _, StoreMetrics};
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

/// Checks that a file is a complete database of this program.
fn check(backup: &Connection) -> std::result::Result<(), String> {
    let foreign = ours::foreign(backup).map_err(|error| error.to_string())?;
    if let Some(reason) = foreign {
        return Err(ours::refusal(&reason));
    }
    let without = |_| ours::refusal("it contains no database");
    let version: u32 = backup
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(without)?;
    backup
        .query_row("SELECT id, commits FROM store", [], |_| Ok(()))
        .map_err(without)?;
    schema::check_version(version as usize).map_err(|error| error.to_string())?;
    let found: rusqlite::Result<String> =
        backup.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(format!("it is damaged: {found}")),
        Err(error) => Err(format!("it is damaged: {error}")),
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

/// Refuses a file whose tables, indexes, views or triggers are not those of this version.
///
/// Its version number matches, but another program wrote it. One extra trigger could remove written
/// data.
fn check_shape(copy: &Connection) -> Result<()> {
    let mut wanted = Connection::open_in_memory()?;
    schema::migrate(&mut wanted)?;
    let (wanted, found) = (shape(&wanted)?, shape(copy)?);
    let foreign = |what: String| {
        Err(Error::Storage {
            message: format!("It is not a TaskTree database: {what}."),
            temporary: false,
        })
    };
    for (part, sql) in &wanted {
        match found.get(part) {
            None => return foreign(format!("it has no {part}")),
            Some(other) if other != sql => return foreign(format!("its {part} is different")),
            Some(_) => {}
        }
    }
    match found.keys().find(|part| !wanted.contains_key(*part)) {
        Some(more) => foreign(format!("it has an additional {more}")),
        None => Ok(()),
    }
}

/// Returns the parts of a schema with the statements that created them.
fn shape(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let sql = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn unusable(error: &dyn Display) -> Error {
    Error::Storage {
        message: format!("It cannot be used: {error}"),
        temporary: false,
    }
}

fn no_stream(stream: &StreamId) -> Error {
    Error::Internal(format!("the stream '{}' is missing", stream.as_str()))
}

/// Reads each table once, as the server would, to find values that this program does not know.
///
/// Otherwise the first request would find them.
fn check_rows(copy: &Connection) -> Result<()> {
    let metrics = StoreMetrics::default();
    let rows = Rows::new(copy, &metrics);
    let system = StreamId::system();
    if rows.stream(&system)?.is_none() {
        return Err(no_stream(&system));
    }
    rows.credentials()?;
    rows.people()?;
    let sql = "SELECT streams.id FROM streams WHERE streams.seq < \
                 (SELECT MAX(seq) FROM events WHERE stream = streams.id) LIMIT 1";
    let behind: Option<String> = copy.query_row(sql, [], |row| row.get(0)).optional()?;
    if let Some(stream) = behind {
        return Err(Error::Internal(format!(
            "stream '{stream}' is behind its events"
        )));
    }
    for project in rows.projects()? {
        let stream = StreamId::project(&project.id);
        if rows.stream(&stream)?.is_none() {
            return Err(no_stream(&stream));
        }
        rows.tasks(&project.id)?;
        rows.agents(&project.id)?;
        rows.leases(&project.id)?;
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
mod tests {
    use super::*;
    use crate::SqliteStore;

    /// Returns a folder with a backup of an empty database, and a database.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (board, kept) = (
            folder.path().join("board.db"),
            folder.path().join("kept.db"),
        );
        drop(SqliteStore::open(&board).unwrap());
        super::super::backup(&board, &kept).unwrap();
        folder
    }

    /// Returns the error for a modified backup, and asserts that the database is unchanged.
    fn refusal(change: impl FnOnce(&Connection)) -> String {
        let folder = folder();
        let (board, kept) = (
            folder.path().join("board.db"),
            folder.path().join("kept.db"),
        );
        let before = fs::read(&board).unwrap();
        change(&Connection::open(&kept).unwrap());
        let refusal = restore(&kept, &board).unwrap_err().to_string();
        assert_eq!(fs::read(&board).unwrap(), before);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(
            left.len(),
            3,
            "the database, its state, the backup: {left:?}"
        );
        refusal
    }

    #[test]
    fn a_file_that_cannot_be_served_is_refused_before_anything_is_replaced() {
        let newer = refusal(|kept| kept.pragma_update(None, "user_version", 4711).unwrap());
        assert!(
            newer.contains("newer version") && newer.contains("4711"),
            "{newer}"
        );
        let foreign = "not a TaskTree database";
        let empty = refusal(|kept| kept.pragma_update(None, "user_version", 0).unwrap());
        assert!(empty.contains(foreign), "{empty}");
        for (change, said) in [
            (
                "DELETE FROM streams WHERE id = '*'",
                "stream '*' is missing",
            ),
            (
                "CREATE TRIGGER t AFTER INSERT ON tasks BEGIN DELETE FROM tasks; END",
                "it has an additional trigger t",
            ),
            (
                "DROP VIEW shown_tasks; CREATE VIEW shown_tasks AS SELECT * FROM tasks",
                "its view shown_tasks is different",
            ),
            (
                "INSERT INTO credentials (id, name, role, digest, made_at, made_by) \
                 VALUES ('x', 'x', 'god', x'00', 1, 'x')",
                "cannot be used",
            ),
        ] {
            let refused = refusal(|kept| kept.execute_batch(change).unwrap());
            assert!(refused.contains(said), "{refused}");
        }
        let other = refusal(|kept| kept.execute_batch("DROP TABLE store").unwrap());
        assert!(other.contains(foreign), "{other}");
        let lacking = refusal(|kept| kept.execute_batch("DROP TABLE leases").unwrap());
        assert!(
            lacking.contains(foreign) && lacking.contains("leases"),
            "{lacking}"
        );
        let column = "ALTER TABLE tasks DROP COLUMN branch";
        let lacking = refusal(|kept| kept.execute_batch(column).unwrap());
        assert!(
            lacking.contains("its table tasks is different"),
            "{lacking}"
        );
        let index = refusal(|kept| kept.execute_batch("DROP INDEX tasks_source").unwrap());
        assert!(index.contains("tasks_source"), "{index}");
    }

    #[test]
    fn a_damaged_file_is_refused_with_what_is_wrong() {
        let damaged = refusal(|kept| {
            // An index that does not match its table.
            kept.execute_batch(
                "CREATE TABLE pairs (a); CREATE INDEX pairs_a ON pairs (a); INSERT INTO pairs VALUES (1), (2);
                 PRAGMA writable_schema = ON;
                 UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'undos_made')
                 WHERE name = 'pairs_a';",
            )
            .unwrap();
        });
        assert!(damaged.contains("damaged"), "{damaged}");
    }

    #[test]
    fn what_was_revoked_long_ago_stays_revoked() {
        let folder = folder();
        let (board, kept) = (
            folder.path().join("board.db"),
            folder.path().join("kept.db"),
        );
        let token = "INSERT INTO credentials (id, name, role, digest, made_at, made_by) \
                     VALUES ('c', 'ann', 'viewer', zeroblob(32), 1, 'human:local')";
        Connection::open(&kept).unwrap().execute(token, []).unwrap();
        let forgotten = "INSERT INTO revocations VALUES (zeroblob(32), 5)";
        Connection::open(&board)
            .unwrap()
            .execute(forgotten, [])
            .unwrap();
        assert_eq!(restore(&kept, &board).unwrap().revoked, 1);
        // The same holds for a restore of the restored database.
        assert_eq!(restore(&kept, &board).unwrap().revoked, 1);
        let now = Connection::open(&board).unwrap();
        let sql = "SELECT revoked_at FROM credentials";
        let at: i64 = now.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(at, 5);
    }

    #[test]
    fn who_was_disabled_stays_disabled() {
        let folder = folder();
        let (board, kept) = (
            folder.path().join("board.db"),
            folder.path().join("kept.db"),
        );
        let made = "INSERT INTO people (id, name, made_at) VALUES ('p', 'ann', 1);
             INSERT INTO credentials (id, name, role, digest, made_at, made_by, person)
             VALUES ('c', 'ann', 'viewer', zeroblob(32), 1, 'human:local', 'p');
             INSERT INTO sessions (digest, credential, expires_at) VALUES (zeroblob(32), 'c', 9);";
        for file in [&board, &kept] {
            Connection::open(file).unwrap().execute_batch(made).unwrap();
        }
        let disabled = "UPDATE people SET disabled_at = 5";
        Connection::open(&board)
            .unwrap()
            .execute(disabled, [])
            .unwrap();
        restore(&kept, &board).unwrap();
        let now = Connection::open(&board).unwrap();
        let sql = "SELECT disabled_at, (SELECT COUNT(*) FROM sessions) FROM people";
        let found: (Option<i64>, i64) = now
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(found, (Some(5), 0));
    }
}
