//! The store in one SQLite file.

use std::path::Path;

use async_trait::async_trait;

use super::{ReadJob, Store, WriteJob};
use crate::error::{Error, Result};

/// The store in one SQLite file, or in memory.
#[derive(Debug)]
pub struct SqliteStore;

impl SqliteStore {
    /// Opens the file, or makes it. An older schema is brought up to date.
    ///
    /// # Errors
    /// Where the file cannot be opened or was written by a newer version.
    pub fn open(_path: &Path) -> Result<Self> {
        Err(crate::error::Error::Internal("Not written yet.".to_owned()))
    }

    /// A store that is gone when it is dropped.
    ///
    /// # Errors
    /// Where SQLite cannot be started.
    pub fn in_memory() -> Result<Self> {
        Err(crate::error::Error::Internal("Not written yet.".to_owned()))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn write(&self, job: Box<dyn WriteJob>) {
        job.finish(Err(Error::store_closed()));
    }

    async fn read(&self, job: ReadJob) {
        job(Err(Error::store_closed()));
    }
}
