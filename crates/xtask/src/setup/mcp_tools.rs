//! Official tools and clients of the Model Context Protocol, for tests.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::npm::{self, Programs};
use crate::versions::MCP_TOOLS;
use crate::workspace::Workspace;

/// Installs the tools, unless these versions are there; returns the folder of their programs.
///
/// # Errors
/// npm is missing or cannot install them.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let tools = Programs {
        step: "tools of MCP",
        folder: "mcp",
        size: "340 MB",
        packages: &MCP_TOOLS,
    };
    npm::ensure(workspace, &tools).context("the tests need the tools of MCP that npm has")
}
