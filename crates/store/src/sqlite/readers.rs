//! Reading threads, each with its own connection.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::writer::read;
use crate::ReadJob;
use crate::StoreMetrics;
use crate::error::{Error, Result};

pub(super) type Queue = Arc<Mutex<Receiver<ReadJob>>>;

pub(super) fn queue() -> (Sender<ReadJob>, Queue) {
    let (sender, receiver) = channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

/// Starts a thread. It ends when the sender is dropped and the queue is empty.
pub(super) fn spawn(
    connection: Connection,
    queue: &Queue,
    metrics: &StoreMetrics,
) -> Result<JoinHandle<()>> {
    let (queue, metrics) = (Arc::clone(queue), metrics.clone());
    std::thread::Builder::new()
        .name("store-reader".to_owned())
        .spawn(move || {
            // One thread waits for the next job while holding the lock; the others wait for the
            // lock.
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(job) = next() {
                read(&connection, job, &metrics);
            }
        })
        .map_err(|error| Error::Internal(format!("Cannot start a thread: {error}")))
}
