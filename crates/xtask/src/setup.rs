//! `cargo xtask setup`: puts in place what the build needs and the machine lacks.
//!
//! Every step looks first and says in one line what it found or did. A tool of the user that fits is used; what has to be
//! installed goes to `target/tools`, except for the wasm target, which belongs to the compiler, and the browsers.

mod apt;
mod cargo_tools;
mod chrome;
mod firefox;
mod nginx;
mod wasm_opt;
mod wasm_target;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;

/// What tests need to start a browser.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// The program that drives it: `chromedriver` or `geckodriver`.
    pub(crate) driver: PathBuf,
}

/// What the build can count on after [`build_tools`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuildTools {
    /// Whether the bundle can be made smaller with `wasm-opt`.
    pub(crate) wasm_opt: bool,
}

/// Everything that building the board needs.
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

/// Chrome and its driver, for tests.
///
/// # Errors
/// There is none and none can be installed; the message says exactly what to install.
pub(crate) fn chrome(workspace: &Workspace) -> Result<Browser> {
    chrome::ensure(workspace)
}

/// Firefox and its driver, for the tests that run in both browsers.
///
/// # Errors
/// As [`chrome`].
pub(crate) fn firefox(workspace: &Workspace) -> Result<Browser> {
    firefox::ensure(workspace)
}

/// nginx, for tests.
///
/// # Errors
/// There is none and it cannot be had; the message says what to install.
pub(crate) fn nginx(workspace: &Workspace) -> Result<PathBuf> {
    nginx::ensure(workspace)
}

/// `cargo deny`, for the checks before a merge.
///
/// # Errors
/// It is missing and does not install.
pub(crate) fn deny(workspace: &Workspace) -> Result<()> {
    cargo_tools::ensure_deny(workspace)
}

/// `cargo xtask setup`: all of it.
///
/// # Errors
/// As [`build_tools`], [`chrome`], [`firefox`] and [`nginx`].
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    build_tools(workspace)?;
    chrome(workspace)?;
    firefox(workspace)?;
    nginx(workspace)?;
    Ok(())
}

/// One line about one step: what it is about, and how it stands.
fn say(step: &str, state: &str) {
    println!("setup: {step:<14} {state}");
}
