//! Waiting until something is true.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The longest that a test waits for a thing that should happen at once. Generous, since two cores share a browser, a
/// server and the tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
pub(crate) const INTERVAL: Duration = Duration::from_millis(20);

/// Looks at `condition` until it gives a value, for at most `patience`.
///
/// # Errors
/// When the time is over, with `what` and the last error; errors on the way are not final, since what is looked at may
/// still be starting.
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
