//! Waits on conditions.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Longest time that a test waits for something that should happen at once. It is generous, since
/// two cores share a browser, a server and the tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Interval at which a condition is polled.
pub(crate) const INTERVAL: Duration = Duration::from_millis(20);

/// Polls `condition` until it returns a value, for at most `patience`.
///
/// # Errors
/// The time is over; the error has `what` and the last error. Earlier errors are not final, since
/// the thing that is polled may still be starting.
pub async fn until<T, F, Fut>(what: &str, patience: Duration, mut condition: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    let deadline = Instant::now() + patience;
    loop {
        let outcome = condition().await;
        if let Ok(Some(value)) = outcome {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            match outcome {
                Err(error) => bail!("waited {patience:?} in vain until {what}: {error:#}"),
                _ => bail!("waited {patience:?} in vain until {what}"),
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
