//! Packages from npm, in folders of their own.

use std::path::Path;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Installs packages below `folder`; their programs are in `node_modules/.bin`.
///
/// # Errors
/// npm is missing or cannot install them.
pub(super) fn install(workspace: &Workspace, folder: &Path, packages: &[String]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    process::run(
        workspace
            .node_command("npm")?
            .args(["install", "--no-audit", "--no-fund", "--no-save"])
            .args(["--loglevel=error", "--prefix"])
            .arg(folder)
            .args(packages),
    )
}
