//! `tasktree`: the server of the live task board with the board inside, and its tools.
//!
//! It is a package of its own, so that a change of the board rebuilds only this file.

use std::process::ExitCode;

use clap::Parser as _;
use rust_embed::RustEmbed;
use tasktree_server::assets::Assets;
use tasktree_server::cli::Cli;

/// Files of the board as trunk and `cargo xtask` build them; none if it was not built.
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
