//! `cargo xtask bench`: the figures that the project promises, measured on this machine. A table for people, and the same as
//! JSON in `target/bench`.

mod server;
mod table;

use std::fs;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::workspace::Workspace;

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Fan-out, latency and memory of connections
    Server(server::Options),
}

/// Measures, prints, and writes JSON.
///
/// # Errors
/// The build fails, something cannot be measured, or a figure misses its goal.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    match &options.part {
        Some(Part::Server(options)) => {
            report(workspace, "server", &server::measure(workspace, options)?)
        }
        None => report(
            workspace,
            "server",
            &server::measure(workspace, &server::Options::default())?,
        ),
    }
}

fn report(workspace: &Workspace, name: &str, measured: &Value) -> Result<()> {
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, format!("{measured:#}\n"))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let (table, missed) = table::table(measured);
    print!("{table}");
    println!("bench: written to {}", file.display());
    if missed > 0 {
        bail!("{missed} of the figures miss their goals");
    }
    Ok(())
}
