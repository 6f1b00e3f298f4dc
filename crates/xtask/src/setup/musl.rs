//! The musl target of the compiler and a C compiler for it: what a static Linux program needs.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::{apt, rustup, say};
use crate::process;
use crate::workspace::{Workspace, rustc};

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
        rustup::add("musl target", target).with_context(|| {
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
