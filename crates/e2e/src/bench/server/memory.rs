//! Measures the memory of an idle connection: the growth of the server's resident memory, as Linux
//! counts it.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::clients;
use super::server;
use crate::bench::Figure;
use crate::bench::memory::resident;

/// Maximum that the project promises, in KiB.
const GOAL: f64 = 12.0;

/// Number of connections that are opened and closed before, so that one-time allocations of the
/// server do not count.
const WARM_UP: usize = 50;

/// Interval at which memory is read until it no longer changes.
const SETTLE: Duration = Duration::from_millis(500);

pub(super) async fn run(idle: usize) -> Result<Vec<Figure>> {
    let (server, _) = server().await?;
    drop(clients::connect(server.address(), WARM_UP, true).await?);
    let process = server.process_id().context("the server has ended")?;
    let before = settled(process).await?;
    let clients = clients::connect(server.address(), idle, true).await?;
    let after = settled(process).await?;
    drop(clients);
    let each = after.saturating_sub(before) as f64 / idle as f64;
    Ok(vec![
        Figure::new(format!("memory of a connection, {idle} idle"), each, "KiB").at_most(GOAL),
        Figure::new(
            "memory of the server without connections",
            before as f64 / 1024.0,
            "MiB",
        ),
    ])
}

/// Returns the resident memory of a process once it no longer changes, in KiB.
pub(super) async fn settled(process: u32) -> Result<u64> {
    let mut last = resident(process)?;
    loop {
        sleep(SETTLE).await;
        let now = resident(process)?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}
