//! Building the server: most of it beside the board, then the program with the board inside.

use std::time::Instant;

use anyhow::Result;

use crate::process::{self, Background};
use crate::workspace::Workspace;
use crate::{board, setup};

/// Sets up what the board needs, builds it, and builds the server with the board inside.
///
/// # Errors
/// A tool cannot be installed, or a build fails.
pub(crate) fn build_with_board(workspace: &Workspace) -> Result<()> {
    // Only the program itself knows the board. Tools and board are linked one at a time, on one core: the rest of the server is built on
    // what that leaves. It says nothing, because the other build has the terminal; what goes wrong in it goes wrong again below, in words.
    let library = [
        "build",
        "--locked",
        "--profile",
        "server",
        "-p",
        "tasktree-server",
    ];
    let beside = Background::start(&workspace.cargo(library)?)?;
    let tools = setup::build_tools(workspace)?;
    board::build(workspace, tools)?;
    // Where it is not done yet, cargo says that it waits for it.
    let built = build(workspace);
    drop(beside);
    built
}

/// Builds the server with the board inside that is there.
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
