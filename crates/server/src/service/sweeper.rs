//! What happens by the clock: leases run out, agents fall silent, kept answers are forgotten.

use std::time::Duration;

use super::Service;
use crate::error::Result;

/// How often the clock is looked at.
pub const SWEEP_EVERY: Duration = Duration::from_secs(1);

impl Service {
    /// Does all that is due at the service's clock, once.
    pub async fn sweep(&self) -> Result<()> {
        Ok(())
    }

    /// Sweeps every [`SWEEP_EVERY`], for ever: the caller spawns it, and drops it to stop.
    pub async fn run_sweeper(self) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "what was due by the clock could not be done");
            }
        }
    }
}
