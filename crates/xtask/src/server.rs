//! Builds the server, with the board inside.

use std::time::Instant;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{board, process, setup};

/// Sets up what the board needs, builds it, and builds the server with the board inside.
///
/// # Errors
/// A tool cannot be installed, or a build fails.
pub(crate) fn build_with_board(workspace: &Workspace) -> Result<()> {
    let tools = setup::build_tools(workspace)?;
    board::build(workspace, tools)?;
    build(workspace)
}

/// Builds the server with the existing board inside.
///
/// # Errors
/// The build fails.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    println!("server: building ...");
    let started = Instant::now();
    process::run(&mut workspace.cargo([
        "build",
        "--locked",
        "--profile",
        "server",
        "-p",
        "tasktree",
    ])?)?;
    println!(
        "server: {} (in {} s)",
        workspace.server_binary().display(),
        started.elapsed().as_secs()
    );
    Ok(())
}
