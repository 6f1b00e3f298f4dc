//! `wasm-opt`, which shrinks the bundle considerably. Without it, the board is built all the same.

use super::{npm, say};
use crate::process;
use crate::versions::{BINARYEN, Version, WASM_OPT_OLDEST};
use crate::workspace::Workspace;

/// Returns true if `wasm-opt` is available, after installing it from npm if necessary.
pub(super) fn ensure(workspace: &Workspace) -> bool {
    if let Some(version) = installed(workspace) {
        say("wasm-opt", &format!("found ({})", version.0));
        return true;
    }
    if let Err(why) = install(workspace) {
        say(
            "wasm-opt",
            &format!("cannot be installed, so the bundle will be larger: {why:#}"),
        );
        return false;
    }
    match installed(workspace) {
        Some(version) => say("wasm-opt", &format!("installed ({})", version.0)),
        None => say(
            "wasm-opt",
            "was installed but does not run, so the bundle will be larger",
        ),
    }
    installed(workspace).is_some()
}

/// Returns the version of the `wasm-opt` that a build would find, if it is new enough.
fn installed(workspace: &Workspace) -> Option<Version> {
    workspace.find_program("wasm-opt")?;
    let said = process::output(workspace.command("wasm-opt").ok()?.arg("--version")).ok()?;
    Version::find_in(&said).filter(|version| *version >= WASM_OPT_OLDEST)
}

fn install(workspace: &Workspace) -> anyhow::Result<()> {
    let package = format!("binaryen@{BINARYEN}");
    say("wasm-opt", &format!("npm install {package} ..."));
    npm::install(workspace, &workspace.tools().join("npm"), &[package])
}
