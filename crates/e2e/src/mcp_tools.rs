//! The official tools and clients of the Model Context Protocol, installed from npm.

use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context as _, Result};
use tokio::process::Command;
use tokio::time::timeout;

use crate::wait::PATIENCE;

/// Environment variable that names the folder with the programs; `cargo xtask test` sets it.
pub const PROGRAMS_VARIABLE: &str = "TASKTREE_MCP_TOOLS";

/// Installed tools.
#[derive(Clone, Debug)]
pub struct McpTools {
    programs: PathBuf,
}

impl McpTools {
    /// Finds the tools that `cargo xtask setup` installs.
    ///
    /// # Errors
    /// They are not installed.
    pub fn find() -> Result<Self> {
        let named = std::env::var_os(PROGRAMS_VARIABLE).map(PathBuf::from);
        let programs = named.unwrap_or_else(|| {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/mcp/node_modules/.bin")
        });
        anyhow::ensure!(
            programs.join("conformance").exists(),
            "run `cargo xtask setup`, which installs the tools of MCP"
        );
        Ok(Self { programs })
    }

    /// Returns the folder of the packages.
    pub fn modules(&self) -> PathBuf {
        self.programs.join("..")
    }

    /// Runs one of the programs to its end, with the Node that it needs.
    ///
    /// # Errors
    /// It cannot be started, or does not end.
    pub async fn run(&self, program: &str, arguments: &[&str], folder: &Path) -> Result<Output> {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.programs.clone());
        let path = std::env::join_paths(paths.chain(std::env::split_paths(&inherited)))?;
        let output = Command::new(self.programs.join(program))
            .args(arguments)
            .current_dir(folder)
            .env("PATH", path)
            .env("HOME", folder)
            .env("NO_COLOR", "1")
            .kill_on_drop(true)
            .output();
        let output = timeout(PATIENCE, output).await;
        output
            .with_context(|| format!("{program} does not end"))?
            .with_context(|| format!("cannot start {program}"))
    }
}
