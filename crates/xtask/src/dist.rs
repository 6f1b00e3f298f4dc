//! `cargo xtask dist`: builds what a release consists of, in `target/dist`.
//!
//! - `tasktree-VERSION-TARGET.tar.gz`: the program with the board inside, licenses, completions.
//! - `npm/*.tgz`: the npm package `tasktree`, and the package with the program for this platform.
//! - `SHA256SUMS`: checksums of them.

mod archive;
mod check;
mod licenses;
mod npm;
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::workspace::Workspace;
use crate::{board, process, setup};

/// Shells that the archive has completions for, each with the name of its file.
const SHELLS: [(&str, &str); 4] = [
    ("bash", "tasktree.bash"),
    ("zsh", "_tasktree"),
    ("fish", "tasktree.fish"),
    ("powershell", "_tasktree.ps1"),
];

/// Documents in the archive.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// Version of all packages of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Name of the file with the checksums.
const SUMS: &str = "SHA256SUMS";

/// Options of `cargo xtask dist`.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Target triple [default: this machine's; on Linux the one with musl]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Install the npm packages without a network, and start the installed program
    #[arg(long)]
    check: bool,
}

/// A release that is being built.
struct Release {
    version: &'static str,
    target: String,
    /// Folder of the results.
    folder: PathBuf,
    /// Program with the board inside.
    program: PathBuf,
}

impl Release {
    /// Returns the name of the archive and of the folder in it.
    fn name(&self) -> String {
        format!("tasktree-{}-{}", self.version, self.target)
    }

    /// Returns the file name of the program.
    fn program_name(&self) -> &'static str {
        if self.target.contains("windows") {
            "tasktree.exe"
        } else {
            "tasktree"
        }
    }
}

/// Builds the release, and checks it if the options say so.
///
/// # Errors
/// A tool is missing, a build or a check fails, or a file cannot be written.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let tools = setup::build_tools(workspace)?;
    let target = match &options.target {
        Some(target) => target.clone(),
        None => program::default_target()?,
    };
    if target.ends_with("-musl") {
        setup::musl(workspace, &target)?;
    }
    board::build(workspace, tools)?;
    let folder = workspace.target.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let release = Release {
        version: VERSION,
        program: program::build(workspace, &target)?,
        target,
        folder,
    };
    let stage = release.folder.join(release.name());
    put_together(workspace, &release, &stage)?;
    let packed = archive::pack(&stage)?;
    fs::remove_dir_all(&stage)?;
    let mut files = vec![packed];
    files.extend(npm::pack(workspace, &release)?);
    let sums = files
        .iter()
        .map(|file| archive::checksum(&release.folder, file))
        .collect::<Result<String>>()?;
    fs::write(release.folder.join(SUMS), sums)?;
    for file in &files {
        let bytes = fs::metadata(file)?.len();
        println!("dist: {} ({bytes} bytes)", file.display());
    }
    if options.check {
        check::installed_by_npm(workspace, &release, &files)?;
    }
    Ok(())
}

/// Builds and checks a release for this machine; part of `cargo xtask ci`.
///
/// # Errors
/// As for [`run`].
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let options = Options {
        check: true,
        ..Options::default()
    };
    run(workspace, &options)
}

/// Copies the content of the archive into the folder `stage`.
fn put_together(workspace: &Workspace, release: &Release, stage: &Path) -> Result<()> {
    let completions = stage.join("completions");
    fs::create_dir_all(&completions)?;
    let program = stage.join(release.program_name());
    fs::copy(&release.program, &program)
        .with_context(|| format!("cannot read {}", release.program.display()))?;
    for name in DOCUMENTS {
        fs::copy(workspace.root.join(name), stage.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    fs::write(
        stage.join("THIRD-PARTY-LICENSES.txt"),
        licenses::of_dependencies(workspace, &release.target)?,
    )?;
    for (shell, file) in SHELLS {
        let script =
            process::output(std::process::Command::new(&program).args(["completions", shell]))?;
        fs::write(completions.join(file), script)?;
    }
    Ok(())
}
