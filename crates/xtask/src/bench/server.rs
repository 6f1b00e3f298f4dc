//! The server's figures: `crates/e2e` has the load; here it is built, started, and read.

use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{process, run};

/// How much load.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// A tenth of the load, to see that it works
    #[arg(long)]
    quick: bool,
}

/// Builds server and load, and measures.
///
/// # Errors
/// A build fails, or the load does.
pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<Value> {
    run::build_server(workspace)?;
    println!("bench: building the load ...");
    let build = [
        "build",
        "--locked",
        "--profile",
        "server",
        "-p",
        "tasktree-e2e",
        "--bin",
        "tasktree-load",
    ];
    process::run(&mut workspace.cargo(build)?)?;
    println!("bench: measuring, for about a minute ...");
    let program = format!("tasktree-load{}", std::env::consts::EXE_SUFFIX);
    let mut load = Command::new(workspace.server_binary().with_file_name(program));
    load.arg("server")
        .env("TASKTREE_BIN", workspace.server_binary());
    if options.quick {
        load.arg("--quick");
    }
    let output = process::output(&mut load)?;
    serde_json::from_str(&output).context("the load did not print JSON")
}
