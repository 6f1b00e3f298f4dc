//! Measures a server and its board, and prints the figures as JSON; `cargo xtask bench` starts it.

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tasktree_e2e::bench::server::{self, Part, bare_loop};
use tasktree_e2e::bench::{board, soak};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure the server that `TASKTREE_BIN` names
    Server {
        /// Run a tenth of the load, to check that it works
        #[arg(long)]
        quick: bool,
        /// Measure only these
        #[arg(long, value_delimiter = ',')]
        only: Vec<Part>,
    },
    /// Measure the board in the server that `TASKTREE_BIN` names, in Chrome
    Board {
        /// Measure once instead of many times, to check that it works
        #[arg(long)]
        quick: bool,
    },
    /// Soak the server that `TASKTREE_BIN` names under load, while links and the server are killed
    Soak {
        /// Duration in minutes
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Run the baseline of the fan-out and of the latency
    #[command(hide = true)]
    BareLoop(bare_loop::Load),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Server { quick, only } => {
            let sizes = if quick {
                server::Sizes::quick()
            } else {
                server::Sizes::default()
            };
            println!("{:#}", server::run(sizes, &only).await?);
        }
        Task::Board { quick } => {
            let sizes = if quick {
                board::Sizes::quick()
            } else {
                board::Sizes::default()
            };
            println!("{:#}", board::run(sizes).await?);
        }
        Task::Soak { minutes } => {
            let load = soak::Load {
                connections: 500,
                events_per_second: 50,
                duration: Duration::from_secs(60 * minutes),
            };
            println!("{:#}", soak::run(load).await?);
        }
        Task::BareLoop(load) => bare_loop::serve(load).await?,
    }
    Ok(())
}
