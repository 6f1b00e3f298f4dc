//! Tells this program's databases from files of other programs, before anything is written to them.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::cannot_open;
use crate::error::Result;
use crate::sqlite::schema::{self, APPLICATION_ID};

/// Refuses a database of another program. An empty file belongs to nobody and is accepted.
///
/// # Errors
/// Gives the sign by which it was recognized, and asks for another file.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<()> {
    match foreign(connection)? {
        None => Ok(()),
        Some(reason) => Err(cannot_open(
            path,
            &format_args!("{}. Use another file.", refusal(&reason)),
        )),
    }
}

/// Returns the message for a file of another program.
pub(super) fn refusal(reason: &str) -> String {
    format!("it is not a TaskTree database: {reason}")
}

/// Returns the sign by which a file belongs to another program; none if it is ours or empty.
pub(super) fn foreign(connection: &Connection) -> Result<Option<String>> {
    match sign(connection) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Ok(Some("it is not an SQLite file".to_owned()))
        }
        Err(error) => Err(error.into()),
        Ok(sign) => Ok(sign),
    }
}

fn sign(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let number = |pragma: &str| -> rusqlite::Result<i64> {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
    };
    let (id, version) = (number("application_id")?, number("user_version")?);
    if id != 0 && id != APPLICATION_ID {
        let sign = format!("it belongs to another program (application_id {id})");
        return Ok(Some(sign));
    }
    let found = tables(connection)?;
    let version = match usize::try_from(version) {
        // The caller refuses it as a file of a newer version.
        Ok(version) if found.is_empty() && !(1..=schema::VERSION).contains(&version) => {
            return Ok(None);
        }
        Ok(0) => return Ok(Some("it has tables of another program".to_owned())),
        Ok(version) => version,
        Err(_) => return Ok(Some(format!("its user_version is {version}"))),
    };
    if id == APPLICATION_ID {
        return Ok(None);
    }
    // An older file without the mark is recognized by the tables of its version.
    let wanted = tables(&schema::of_version(version)?)?;
    let missing = wanted.into_iter().find(|table| !found.contains(table));
    Ok(missing.map(|table| format!("it has no table '{table}'")))
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqliteStore;
    use crate::sqlite::{backup, restore};

    #[test]
    fn a_file_of_another_program_is_neither_served_nor_copied_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        drop(SqliteStore::open(&of("board.db")).unwrap());
        backup(&of("board.db"), &of("kept.db")).unwrap();
        let theirs = of("theirs.db");
        let connection = Connection::open(&theirs).unwrap();
        let sql = "CREATE TABLE bookmarks (url); INSERT INTO bookmarks VALUES ('x')";
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let before = std::fs::read(&theirs).unwrap();
        for refusal in [
            SqliteStore::open(&theirs).unwrap_err(),
            backup(&theirs, &of("copy.db")).unwrap_err(),
            restore(&theirs, &of("board.db")).unwrap_err(),
            restore(&of("kept.db"), &theirs).unwrap_err(),
        ] {
            let refusal = refusal.to_string();
            assert!(refusal.contains("not a TaskTree database"), "{refusal}");
        }
        assert_eq!(std::fs::read(&theirs).unwrap(), before);
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 4, "three databases and a state: {left:?}");
        // An empty file belongs to nobody.
        std::fs::write(of("empty.db"), "").unwrap();
        drop(SqliteStore::open(&of("empty.db")).unwrap());
        drop(SqliteStore::open(&of("empty.db")).unwrap());
    }

    fn sign_of(sql: &str) -> Option<String> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        foreign(&connection).unwrap()
    }

    #[test]
    fn an_empty_file_and_those_of_each_version_are_ours() {
        assert_eq!(sign_of(""), None);
        for version in 1..=schema::VERSION {
            let connection = schema::of_version(version).unwrap();
            let set = |id: i64| connection.pragma_update(None, "application_id", id);
            connection
                .pragma_update(None, "user_version", version as i64)
                .unwrap();
            assert_eq!(foreign(&connection).unwrap(), None, "{version}");
            set(0).unwrap();
            assert_eq!(foreign(&connection).unwrap(), None, "{version}, unmarked");
            set(7).unwrap();
            assert!(
                foreign(&connection).unwrap().is_some(),
                "{version}, another's"
            );
        }
    }

    #[test]
    fn tables_marks_and_versions_of_others_are_told() {
        for (sql, sign) in [
            ("CREATE TABLE bookmarks (url)", "tables of another program"),
            (
                "PRAGMA application_id = 252006674",
                "application_id 252006674",
            ),
            ("PRAGMA user_version = -3", "user_version"),
            ("PRAGMA user_version = 4", "no table"),
            (
                "CREATE TABLE store (id, commits); PRAGMA user_version = 4711",
                "no table",
            ),
        ] {
            let found = sign_of(sql).unwrap_or_default();
            assert!(found.contains(sign), "{sql}: {found}");
        }
    }
}
