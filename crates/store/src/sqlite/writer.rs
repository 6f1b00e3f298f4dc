//! The writing thread.
//!
//! Group commit: all queued jobs go into one transaction, each in its own savepoint. One wait for
//! the disk serves all of them, and a failing job takes no other with it.

mod batches;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::files::Files;
use super::marker::Marker;
use super::queue::{Job, Receiver, Sender, queue};
use super::rows::Rows;
use crate::StoreMetrics;
use crate::error::{Error, Result};
use crate::{ReadJob, WriteJob};
use batches::Batches;

/// Files of a database on disk.
pub(super) struct OnDisk {
    /// Marker that records each commit beside the database.
    pub(super) marker: Marker,
    /// Files checked before each commit: writes to removed files are lost.
    pub(super) files: Arc<Files>,
}

/// Starts the thread, behind a queue with room for that many jobs.
///
/// It ends when the sender is dropped and the queue is empty.
pub(super) fn spawn(
    connection: Connection,
    disk: Option<OnDisk>,
    room: usize,
    metrics: &StoreMetrics,
) -> Result<(Sender, JoinHandle<()>)> {
    let (sender, jobs) = queue(room);
    let writer = Writer::new(connection, disk, metrics);
    let thread = std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || writer.serve(jobs))
        .map_err(|error| Error::Internal(format!("Cannot start a thread: {error}")))?;
    Ok((sender, thread))
}

/// Runs a read, which answers its caller itself or, if it panics, drops its reply channel.
pub(super) fn read(connection: &Connection, job: ReadJob, metrics: &StoreMetrics) {
    let began_at = Instant::now();
    let begun = execute(connection, "BEGIN");
    let reading = AssertUnwindSafe(|| match begun {
        Ok(()) => job(Ok(&Rows::new(connection, metrics))),
        Err(error) => job(Err(error)),
    });
    if catch_unwind(reading).is_err() {
        tracing::error!("a store read panicked");
    }
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        tracing::error!(%error, "cannot end a store read");
    }
    metrics.read.observe(began_at.elapsed().as_secs_f64());
}

/// Runs a statement that begins or ends a transaction or savepoint, from the statement cache.
fn execute(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Commits batches of jobs on one connection.
pub(super) struct Writer {
    connection: Connection,
    disk: Option<OnDisk>,
    metrics: StoreMetrics,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        disk: Option<OnDisk>,
        metrics: &StoreMetrics,
    ) -> Self {
        Self {
            connection,
            disk,
            metrics: metrics.clone(),
        }
    }

    /// Runs a read, which sees committed data.
    pub(super) fn read(&self, job: ReadJob) {
        read(&self.connection, job, &self.metrics);
    }

    fn serve(&self, jobs: Receiver) {
        let mut batches = Batches::new(jobs);
        while let Some(jobs) = batches.next() {
            let mut writes = Vec::new();
            for job in jobs {
                match job {
                    Job::Write(job) => writes.push(job),
                    Job::Read(job) => {
                        // A read comes after the changes queued before it, and sees only committed
                        // data.
                        let before = std::mem::take(&mut writes);
                        self.commit(before, |jobs, took| batches.committed(jobs, took));
                        self.read(job);
                    }
                }
            }
            self.commit(writes, |jobs, took| batches.committed(jobs, took));
        }
    }

    /// Commits a batch and answers its jobs.
    ///
    /// Before answering, it calls `committed` with the number of jobs and the time that the commit
    /// took.
    pub(super) fn commit(
        &self,
        mut batch: Vec<Box<dyn WriteJob>>,
        committed: impl FnOnce(usize, Duration),
    ) {
        if batch.is_empty() {
            return;
        }
        let began = Instant::now();
        let outcomes = self.run(&mut batch);
        let took = began.elapsed();
        self.metrics.commit.observe(took.as_secs_f64());
        self.metrics.commit_writes.observe(batch.len() as f64);
        committed(batch.len(), took);
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            if catch_unwind(AssertUnwindSafe(|| job.finish(outcome))).is_err() {
                tracing::error!("the completion of a write panicked");
            }
        }
    }

    /// Runs all jobs and commits; returns the outcome of each.
    fn run(&self, batch: &mut [Box<dyn WriteJob>]) -> Vec<Result<()>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let committed = self.transact(batch, &mut outcomes);
        if committed.is_err()
            && !self.connection.is_autocommit()
            && let Err(error) = execute(&self.connection, "ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back a failed transaction");
        }
        // Jobs that were not reached failed with the others.
        outcomes.resize(batch.len(), Ok(()));
        let outcomes = outcomes.into_iter();
        outcomes
            .map(|outcome| outcome.and_then(|()| committed.clone()))
            .collect()
    }

    /// Runs the jobs in one transaction. An error means that none of them took effect.
    fn transact(
        &self,
        batch: &mut [Box<dyn WriteJob>],
        outcomes: &mut Vec<Result<()>>,
    ) -> Result<()> {
        execute(&self.connection, "BEGIN IMMEDIATE")?;
        for job in batch {
            let outcome = self.run_one(job.as_mut());
            // A full disk or an I/O error may end the whole transaction, with the work of earlier
            // jobs.
            if self.connection.is_autocommit() {
                return Err(outcome.err().unwrap_or_else(Error::store_closed));
            }
            outcomes.push(outcome);
        }
        if outcomes.iter().all(Result::is_err) {
            return execute(&self.connection, "ROLLBACK");
        }
        let (name, commits): (String, i64) = self
            .connection
            .prepare_cached("UPDATE store SET commits = commits + 1 RETURNING id, commits")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(disk) = &self.disk {
            disk.files.check()?;
        }
        execute(&self.connection, "COMMIT")?;
        if let Some(disk) = &self.disk {
            disk.marker.write(&name, commits);
        }
        Ok(())
    }

    fn run_one(&self, job: &mut dyn WriteJob) -> Result<()> {
        execute(&self.connection, "SAVEPOINT job")?;
        let before = self.connection.total_changes();
        let mut rows = Rows::new(&self.connection, &self.metrics);
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut rows))).unwrap_or_else(|_| {
            Err(Error::Internal(
                "Internal error: the operation panicked.".into(),
            ))
        });
        self.metrics
            .wrote(self.connection.total_changes().saturating_sub(before));
        if !self.connection.is_autocommit() {
            if outcome.is_err() {
                execute(&self.connection, "ROLLBACK TO job")?;
            }
            execute(&self.connection, "RELEASE job")?;
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
