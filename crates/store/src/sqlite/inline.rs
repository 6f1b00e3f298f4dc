//! A store without threads: each job runs at once, on the caller's thread.
//!
//! That blocks, so it is unsuitable for a server. Simulations need it: their time is virtual and
//! must not pass while a thread works, and the same seed must give the same run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use rusqlite::Connection;

use super::STATEMENTS;
use super::writer::Writer;
use crate::StoreMetrics;
use crate::error::Result;
use crate::sqlite::schema;
use crate::{ReadJob, Store, WriteJob};

/// A database in memory, with the same tables and statements as any other.
///
/// Clones share the database, so it can outlive a server that crashes.
#[derive(Clone)]
pub struct InlineStore {
    writer: Arc<Mutex<Writer>>,
    metrics: StoreMetrics,
}

impl std::fmt::Debug for InlineStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("InlineStore")
            .finish_non_exhaustive()
    }
}

impl InlineStore {
    /// Creates an empty database.
    ///
    /// # Errors
    /// If SQLite cannot be started.
    pub fn new() -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        schema::migrate(&mut connection)?;
        let metrics = StoreMetrics::default();
        let writer = Writer::new(connection, None, &metrics);
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            metrics,
        })
    }

    /// Returns the store's metrics.
    pub fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for InlineStore {
    async fn write(&self, job: Box<dyn WriteJob>) {
        self.writer().commit(vec![job], |_, _| {});
    }

    async fn read(&self, job: ReadJob) {
        self.writer().read(job);
    }
}
