//! Store in one SQLite file: one thread writes, a few read.
//!
//! Durability: WAL with `synchronous = FULL`, so an acknowledged commit survives a crash of the
//! machine. Many writers share one commit: see [`writer`].

mod agents;
mod answers;
mod attempts;
mod attention;
mod attention_causes;
mod backup;
mod changes;
mod comments;
mod coordination;
mod credentials;
mod events;
mod files;
mod graph;
mod hooks;
mod imports;
mod inline;
mod keys;
mod leftovers;
mod lock;
mod marker;
mod names;
mod ours;
mod people;
mod projects;
mod questions;
mod queue;
mod readers;
mod ready;
mod resets;
mod restore;
mod rows;
mod runs;
mod schema;
mod staging;
mod tasks;
mod trash;
mod values;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode};

use super::{ReadJob, Store, WriteJob};
use crate::StoreMetrics;
use crate::error::{Error, Result};
pub(super) use backup::backup;
use files::Files;
pub use inline::InlineStore;
use lock::Lock;
use marker::Marker;
use queue::{Job, Sender};
pub use restore::Restored;
pub(super) use restore::restore;
use writer::OnDisk;

/// Number of queued jobs after which [`Store::write`] waits.
const QUEUE: usize = 1024;

/// Number of reading connections. Reads are short; more would only compete for the processor.
const READERS: usize = 4;

/// Time that a statement waits for another process's lock, as someone may inspect the file with a
/// tool.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements cached per connection: more than this crate has.
const STATEMENTS: usize = 128;

/// A store in one SQLite file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Option<Sender>,
    /// Queue of the reading threads.
    ///
    /// None if the writer also reads: an in-memory database belongs to one connection.
    readers: Option<blocking::Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
    metrics: StoreMetrics,
    /// Files of the database; none in memory.
    files: Option<Arc<Files>>,
    /// Lock on the database file. Dropped last, after all connections are closed.
    _lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens the file, creating it and its parent directories if missing, and migrates an older
    /// schema.
    ///
    /// `:memory:` opens [`SqliteStore::in_memory`]. `FILE.state` beside the file detects a file
    /// that was restored to an older state: see [`marker`].
    ///
    /// # Errors
    /// If the file cannot be opened, another process serves it, it belongs to another program, a
    /// newer version wrote it, or its last commits are beside another of its names.
    pub fn open(path: &Path) -> Result<Self> {
        if path == Path::new(":memory:") {
            return Self::in_memory();
        }
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            std::fs::create_dir_all(parent).map_err(|error| cannot_open(path, &error))?;
        }
        let lock = Lock::make(path)?;
        let path = lock.path();
        let mut connection = connect(path)?;
        // Check before anything is created beside the file.
        ours::check(&connection, path)?;
        let marker = Marker::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Free the disk space after a burst.
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        let new = schema::migrate(&mut connection)?;
        marker.check(&mut connection, new)?;
        names::note(&connection, path)?;
        staging::remove_all(&mut connection)?;

        let files = Arc::new(Files::of(path).map_err(|error| cannot_open(path, &error))?);
        let metrics = StoreMetrics::default();
        let mut threads = Vec::new();
        let (readers, queue) = readers::queue();
        for _ in 0..READERS {
            let connection = connect(path)?;
            connection.pragma_update(None, "query_only", true)?;
            threads.push(readers::spawn(connection, &queue, &metrics)?);
        }
        let disk = OnDisk {
            marker,
            files: Arc::clone(&files),
        };
        let (writer, thread) = writer::spawn(connection, Some(disk), QUEUE, &metrics)?;
        threads.push(thread);
        Ok(Self {
            writer: Some(writer),
            readers: Some(readers),
            threads,
            metrics,
            files: Some(files),
            _lock: Some(lock),
        })
    }

    /// Creates a store that exists until it is dropped.
    ///
    /// # Errors
    /// If SQLite cannot be started.
    pub fn in_memory() -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        schema::migrate(&mut connection)?;
        let metrics = StoreMetrics::default();
        let (writer, thread) = writer::spawn(connection, None, QUEUE, &metrics)?;
        Ok(Self {
            writer: Some(writer),
            readers: None,
            threads: vec![thread],
            metrics,
            files: None,
            _lock: None,
        })
    }

    /// Returns the store's metrics.
    pub fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }
}

impl Drop for SqliteStore {
    /// Lets the threads finish the queued jobs, and closes the file.
    fn drop(&mut self) {
        self.writer = None;
        self.readers = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn write(&self, job: Box<dyn WriteJob>) {
        let Some(writer) = &self.writer else {
            return job.finish(Err(Error::store_closed()));
        };
        if let Err(Job::Write(job)) = writer.send(Job::Write(job)).await {
            job.finish(Err(Error::store_closed()));
        }
    }

    async fn read(&self, job: ReadJob) {
        if let Some(readers) = &self.readers {
            if let Err(blocking::SendError(job)) = readers.send(job) {
                job(Err(Error::store_closed()));
            }
        } else if let Some(writer) = &self.writer
            && let Err(Job::Read(job)) = writer.send(Job::Read(job)).await
        {
            job(Err(Error::store_closed()));
        }
    }

    fn check(&self) -> Result<()> {
        self.files.as_ref().map_or(Ok(()), |files| files.check())
    }

    fn room(&self) -> Option<u64> {
        self.files.as_ref()?.room()
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn cannot_open(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Storage {
        message: format!("Cannot open the database {}: {error}", path.display()),
        temporary: false,
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let (message, temporary) = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                ("The disk is full; nothing was changed.".to_owned(), true)
            }
            Some(ErrorCode::SystemIoFailure) => (
                format!("The disk failed; nothing was changed: {error}"),
                true,
            ),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
                "The database is in use by another program.".to_owned(),
                true,
            ),
            _ => (format!("Database error: {error}"), false),
        };
        Self::Storage { message, temporary }
    }
}
