//! Tables of the SQLite store, and migrations from older versions.

mod answers;
mod attention;
mod changes;
mod early;
mod hooks;
mod imports;
mod keys;
mod leases;
mod merges;
mod names;
mod narrow;
mod resets;
mod talk;

use rusqlite::Connection;
use tasktree_protocol::StreamId;
use uuid::Uuid;

use crate::error::{Error, Result};
pub(super) use names::APPLICATION_ID;

/// Migrations between schema versions.
///
/// Step n leads to `user_version` n + 1; steps are never edited.
const STEPS: &[&str] = &[
    early::INITIAL,
    early::ACCOUNTS,
    early::KEPT,
    early::HISTORY,
    early::GRAPH,
    talk::COMMENTS,
    early::LISTS,
    early::PRIVACY,
    early::CLAIMS,
    talk::PEOPLE,
    answers::ANSWERS,
    merges::COLUMNS,
    talk::QUESTIONS,
    keys::KEYS,
    changes::CHANGES,
    early::CLAIMS_BY_AGENT,
    early::BASES,
    resets::RESETS,
    leases::LEASES,
    talk::ASSIGNMENT,
    narrow::NARROW,
    imports::SOURCES,
    names::NAMES,
    talk::FORMER,
    resets::DISMISSED,
    narrow::LOG_TOTALS,
    imports::PENDING,
    LABELS,
    attention::ATTENTION,
    hooks::HOOKS,
];

/// Version that this program writes.
pub(super) const VERSION: usize = STEPS.len();

/// Labels of tasks, as a JSON list.
const LABELS: &str = "
    ALTER TABLE tasks ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
";

/// Migrates the schema to the current version; returns true if the file was empty.
pub(super) fn migrate(connection: &mut Connection) -> Result<bool> {
    let version: usize =
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
    check_version(version)?;
    for (index, step) in STEPS.iter().enumerate().skip(version) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        if index == 0 {
            transaction.execute("INSERT INTO store VALUES (?, 0)", [new_name()])?;
            transaction.execute(
                "INSERT INTO streams VALUES (?, ?, 0, 0)",
                [StreamId::SYSTEM, &new_name()],
            )?;
        }
        if *step == merges::COLUMNS {
            merges::hide_credentials(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(version == 0)
}

/// Returns an empty database as the given version of this program made it.
///
/// For a version newer than this program, returns the current schema.
pub(super) fn of_version(version: usize) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for step in STEPS.iter().take(version) {
        connection.execute_batch(step)?;
    }
    Ok(connection)
}

/// Refuses a schema version that this program does not know.
pub(super) fn check_version(version: usize) -> Result<()> {
    if version <= VERSION {
        return Ok(());
    }
    Err(Error::Storage {
        message: format!(
            "The database was written by a newer version (its schema version is {version}, this \
             program supports {VERSION}). Use that version, or another database file."
        ),
        temporary: false,
    })
}

/// Returns a new unique name: 48 random bits, short because every event carries an epoch.
pub(super) fn new_name() -> String {
    let mut name = Uuid::new_v4().simple().to_string();
    name.truncate(12);
    name
}

#[cfg(test)]
mod tests;
