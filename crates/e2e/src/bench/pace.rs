//! Runs an action at a given rate.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{MissedTickBehavior, interval};

/// Runs `act` `count` times in sequence, at most `per_second` times per second. Missed runs are not
/// made up for.
///
/// # Errors
/// An error of `act`.
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
