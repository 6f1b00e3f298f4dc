//! `tasktree`: the server of the live task board with the board inside, and its tools.
//!
//! A package of its own, so that a change of the board has only this file built again.

use std::process::ExitCode;

use clap::Parser as _;
use rust_embed::RustEmbed;
use tasktree_server::assets::Assets;
use tasktree_server::cli::Cli;

/// What trunk and `cargo xtask` make of the board; nothing where it was not built.
#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Board;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run(Assets::embedded::<Board>()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tasktree: {error:#}");
            ExitCode::FAILURE
        }
    }
}
