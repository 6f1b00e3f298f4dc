//! Coding agents from npm, for the tests that run them against a scripted model.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{npm, say};
use crate::versions::HARNESSES;
use crate::workspace::Workspace;

/// Installs the agents into `target/tools/harnesses`, unless these versions are there; returns the
/// folder of their programs.
///
/// # Errors
/// npm is missing or cannot install them.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tools().join("harnesses");
    let wanted = HARNESSES.map(|(package, version)| format!("{package}@{version}"));
    let record = folder.join("installed");
    let programs = folder.join("node_modules/.bin");
    if std::fs::read_to_string(&record).is_ok_and(|installed| installed == wanted.join("\n")) {
        say("coding agents", "found");
        return Ok(programs);
    }
    say("coding agents", "npm install, about 1.3 GB ...");
    npm::install(workspace, &folder, &wanted)
        .context("the tests need the coding agents that npm has")?;
    std::fs::write(record, wanted.join("\n"))?;
    Ok(programs)
}
