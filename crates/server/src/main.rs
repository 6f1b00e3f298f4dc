//! `tasktree`: the server of the live task board, and its tools.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match tasktree::cli::Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tasktree: {error:#}");
            ExitCode::FAILURE
        }
    }
}
