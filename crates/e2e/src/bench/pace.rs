//! Doing a thing so many times a second.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{MissedTickBehavior, interval};

/// Does `act` `count` times, one after another, at most `per_second` times a second. Where that cannot be kept, nothing is
/// made up for.
///
/// # Errors
/// As `act`.
pub(super) async fn paced(
    per_second: u64,
    count: usize,
    mut act: impl AsyncFnMut(usize) -> Result<()>,
) -> Result<()> {
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(per_second)?);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0..count {
        ticks.tick().await;
        act(number).await?;
    }
    Ok(())
}
