//! Locations of the repository's root, cargo's target folder, the tools, and the built board and
//! server.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// Target triple that the board is compiled to.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Folders of this checkout.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// Folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the user's configuration puts it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Locates this workspace and its target folder by asking cargo.
    ///
    /// # Errors
    /// Cargo cannot be started or cannot read the workspace.
    pub(crate) fn find() -> Result<Self> {
        // The path according to cargo now: after a move or a copy of the folder, it differs from
        // the compiled-in one.
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
        let metadata: Value =
            serde_json::from_str(&json).context("cargo metadata returned no JSON")?;
        let folder = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata returned no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
        })
    }

    /// Returns the folder for the project's own tools; they write nothing outside of it.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Returns the folder of the built board, ready to be served.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Returns the path of the server that `cargo xtask run` builds.
    pub(crate) fn server_binary(&self) -> PathBuf {
        self.target
            .join("server")
            .join(format!("tasktree{}", std::env::consts::EXE_SUFFIX))
    }

    /// Returns the folders to search for programs: the project's own tools, then the user's `PATH`.
    pub(crate) fn search_path(&self) -> Vec<PathBuf> {
        let tools = self.tools();
        process::search_path(&[tools.join("bin"), tools.join("npm/node_modules/.bin")])
    }

    /// Finds a program among the project's tools or in the user's `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        process::find(name, &self.search_path())
    }

    /// Creates a command that runs in the root and finds the project's own tools first.
    ///
    /// # Errors
    /// A folder's name cannot be part of `PATH`.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Result<Command> {
        let path = std::env::join_paths(self.search_path()).context("cannot extend PATH")?;
        let mut command = Command::new(program.into());
        command.current_dir(&self.root).env("PATH", path);
        Ok(command)
    }

    /// Creates a command of Node.js, such as `npm`, see [`Workspace::command`].
    ///
    /// # Errors
    /// As [`Workspace::command`].
    pub(crate) fn node_command(&self, program: &str) -> Result<Command> {
        let suffix = if cfg!(windows) { ".cmd" } else { "" };
        self.command(format!("{program}{suffix}"))
    }

    /// Creates a cargo command, see [`Workspace::command`].
    ///
    /// # Errors
    /// As [`Workspace::command`].
    pub(crate) fn cargo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Result<Command> {
        let mut command = self.command(cargo())?;
        command.args(args);
        Ok(command)
    }
}

/// Returns the cargo that started this program, so that the same toolchain is used throughout.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Returns the compiler of the same toolchain.
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
