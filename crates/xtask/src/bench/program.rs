//! Builds, starts and reads `tasktree-bench`, the measuring program of `crates/e2e`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use crate::process;
use crate::setup::Browser;
use crate::workspace::Workspace;

/// Amount of load, and the server to measure.
#[derive(Args, Default)]
pub(crate) struct Extent {
    /// Run a small part of the load, to check that the benchmark works
    #[arg(long)]
    quick: bool,
    /// Server binary to measure, built earlier, for comparisons
    #[arg(long, value_name = "PROGRAM")]
    pub(super) binary: Option<PathBuf>,
}

/// Duration of the soak, and the server to load.
#[derive(Args)]
pub(crate) struct Soak {
    /// Duration in minutes
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// Server binary to test, built earlier
    #[arg(long, value_name = "PROGRAM")]
    pub(super) binary: Option<PathBuf>,
}

/// Builds the program and runs it to soak a server.
///
/// # Errors
/// As [`measure`].
pub(super) fn soak(workspace: &Workspace, soak: &Soak, server: &Path) -> Result<Value> {
    let mut program = build(workspace)?;
    println!("bench: soak test, {} minutes ...", soak.minutes);
    program.args(["soak", "--minutes", &soak.minutes.to_string()]);
    run(program.env("TASKTREE_BIN", server))
}

/// Builds the program and runs it to measure a part of a server.
///
/// # Errors
/// The build or the program fails.
pub(super) fn measure(
    workspace: &Workspace,
    part: &str,
    extent: &Extent,
    server: &Path,
    browser: Option<&Browser>,
) -> Result<Value> {
    let mut program = build(workspace)?;
    println!("bench: measuring, for about a minute ...");
    program.arg(part).env("TASKTREE_BIN", server);
    if let Some(browser) = browser {
        program.env("CHROMEDRIVER", &browser.driver);
    }
    if extent.quick {
        program.arg("--quick");
    }
    run(&mut program)
}

fn build(workspace: &Workspace) -> Result<Command> {
    println!("bench: building the benchmark program ...");
    let build = [
        "build",
        "--locked",
        "--profile",
        "server",
        "-p",
        "tasktree-e2e",
        "--bin",
        "tasktree-bench",
    ];
    process::run(&mut workspace.cargo(build)?)?;
    let program = format!("tasktree-bench{}", std::env::consts::EXE_SUFFIX);
    let program = workspace.server_binary().with_file_name(program);
    Ok(Command::new(program))
}

fn run(program: &mut Command) -> Result<Value> {
    let output = process::output(program)?;
    serde_json::from_str(&output).context("the benchmark program did not print JSON")
}
