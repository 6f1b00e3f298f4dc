//! The musl target of the compiler and a C compiler for it: what a static Linux program needs.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{apt, say};
use crate::process;
use crate::workspace::{Workspace, rustc};

/// Time limit of `rustup target add`: the download is 40 MB.
const RUSTUP_LIMIT: Duration = Duration::from_secs(240);

/// C compiler that links against musl, in Debian's package `musl-tools`.
pub(crate) const COMPILER: &str = "musl-gcc";

/// Makes the target usable.
///
/// # Errors
/// The target or the C compiler is missing and cannot be installed; the message names it.
pub(super) fn ensure(workspace: &Workspace, target: &str) -> Result<()> {
    if is_installed(target)? {
        say("musl target", "found");
    } else {
        say("musl target", "rustup target add ...");
        process::run_within(
            RUSTUP_LIMIT,
            Command::new("rustup").args(["target", "add", target]),
        )
        .with_context(|| {
            format!(
                "the compiler has no target {target}. Add it with `rustup target add {target}`, or \
                 with your system's package of it"
            )
        })?;
    }
    if workspace.find_program(COMPILER).is_some() {
        say(COMPILER, "found");
        return Ok(());
    }
    say(COMPILER, "apt-get install musl-tools ...");
    apt::install(&["musl-tools"])
        .with_context(|| format!("SQLite and the TLS library need {COMPILER} on your PATH"))
}

fn is_installed(target: &str) -> Result<bool> {
    let folder =
        process::output(Command::new(rustc()).args(["--print=target-libdir", "--target", target]))?;
    Ok(std::path::Path::new(folder.trim()).is_dir())
}
