//! Packages from npm, in folders of their own.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::say;
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

/// Programs from npm that tests run.
#[derive(Debug)]
pub(super) struct Programs {
    /// Name of the step.
    pub(super) step: &'static str,
    /// Folder in `target/tools`.
    pub(super) folder: &'static str,
    /// Size, for people.
    pub(super) size: &'static str,
    /// Packages, each with its version.
    pub(super) packages: &'static [(&'static str, &'static str)],
}

/// Installs programs, unless these versions are there; returns their folder.
///
/// # Errors
/// As for [`install`].
pub(super) fn ensure(workspace: &Workspace, wanted: &Programs) -> Result<PathBuf> {
    let folder = workspace.tools().join(wanted.folder);
    let packages = wanted.packages.iter();
    let packages: Vec<_> = packages
        .map(|(package, version)| format!("{package}@{version}"))
        .collect();
    let record = folder.join("installed");
    let programs = folder.join("node_modules/.bin");
    if std::fs::read_to_string(&record).is_ok_and(|installed| installed == packages.join("\n")) {
        say(wanted.step, "found");
        return Ok(programs);
    }
    let size = wanted.size;
    say(wanted.step, &format!("npm install, about {size} ..."));
    install(workspace, &folder, &packages)?;
    std::fs::write(record, packages.join("\n"))?;
    Ok(programs)
}
