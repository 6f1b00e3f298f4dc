//! Jobs, and the store that runs them.

use async_trait::async_trait;

use crate::error::Result;
use crate::{Read, Transaction};

/// A job that changes state.
pub trait WriteJob: Send {
    /// Does the work, in a transaction of its own that is rolled back if it fails. Called at most
    /// once.
    ///
    /// # Errors
    /// Whatever makes the job fail.
    fn run(&mut self, transaction: &mut dyn Transaction) -> Result<()>;

    /// Receives the outcome, exactly once: `Ok` only after the commit is durable.
    ///
    /// The store calls it from one thread, in the order of the commits, so it must not block.
    fn finish(self: Box<Self>, outcome: Result<()>);
}

/// A job that reads. It sees one consistent state throughout.
pub type ReadJob = Box<dyn FnOnce(Result<&dyn Read>) + Send>;

/// Runs jobs.
#[async_trait]
pub trait Store: Send + Sync {
    /// Queues a change, waiting while the queue is full. The outcome goes to [`WriteJob::finish`].
    async fn write(&self, job: Box<dyn WriteJob>);

    /// Queues a read. The job receives the error if the store cannot serve it.
    async fn read(&self, job: ReadJob);

    /// Checks that the underlying storage is still the one that was opened.
    ///
    /// May block for as long as the disk does.
    ///
    /// # Errors
    /// Describes the fault.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the bytes that are free on its disk, if known. May block like [`Self::check`].
    fn room(&self) -> Option<u64> {
        None
    }
}
