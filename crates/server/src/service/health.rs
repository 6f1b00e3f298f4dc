//! Health of the server: it can read, and store what it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tasktree_protocol::StreamId;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::Service;
use crate::error::{Error, Result};
use crate::limits::{
    DISK_RESERVE_BYTES, HEALTH_PROBE_EVERY, HEALTH_PROBE_FAILED_EVERY, HEALTH_PROBE_TIMEOUT,
};
use crate::store::Store;

/// Setting that is written to check that writes succeed.
const PROBE: &str = "health_probe";

/// State of the store's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// True if a write has failed since the last probe.
    doubted: AtomicBool,
    /// The last probe: its time and its outcome. Held while one is made.
    last: Mutex<Option<(Instant, Result<()>)>>,
}

impl Health {
    /// Records the outcome of a write.
    pub(super) fn written<T>(&self, outcome: &Result<T>) {
        if matches!(outcome, Err(Error::Storage { .. })) {
            self.doubted.store(true, Ordering::Relaxed);
        }
    }
}

impl Service {
    /// Checks the store's files and the space on their disk, reads, and writes something small,
    /// unless that was done a moment ago.
    ///
    /// # Errors
    /// The fault. It is asked again each time, so the error disappears with its cause.
    pub async fn health(&self) -> Result<()> {
        // First, since a read of files that are gone fails without the reason.
        let store = Arc::clone(&self.inner.store);
        let checked =
            tokio::task::spawn_blocking(move || store.check().and_then(|()| check_room(&*store)));
        checked
            .await
            .unwrap_or_else(|_| Err(Error::Internal("Cannot check the store.".into())))?;
        self.stream_position(&StreamId::system()).await?;
        self.probe().await
    }

    async fn probe(&self) -> Result<()> {
        let health = &self.inner.health;
        let mut last = health.last.lock().await;
        let doubted = health.doubted.swap(false, Ordering::Relaxed);
        if let Some((at, outcome)) = last.as_ref() {
            let every = match outcome {
                Ok(()) => HEALTH_PROBE_EVERY,
                Err(_) => HEALTH_PROBE_FAILED_EVERY,
            };
            if !doubted && at.elapsed() < every {
                return outcome.clone();
            }
        }
        let millis = self.now().unix_millis(0).to_string();
        let written = self.keep(move |change| change.tx.put_setting(PROBE, &millis));
        let outcome = timeout(HEALTH_PROBE_TIMEOUT, written)
            .await
            .unwrap_or_else(|_| Err(too_slow(HEALTH_PROBE_TIMEOUT)));
        health.doubted.store(false, Ordering::Relaxed);
        *last = Some((Instant::now(), outcome.clone()));
        outcome
    }
}

/// Refuses a disk that is nearly full: something small could be written, and nothing else.
fn check_room(store: &dyn Store) -> Result<()> {
    match store.room() {
        Some(room) if room < DISK_RESERVE_BYTES => Err(Error::Storage {
            message: format!(
                "The disk of the database is nearly full: {} KiB are free, but {} MiB are required \
                 for all writes. Free some space.",
                room >> 10,
                DISK_RESERVE_BYTES >> 20
            ),
            temporary: true,
        }),
        _ => Ok(()),
    }
}

fn too_slow(within: Duration) -> Error {
    Error::Storage {
        message: format!(
            "The database did not complete a write within {} s.",
            within.as_secs()
        ),
        temporary: true,
    }
}
