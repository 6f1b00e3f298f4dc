//! Queue of jobs for the writing thread.
//!
//! It is bounded for senders, who wait without blocking a thread, and offers the receiving thread a
//! deadline, which no tokio channel does.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{ReadJob, WriteJob};

pub(super) enum Job {
    Write(Box<dyn WriteJob>),
    Read(ReadJob),
}

/// A job with its permit, which is released when the job is taken out.
type Queued = (Job, OwnedSemaphorePermit);

/// Sending half of the queue.
#[derive(Debug)]
pub(super) struct Sender {
    jobs: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// Receiving half of the queue, for the writing thread.
pub(super) struct Receiver(mpsc::Receiver<Queued>);

/// Creates a queue with room for `room` jobs.
pub(super) fn queue(room: usize) -> (Sender, Receiver) {
    let (jobs, receiver) = mpsc::channel();
    let room = Arc::new(Semaphore::new(room));
    (Sender { jobs, room }, Receiver(receiver))
}

impl Sender {
    /// Queues a job, waiting while there is no room. Waiting senders are served in order.
    ///
    /// # Errors
    /// Returns the job if the thread has ended.
    pub(super) async fn send(&self, job: Job) -> Result<(), Job> {
        match Arc::clone(&self.room).acquire_owned().await {
            Ok(permit) => self
                .jobs
                .send((job, permit))
                .map_err(|mpsc::SendError((job, _))| job),
            Err(_) => Err(job),
        }
    }
}

impl Receiver {
    /// Waits for the next job; none if all senders are gone.
    pub(super) fn wait(&self) -> Option<Job> {
        self.0.recv().ok().map(|(job, _)| job)
    }

    /// Returns the next job if it is queued already.
    pub(super) fn now(&self) -> Option<Job> {
        self.0.try_recv().ok().map(|(job, _)| job)
    }

    /// Waits for the next job until the deadline.
    pub(super) fn until(&self, deadline: Instant) -> Option<Job> {
        match self
            .0
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            Ok((job, _)) => Some(job),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }
}
