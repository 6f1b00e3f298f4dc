//! How much memory a process has, as Linux counts it.

use anyhow::{Context, Result};

/// Resident memory of a process, in KiB.
pub(super) fn resident(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .context("memory can be measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line
        .and_then(|line| line.split_whitespace().next())
        .context("there is no VmRSS")?;
    Ok(number.parse()?)
}
