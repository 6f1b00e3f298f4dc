//! A writer that changes a task continuously, and resends each change until it is acknowledged.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::interval;

use super::PROJECT;
use crate::wait::{PATIENCE, until};

/// Time limit of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// A writer of one task.
pub(super) struct Writer {
    task: String,
    url: String,
    pace: Duration,
    http: reqwest::Client,
}

/// Result of writing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// Number of changes that were acknowledged.
    pub(super) acknowledged: u64,
    /// Number of changes that had to be sent more than once.
    pub(super) repeated: u64,
    /// Position of the last change.
    pub(super) top: u64,
}

impl Written {
    /// Adds two results.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            acknowledged: self.acknowledged + other.acknowledged,
            repeated: self.repeated + other.repeated,
            top: self.top.max(other.top),
        }
    }
}

impl Writer {
    /// Creates a writer that changes the given task at the given average pace, if the server is
    /// fast enough.
    pub(super) fn new(address: SocketAddr, task: String, pace: Duration) -> Self {
        Self {
            url: format!("http://{address}/api/projects/{PROJECT}/tasks/{task}"),
            task,
            pace,
            http: reqwest::Client::new(),
        }
    }

    /// Writes until it is told to stop.
    pub(super) async fn run(self, stop: watch::Receiver<bool>) -> Result<Written> {
        let mut written = Written::default();
        // Changes missed while the server is down are made up for once it is back: agents go on
        // working meanwhile, and report afterwards.
        let mut ticks = interval(self.pace);
        while !*stop.borrow() {
            ticks.tick().await;
            let number = written.acknowledged;
            let mut attempts = 0;
            written.top = until("a change is acknowledged", PATIENCE, || {
                attempts += 1;
                self.change(number)
            })
            .await?;
            written.acknowledged += 1;
            written.repeated += u64::from(attempts > 1);
        }
        Ok(written)
    }

    async fn change(&self, number: u64) -> Result<Option<u64>> {
        let answer = self
            .http
            .put(&self.url)
            .header("idempotency-key", format!("soak-{}-{number}", self.task))
            .json(&json!({"title": format!("Change {number}")}))
            .timeout(REQUEST_TIMEOUT)
            .send()
            .await?
            .error_for_status()?;
        let seq = answer.headers().get("stream-seq").context("a position")?;
        Ok(Some(seq.to_str()?.parse()?))
    }
}
