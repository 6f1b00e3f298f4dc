//! Memory of a process, as Linux counts it.

use anyhow::{Context, Result};

/// Returns the resident memory of a process, in KiB.
pub(super) fn resident(process: u32) -> Result<u64> {
    read(process, "VmRSS:")
}

/// Returns the peak of a process's resident memory, in KiB.
pub(super) fn peak(process: u32) -> Result<u64> {
    read(process, "VmHWM:")
}

fn read(process: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .context("memory can be measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line
        .and_then(|line| line.split_whitespace().next())
        .with_context(|| format!("there is no {name}"))?;
    Ok(number.parse()?)
}
