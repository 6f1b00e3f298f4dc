//! The compiler's `wasm32-unknown-unknown` target: the standard library that the board is linked
//! with.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::{rustup, say};
use crate::workspace::{WASM, Workspace, rustc};

/// Makes the target usable.
///
/// # Errors
/// rustup could not add it.
pub(super) fn ensure(workspace: &Workspace) -> Result<()> {
    if compiles(workspace) {
        say("wasm target", "found");
        return Ok(());
    }
    rustup::add("wasm target", WASM).with_context(|| {
        format!(
            "the compiler has no target {WASM}. Add it with `rustup target add {WASM}`, or with \
             your system's package of it. On a Debian machine that cannot reach rustup's server, \
             `.ci/build-std` builds it from source"
        )
    })?;
    clear_old_builds(workspace)?;
    if !compiles(workspace) {
        bail!(
            "the target {WASM} was installed, but the compiler still cannot build a library for it"
        );
    }
    say("wasm target", "installed");
    Ok(())
}

/// Returns true if the compiler can build a library that uses `std` for the target. Checking for
/// files would not suffice: those of another compiler version are useless.
fn compiles(workspace: &Workspace) -> bool {
    let folder = workspace.tools().join("wasm-check");
    let Ok(()) = std::fs::create_dir_all(&folder) else {
        return false;
    };
    check(&folder).is_ok_and(|compiled| compiled)
}

fn check(folder: &Path) -> Result<bool> {
    let mut rustc = Command::new(rustc())
        .args([
            "--crate-name=wasm_check",
            "--crate-type=lib",
            "--emit=metadata",
            "--target",
            WASM,
            "--out-dir",
        ])
        .arg(folder)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = rustc.stdin.take() {
        stdin.write_all(
            b"pub fn check() -> std::collections::HashMap<u8, String> { Default::default() }",
        )?;
    }
    Ok(rustc.wait()?.success())
}

/// Removes builds against another standard library, which cannot be linked with this one.
fn clear_old_builds(workspace: &Workspace) -> Result<()> {
    let old = workspace.target.join(WASM);
    if old.exists() {
        std::fs::remove_dir_all(&old)
            .with_context(|| format!("{} cannot be cleared", old.display()))?;
    }
    Ok(())
}
