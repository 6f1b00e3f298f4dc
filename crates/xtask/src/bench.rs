//! `cargo xtask bench`: measures the figures that the project promises, on this machine. Prints a
//! table for people, and writes the same as JSON to `target/bench`.

mod program;
mod table;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::workspace::Workspace;
use crate::{server, setup};

/// Parts to measure; all of them if none is named.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    all: program::Extent,
}

#[derive(Subcommand)]
enum Part {
    /// Fan-out, latency and memory of connections
    Server(program::Extent),
    /// First card, updates, elements and memory of the board in headless Chrome
    Board(program::Extent),
    /// Soak test: hundreds of clients for many minutes while links and the server are killed; no
    /// client may diverge, and memory may not grow
    Soak(program::Soak),
}

/// Runs the measurements, prints the figures, and writes them as JSON.
///
/// # Errors
/// A build fails, something cannot be measured, or a figure misses its goal.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let missed = match &options.part {
        Some(Part::Server(extent)) => server(workspace, extent)?,
        Some(Part::Board(extent)) => board(workspace, extent)?,
        Some(Part::Soak(load)) => soak(workspace, load)?,
        // Measure the board first: the server that is built for it is then reused.
        None => board(workspace, &options.all)? + server(workspace, &options.all)?,
    };
    if missed > 0 {
        bail!("{missed} figures miss their goals");
    }
    Ok(())
}

/// Measures the server. Returns the number of figures that miss their goals.
fn server(workspace: &Workspace, extent: &program::Extent) -> Result<usize> {
    let program = server_program(workspace, extent.binary.as_ref())?;
    let measured = program::measure(workspace, "server", extent, &program, None)?;
    report(workspace, "server", &measured)
}

/// Runs the soak test. Returns the number of figures that miss their goals.
fn soak(workspace: &Workspace, load: &program::Soak) -> Result<usize> {
    let program = server_program(workspace, load.binary.as_ref())?;
    let measured = program::soak(workspace, load, &program)?;
    report(workspace, "soak", &measured)
}

/// Returns the server that was named, or else builds one.
fn server_program(workspace: &Workspace, named: Option<&PathBuf>) -> Result<PathBuf> {
    match named {
        Some(built) => Ok(built.clone()),
        None => {
            server::build(workspace)?;
            Ok(workspace.server_binary())
        }
    }
}

/// Measures the board. Returns the number of figures that miss their goals.
fn board(workspace: &Workspace, extent: &program::Extent) -> Result<usize> {
    let browser = setup::chrome(workspace)?;
    let program = match &extent.binary {
        Some(built) => built.clone(),
        None => {
            server::build_with_board(workspace)?;
            workspace.server_binary()
        }
    };
    let measured = program::measure(workspace, "board", extent, &program, Some(&browser))?;
    report(workspace, "board", &measured)
}

/// Prints the figures and writes them to a file. Returns the number that miss their goals.
fn report(workspace: &Workspace, name: &str, measured: &Value) -> Result<usize> {
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, format!("{measured:#}\n"))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let (table, missed) = table::table(measured);
    print!("{table}");
    println!("bench: written to {}", file.display());
    Ok(missed)
}
