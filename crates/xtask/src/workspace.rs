//! Where things are: the root of the repository, cargo's target folder, the tools, the built board and server.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// The target triple the board is compiled to.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The folders of this checkout.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the user's configuration puts it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo where this workspace and its target folder are.
    ///
    /// # Errors
    /// Cargo cannot be started or cannot read the workspace.
    pub(crate) fn find() -> Result<Self> {
        // Where cargo has found it now, which after a move or a copy of the folder is not where it was compiled.
        let own = std::env::var_os("CARGO_MANIFEST_DIR");
        let own = own.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let manifest = own.join("Cargo.toml");
        let json = process::output(
            Command::new(cargo())
                .args([
                    "metadata",
                    "--no-deps",
                    "--format-version=1",
                    "--manifest-path",
                ])
                .arg(manifest),
        )?;
        let metadata: Value = serde_json::from_str(&json).context("cargo metadata gave no JSON")?;
        let folder = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata gave no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
        })
    }

    /// The folder for the project's own tools; nothing outside of it is written for them.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The built board, ready to be served.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The server as `cargo xtask run` builds it.
    pub(crate) fn server_binary(&self) -> PathBuf {
        self.target
            .join("server")
            .join(format!("tasktree{}", std::env::consts::EXE_SUFFIX))
    }

    /// Where programs are looked for: the project's own tools, then the user's `PATH`.
    pub(crate) fn search_path(&self) -> Vec<PathBuf> {
        let tools = self.tools();
        process::search_path(&[tools.join("bin"), tools.join("npm/node_modules/.bin")])
    }

    /// A program of the project's tools or of the user's `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        process::find(name, &self.search_path())
    }

    /// A command that runs in the root and finds the project's own tools first.
    ///
    /// # Errors
    /// A folder's name cannot be part of `PATH`.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Result<Command> {
        let path = std::env::join_paths(self.search_path()).context("PATH cannot be extended")?;
        let mut command = Command::new(program.into());
        command.current_dir(&self.root).env("PATH", path);
        Ok(command)
    }

    /// A cargo command, see [`Workspace::command`].
    ///
    /// # Errors
    /// As [`Workspace::command`].
    pub(crate) fn cargo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Result<Command> {
        let mut command = self.command(cargo())?;
        command.args(args);
        Ok(command)
    }
}

/// The cargo that started this program, so that its toolchain is used all through.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The compiler of the same toolchain.
pub(crate) fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_root_is_the_folder_of_the_board() {
        let workspace = Workspace::find().unwrap();
        assert!(workspace.root.join("Cargo.lock").is_file());
        assert!(workspace.root.join("crates/xtask").is_dir());
    }

    #[test]
    fn own_tools_are_found_before_those_of_the_user() {
        let workspace = Workspace {
            root: "/r".into(),
            target: "/t".into(),
        };
        let path = workspace.search_path();
        assert_eq!(path[0], Path::new("/t/tools/bin"));
        assert_eq!(path[1], Path::new("/t/tools/npm/node_modules/.bin"));
    }
}
