//! Puts load on a server and prints the figures as JSON; `cargo xtask bench` starts it.

use anyhow::Result;
use clap::{Parser, Subcommand};
use tasktree_e2e::load::{self, Part, Sizes};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure the server that `TASKTREE_BIN` names
    Server {
        /// A tenth of the load, to see that it works
        #[arg(long)]
        quick: bool,
        /// Measure only these
        #[arg(long, value_delimiter = ',')]
        only: Vec<Part>,
    },
    /// The baseline of the fan-out
    #[command(hide = true)]
    BareLoop {
        #[arg(long)]
        subscribers: u32,
        #[arg(long)]
        frames: u64,
        #[arg(long)]
        bytes: usize,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Server { quick, only } => {
            let full = Sizes::default();
            let sizes = if quick {
                Sizes {
                    subscribers: 50,
                    events: 500,
                    connections: 100,
                    seconds: 2,
                    idle: 200,
                    writing_seconds: 1,
                    ..full
                }
            } else {
                full
            };
            println!("{:#}", load::run(sizes, &only).await?);
            Ok(())
        }
        Task::BareLoop {
            subscribers,
            frames,
            bytes,
        } => load::baseline::run(subscribers, frames, bytes).await,
    }
}
