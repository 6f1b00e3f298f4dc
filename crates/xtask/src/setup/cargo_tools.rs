//! Tools that cargo installs: `trunk`, which bundles the board; `wasm-bindgen`, which generates the
//! JavaScript around it and runs its tests; `cargo deny`; and `geckodriver`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::say;
use crate::process;
use crate::versions::{self, Version};
use crate::workspace::{Workspace, cargo};

/// A tool that cargo can install.
struct Tool {
    /// Required programs; the first one reports the version.
    programs: &'static [&'static str],
    package: &'static str,
    version: Version,
    /// True if only exactly `version` will do, and not a newer patch.
    exact: bool,
    /// Arguments for `cargo install`.
    features: &'static [&'static str],
    /// Optimization level: a short build matters more here than fast execution.
    opt_level: &'static str,
    /// Expected duration of compiling it.
    takes: &'static str,
}

/// Installs `wasm-bindgen` and `trunk`, unless they exist.
///
/// # Errors
/// A tool is missing and cannot be installed.
pub(super) fn ensure(workspace: &Workspace) -> Result<()> {
    let tools = [
        Tool {
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            package: "wasm-bindgen-cli",
            version: versions::wasm_bindgen(&workspace.root)?,
            exact: true,
            // It would use TLS only for a browser driver on another machine.
            features: &["--no-default-features"],
            // It processes the whole debug build of a test.
            opt_level: "1",
            takes: "a minute or two",
        },
        Tool {
            programs: &["trunk"],
            package: "trunk",
            version: versions::TRUNK,
            exact: false,
            // It would use TLS only to download the tools that this setup provides, and to check
            // for a newer trunk.
            features: &["--no-default-features"],
            // It mostly waits for other programs.
            opt_level: "0",
            takes: "a few minutes",
        },
    ];
    for tool in &tools {
        ensure_tool(workspace, tool)?;
    }
    Ok(())
}

/// Installs `cargo deny`, which checks licenses, sources and known vulnerabilities, unless it
/// exists.
///
/// # Errors
/// It is missing and cannot be installed.
pub(super) fn ensure_deny(workspace: &Workspace) -> Result<()> {
    ensure_tool(
        workspace,
        &Tool {
            programs: &["cargo-deny"],
            package: "cargo-deny",
            version: versions::CARGO_DENY,
            exact: false,
            features: &["--no-default-features"],
            opt_level: "0",
            takes: "a few minutes",
        },
    )
}

/// Installs `geckodriver`, which drives Firefox, unless it exists.
///
/// # Errors
/// It is missing and cannot be installed.
pub(super) fn ensure_geckodriver(workspace: &Workspace) -> Result<()> {
    ensure_tool(
        workspace,
        &Tool {
            programs: &["geckodriver"],
            package: "geckodriver",
            version: versions::GECKODRIVER,
            exact: false,
            features: &[],
            // It mostly waits for the browser.
            opt_level: "0",
            takes: "a minute",
        },
    )
}

fn ensure_tool(workspace: &Workspace, tool: &Tool) -> Result<()> {
    let name = tool.programs[0];
    if let Some(found) = installed(workspace, tool) {
        say(name, &format!("found ({found})"));
        return Ok(());
    }
    let root = workspace.tools();
    if process::find("cargo-binstall", &workspace.search_path()).is_some() {
        say(
            name,
            &format!("downloading {} {} ...", tool.package, tool.version),
        );
        match process::run(&mut binstall(tool, &root)) {
            Ok(()) if installed(workspace, tool).is_some() => {
                say(name, "installed");
                return Ok(());
            }
            Ok(()) => say(name, "the download has another version"),
            Err(why) => say(name, &format!("no prebuilt binary: {why:#}")),
        }
    }
    say(
        name,
        &format!(
            "compiling {} {}, {} ...",
            tool.package, tool.version, tool.takes
        ),
    );
    process::run(&mut install(workspace, tool, &root)).with_context(|| {
        format!(
            "cannot install {} {}; install it by hand on your PATH and try again",
            tool.package, tool.version
        )
    })?;
    let Some(found) = installed(workspace, tool) else {
        bail!(
            "{name} was installed into {} but does not run",
            root.display()
        );
    };
    say(name, &format!("installed ({found})"));
    Ok(())
}

/// Returns the version of the tool that a build would find, if all its programs exist and it fits.
fn installed(workspace: &Workspace, tool: &Tool) -> Option<Version> {
    for program in tool.programs {
        workspace.find_program(program)?;
    }
    let said = process::output(workspace.command(tool.programs[0]).ok()?.arg("--version")).ok()?;
    let found = Version::find_in(&said)?;
    let fits = if tool.exact {
        found == tool.version
    } else {
        found.fits(tool.version)
    };
    fits.then_some(found)
}

fn binstall(tool: &Tool, root: &Path) -> Command {
    let mut command = Command::new(cargo());
    command
        .args([
            "binstall",
            "--no-confirm",
            "--force",
            "--disable-strategies",
            "compile",
            "--root",
        ])
        .arg(root)
        .arg(format!("{}@{}", tool.package, tool.version));
    command
}

fn install(workspace: &Workspace, tool: &Tool, root: &Path) -> Command {
    let mut command = Command::new(cargo());
    command
        .args(["install", "--locked", "--force", "--root"])
        .arg(root)
        .args(tool.features)
        .arg(format!("{}@{}", tool.package, tool.version))
        .env("CARGO_TARGET_DIR", workspace.tools().join("build"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", tool.opt_level)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}
