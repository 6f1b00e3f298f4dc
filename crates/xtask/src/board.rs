//! Builds the board for release with trunk, unless nothing changed.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::process;
use crate::setup::{self, BuildTools};
use crate::stamp::Digest;
use crate::workspace::{Workspace, rustc};

/// Files and folders that the board is built from.
const INPUTS: [&str; 15] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "crates/xtask/src/compress.rs",
    "crates/xtask/src/split",
    "crates/xtask/src/split.rs",
    "crates/xtask/src/wasm.rs",
    "Trunk.toml",
    "index.html",
    ".cargo/config.toml",
    "src",
    "style",
    "public",
    "crates/protocol/Cargo.toml",
    "crates/protocol/src",
];

/// Builds the board into `dist`, unless `dist` was built from the same files with the same tools.
///
/// # Errors
/// The build fails, or `dist` cannot be written.
pub(crate) fn build(workspace: &Workspace, tools: BuildTools) -> Result<()> {
    // Two simultaneous builds would delete each other's files. Closing the file releases the lock,
    // even after a crash.
    let lock = fs::File::create(workspace.target.join("board.lock"))?;
    lock.lock().context("cannot lock target/board.lock")?;
    let stamp = Stamp::new(workspace, tools)?;
    if stamp.is_current() {
        println!("board: up to date");
        return Ok(());
    }
    stamp.forget()?;
    println!("board: building for release (about four minutes from scratch) ...");
    let started = Instant::now();
    process::run(
        workspace
            .command("trunk")?
            .args(["build", "index.html", "--release=true"])
            .args(["--offline=true", "--locked=true"])
            .arg("--dist")
            .arg(workspace.dist())
            // trunk warns that the script is too new to be minified, which is useless here: the
            // script is regenerated.
            .args(["--skip-version-check", "--color=auto", "--log=error"])
            // trunk reads this variable as its own --no-color, and accepts only true and false
            // there.
            .env_remove("NO_COLOR"),
    )?;
    stamp.write()?;
    println!("board: built in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Serves a debug build of the board that is rebuilt on every change: `trunk serve` with the
/// project's own tools.
///
/// # Errors
/// A tool cannot be installed, or trunk cannot serve.
pub(crate) fn watch(workspace: &Workspace) -> Result<()> {
    setup::build_tools(workspace)?;
    process::run(
        workspace
            .command("trunk")?
            .args(["serve", "--offline=true", "--skip-version-check"])
            .env_remove("NO_COLOR"),
    )
}

/// Record in the target folder of the inputs that `dist` was built from, and of the resulting page.
/// A `trunk serve` or a debug build in between replaces that page.
#[derive(Debug)]
struct Stamp {
    file: PathBuf,
    root: PathBuf,
    inputs: Digest,
}

impl Stamp {
    fn new(workspace: &Workspace, tools: BuildTools) -> Result<Self> {
        let mut words = vec![format!("wasm-opt {}", tools.wasm_opt)];
        words.push(process::output(
            std::process::Command::new(rustc()).arg("-vV"),
        )?);
        words.push(process::output(
            workspace.command("trunk")?.arg("--version"),
        )?);
        let inputs = Digest::of(&workspace.root, &INPUTS, &words)
            .context("cannot read the board's source")?;
        Ok(Self {
            file: workspace.target.join("board.stamp"),
            root: workspace.root.clone(),
            inputs,
        })
    }

    fn is_current(&self) -> bool {
        let page = self.root.join("dist/index.html");
        page.is_file()
            && fs::read_to_string(&self.file).is_ok_and(|was| self.text().is_ok_and(|is| is == was))
    }

    /// Deletes the record, so that an interrupted build does not count as complete.
    fn forget(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(why.into()),
            _ => Ok(()),
        }
    }

    fn write(&self) -> Result<()> {
        fs::write(&self.file, self.text()?)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Returns the record. The page names the files of `dist` by hashes, so its digest covers all
    /// of them.
    fn text(&self) -> Result<String> {
        let page = Digest::of(&self.root, &["dist/index.html"], &[])?;
        Ok(format!("from {} to {page}\n", self.inputs))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn stamp(root: &Path, inputs: &str) -> Stamp {
        let words = [inputs.to_owned()];
        let inputs = Digest::of(root, &[], &words).unwrap();
        Stamp {
            file: root.join("board.stamp"),
            root: root.to_path_buf(),
            inputs,
        }
    }

    #[test]
    fn a_build_is_current_only_for_the_same_inputs_and_while_its_page_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("dist")).unwrap();
        assert!(!stamp(root, "a").is_current(), "never built");
        fs::write(root.join("dist/index.html"), "release").unwrap();
        stamp(root, "a").write().unwrap();
        assert!(stamp(root, "a").is_current());
        assert!(!stamp(root, "b").is_current(), "another source");
        fs::write(root.join("dist/index.html"), "debug").unwrap();
        assert!(!stamp(root, "a").is_current(), "another build in between");
        fs::write(root.join("dist/index.html"), "release").unwrap();
        assert!(stamp(root, "a").is_current());
        fs::remove_file(root.join("dist/index.html")).unwrap();
        assert!(!stamp(root, "a").is_current(), "removed");
    }
}
