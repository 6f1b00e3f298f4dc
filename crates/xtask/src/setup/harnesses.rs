//! Coding agents from npm, for the tests that run them against a scripted model.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::npm::{self, Programs};
use crate::versions::HARNESSES;
use crate::workspace::Workspace;

/// Installs the agents, unless these versions are there; returns the folder of their programs.
///
/// # Errors
/// npm is missing or cannot install them.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let agents = Programs {
        step: "coding agents",
        folder: "harnesses",
        size: "1.3 GB",
        packages: &HARNESSES,
    };
    npm::ensure(workspace, &agents).context("the tests need the coding agents that npm has")
}
