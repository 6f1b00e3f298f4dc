//! The queue before the thread that writes: bounded for those who send, who wait without blocking a thread; and with a deadline for
//! the thread, which no channel of tokio has.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::{ReadJob, WriteJob};

pub(super) enum Job {
    Write(Box<dyn WriteJob>),
    Read(ReadJob),
}

/// A job with its room in the queue, which is given back when the job is taken out.
type Queued = (Job, OwnedSemaphorePermit);

/// The end that jobs are put into.
#[derive(Debug)]
pub(super) struct Sender {
    jobs: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// The end that the thread takes them from.
pub(super) struct Receiver(mpsc::Receiver<Queued>);

/// A queue with room for that many jobs.
pub(super) fn queue(room: usize) -> (Sender, Receiver) {
    let (jobs, receiver) = mpsc::channel();
    let room = Arc::new(Semaphore::new(room));
    (Sender { jobs, room }, Receiver(receiver))
}

impl Sender {
    /// Queues a job, and waits while there is no room. Those who wait are served in their order.
    ///
    /// # Errors
    /// Gives the job back where the thread is gone.
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
    /// The next job; none where there will be no more.
    pub(super) fn wait(&self) -> Option<Job> {
        self.0.recv().ok().map(|(job, _)| job)
    }

    /// The next job if it is there already.
    pub(super) fn now(&self) -> Option<Job> {
        self.0.try_recv().ok().map(|(job, _)| job)
    }

    /// The next job if it comes in time.
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
