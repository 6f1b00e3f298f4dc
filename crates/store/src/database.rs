//! The database of a server as a whole: opened, backed up, restored.
//!
//! Callers name no kind of database. Today all of them are SQLite files.

use std::path::Path;
use std::sync::Arc;

use super::sqlite::{self, SqliteStore};
use super::{Restored, Store, StoreMetrics};
use crate::error::Result;

/// An opened database.
pub struct Opened {
    /// Store of its rows.
    pub store: Arc<dyn Store>,
    /// Metrics of the store.
    pub metrics: StoreMetrics,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// Opens the database in a file, or without a path one that is in memory only.
///
/// # Errors
/// As [`SqliteStore::open`] and [`SqliteStore::in_memory`].
pub fn open(path: Option<&Path>) -> Result<Opened> {
    let store = match path {
        Some(path) => SqliteStore::open(path)?,
        None => SqliteStore::in_memory()?,
    };
    let metrics = store.metrics().clone();
    Ok(Opened {
        store: Arc::new(store),
        metrics,
    })
}

/// Writes the state of a database to a new file. A server may keep using the database.
///
/// # Errors
/// If the database cannot be read, or the file cannot be written.
pub fn backup(database: &Path, to: &Path) -> Result<()> {
    sqlite::backup(database, to)
}

/// Replaces a database by a backup, keeping what was ended since: tokens, people and sign-ins.
///
/// # Errors
/// If a server runs on the database, or this version cannot serve the backup. Nothing was changed
/// then.
pub fn restore(from: &Path, database: &Path) -> Result<Restored> {
    sqlite::restore(from, database)
}
