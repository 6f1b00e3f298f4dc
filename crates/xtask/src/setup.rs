//! `cargo xtask setup`: installs the tools that the build needs and the machine lacks.
//!
//! Every step checks first, and reports in one line what it found or did. A suitable tool of the
//! user is used. Tools that have to be installed go to `target/tools`, except for the wasm target,
//! which belongs to the compiler, and the browsers.

mod apt;
mod cargo_tools;
mod chrome;
mod firefox;
mod harnesses;
mod mcp_tools;
mod musl;
mod nginx;
mod npm;
mod rustup;
mod wasm_opt;
mod wasm_target;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;
pub(crate) use musl::COMPILER as MUSL_COMPILER;

/// Browser for tests.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// Program that drives the browser: `chromedriver` or `geckodriver`.
    pub(crate) driver: PathBuf,
}

/// Optional tools that are available after [`build_tools`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuildTools {
    /// True if `wasm-opt` is available to shrink the bundle.
    pub(crate) wasm_opt: bool,
}

/// Provides everything that building the board needs.
///
/// # Errors
/// A tool is missing and cannot be installed; the message says what to do by hand.
pub(crate) fn build_tools(workspace: &Workspace) -> Result<BuildTools> {
    wasm_target::ensure(workspace)?;
    cargo_tools::ensure(workspace)?;
    Ok(BuildTools {
        wasm_opt: wasm_opt::ensure(workspace),
    })
}

/// Provides Chrome and its driver, for tests.
///
/// # Errors
/// There is none and none can be installed; the message says exactly what to install.
pub(crate) fn chrome(workspace: &Workspace) -> Result<Browser> {
    chrome::ensure(workspace)
}

/// Provides Firefox and its driver, for the tests that run in both browsers.
///
/// # Errors
/// As for [`chrome()`].
pub(crate) fn firefox(workspace: &Workspace) -> Result<Browser> {
    firefox::ensure(workspace)
}

/// Provides nginx, for tests.
///
/// # Errors
/// There is none and it cannot be installed; the message says what to install.
pub(crate) fn nginx(workspace: &Workspace) -> Result<PathBuf> {
    nginx::ensure(workspace)
}

/// Provides what a static program for Linux needs: the target, and a C compiler for it.
///
/// # Errors
/// One of them is missing and cannot be installed; the message names it.
pub(crate) fn musl(workspace: &Workspace, target: &str) -> Result<()> {
    musl::ensure(workspace, target)
}

/// Provides real coding agents, for tests; returns the folder of their programs.
///
/// # Errors
/// They are missing and npm cannot install them.
pub(crate) fn harnesses(workspace: &Workspace) -> Result<PathBuf> {
    harnesses::ensure(workspace)
}

/// Provides the official tools and clients of MCP, for tests; returns the folder of their programs.
///
/// # Errors
/// They are missing and npm cannot install them.
pub(crate) fn mcp_tools(workspace: &Workspace) -> Result<PathBuf> {
    mcp_tools::ensure(workspace)
}

/// Provides `cargo deny`, for the checks before a merge.
///
/// # Errors
/// It is missing and cannot be installed.
pub(crate) fn deny(workspace: &Workspace) -> Result<()> {
    cargo_tools::ensure_deny(workspace)
}

/// Performs all steps of `cargo xtask setup`.
///
/// # Errors
/// As for [`build_tools`], [`chrome()`], [`firefox()`] and [`nginx()`].
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    build_tools(workspace)?;
    chrome(workspace)?;
    firefox(workspace)?;
    nginx(workspace)?;
    harnesses(workspace)?;
    mcp_tools(workspace)?;
    Ok(())
}

/// Prints the name of a step and its state in one line.
fn say(step: &str, state: &str) {
    println!("setup: {step:<14} {state}");
}
