//! Targets of the compiler, from rustup.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::say;
use crate::process;

/// Time limit of `rustup target add`: the download is 20 to 40 MB.
const LIMIT: Duration = Duration::from_secs(240);

/// Adds a target; `step` names it in the output.
///
/// # Errors
/// rustup is missing or cannot add it.
pub(super) fn add(step: &str, target: &str) -> Result<()> {
    say(step, "rustup target add ...");
    process::run_within(
        LIMIT,
        Command::new("rustup").args(["target", "add", target]),
    )
}
