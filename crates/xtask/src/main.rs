//! Development commands: set up, run, test, measure. `cargo xtask help` lists them.

mod bench;
mod board;
mod ci;
mod comments;
mod compress;
mod dist;
mod layers;
mod process;
mod readme;
mod run;
mod server;
mod setup;
mod size;
mod split;
mod stamp;
mod style;
mod test;
mod versions;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use self::workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Set up, run and test TaskTree"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the board and the server, and start the server; installs missing tools
    Run(run::Options),
    /// Run the tests: native, in headless Chrome and Firefox, and end to end
    Test(test::Options),
    /// Install missing tools: wasm target, trunk, wasm-bindgen, wasm-opt, browsers for the tests
    Setup,
    /// Run the benchmarks and compare the figures with their goals
    Bench(bench::Options),
    /// Print the download size of the board; fail if it exceeds its limit
    Size,
    /// Build what a release consists of: the archive, the npm packages, checksums
    Dist(dist::Options),
    /// Check the order of layers: crates, and modules of each crate
    Layers,
    /// Run all checks that must pass before a change is merged
    Ci,
    /// Rebuild the board at every change and serve it on http://127.0.0.1:8080; needs a running
    /// server
    Watch,
    /// Bundle the style sheets; trunk calls this before it builds
    #[command(hide = true)]
    Style,
    /// Divide and compress the built board; trunk calls this after a release build
    #[command(hide = true)]
    Split,
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Run(options) => run::run(&workspace, &options),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Setup => setup::all(&workspace),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Size => size::run(&workspace),
        Task::Dist(options) => dist::run(&workspace, &options),
        Task::Layers => layers::check(&workspace),
        Task::Ci => ci::run(&workspace),
        Task::Watch => board::watch(&workspace),
        Task::Style => style::run(&workspace),
        Task::Split => split::run(&workspace),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn bench_takes_the_same_options_for_a_part_and_for_everything() {
        for line in [
            "bench --quick",
            "bench board --quick --binary s",
            "bench server",
        ] {
            let words = std::iter::once("xtask").chain(line.split(' '));
            Cli::try_parse_from(words).unwrap();
        }
        assert!(Cli::try_parse_from(["xtask", "bench", "--quick", "board"]).is_err());
    }
}
