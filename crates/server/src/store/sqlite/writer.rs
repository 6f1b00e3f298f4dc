//! The thread that writes. Group commit: whatever is queued goes into one transaction, each job in a savepoint of its
//! own, so that one wait for the disk serves all of them, and a job that fails takes no other with it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::marker::Marker;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::store::{ReadJob, WriteJob};

/// Jobs in one commit: bounds how long the first of them waits for the last.
const BATCH: usize = 256;

pub(super) enum Job {
    Write(Box<dyn WriteJob>),
    Read(ReadJob),
}

/// Starts the thread. It ends when the sender is dropped and the queue is empty.
pub(super) fn spawn(
    connection: Connection,
    marker: Option<Marker>,
    queue: usize,
) -> Result<(mpsc::Sender<Job>, JoinHandle<()>)> {
    let (sender, mut jobs) = mpsc::channel(queue);
    let writer = Writer { connection, marker };
    let thread = std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || {
            let mut batch = Vec::new();
            while let Some(job) = jobs.blocking_recv() {
                let mut next = Some(job);
                while let Some(job) = next {
                    match job {
                        Job::Write(job) => batch.push(job),
                        Job::Read(job) => {
                            // A reading comes after the changes that were queued before it, and sees only what is committed.
                            writer.commit(std::mem::take(&mut batch));
                            read(&writer.connection, job);
                        }
                    }
                    next = if batch.len() < BATCH {
                        jobs.try_recv().ok()
                    } else {
                        None
                    };
                }
                writer.commit(std::mem::take(&mut batch));
            }
        })
        .map_err(|error| Error::Internal(format!("No thread could be started: {error}")))?;
    Ok((sender, thread))
}

/// Runs a reading. It has told its asker by itself, or, where it panicked, drops the means to.
pub(super) fn read(connection: &Connection, job: ReadJob) {
    let begun = connection.execute_batch("BEGIN");
    let reading = AssertUnwindSafe(|| match begun {
        Ok(()) => job(Ok(&Rows(connection))),
        Err(error) => job(Err(error.into())),
    });
    if catch_unwind(reading).is_err() {
        tracing::error!("a reading of the store panicked");
    }
    if !connection.is_autocommit() {
        if let Err(error) = connection.execute_batch("ROLLBACK") {
            tracing::error!(%error, "a reading of the store could not be ended");
        }
    }
}

struct Writer {
    connection: Connection,
    marker: Option<Marker>,
}

impl Writer {
    fn commit(&self, mut batch: Vec<Box<dyn WriteJob>>) {
        if batch.is_empty() {
            return;
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        let committed = self.run(&mut batch, &mut outcomes);
        if committed.is_err() && !self.connection.is_autocommit() {
            if let Err(error) = self.connection.execute_batch("ROLLBACK") {
                tracing::error!(%error, "a failed transaction could not be rolled back");
            }
        }
        // Jobs that were not reached failed with the others.
        outcomes.resize(batch.len(), Ok(()));
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            let outcome = outcome.and_then(|()| committed.clone());
            if catch_unwind(AssertUnwindSafe(|| job.finish(outcome))).is_err() {
                tracing::error!("the end of a write panicked");
            }
        }
    }

    /// Runs all jobs and commits; an error means that none of them took effect.
    fn run(&self, batch: &mut [Box<dyn WriteJob>], outcomes: &mut Vec<Result<()>>) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for job in batch {
            let outcome = self.run_one(job.as_mut());
            // A full disk or an I/O error may end the whole transaction, with what earlier jobs did.
            if self.connection.is_autocommit() {
                return Err(outcome.err().unwrap_or_else(Error::store_closed));
            }
            outcomes.push(outcome);
        }
        if outcomes.iter().all(Result::is_err) {
            return Ok(self.connection.execute_batch("ROLLBACK")?);
        }
        let (name, commits): (String, i64) = self
            .connection
            .prepare_cached("UPDATE store SET commits = commits + 1 RETURNING id, commits")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.connection.execute_batch("COMMIT")?;
        if let Some(marker) = &self.marker {
            marker.write(&name, commits);
        }
        Ok(())
    }

    fn run_one(&self, job: &mut dyn WriteJob) -> Result<()> {
        self.connection.execute_batch("SAVEPOINT job")?;
        let mut rows = Rows(&self.connection);
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut rows)))
            .unwrap_or_else(|_| Err(Error::Internal("The server failed at this request.".into())));
        if !self.connection.is_autocommit() {
            let end = if outcome.is_ok() {
                "RELEASE job"
            } else {
                "ROLLBACK TO job; RELEASE job"
            };
            self.connection.execute_batch(end)?;
        }
        outcome
    }
}
