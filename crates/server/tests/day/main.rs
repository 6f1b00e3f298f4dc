//! A day of twenty agents in all harnesses, while boards watch.
//!
//! The server is the real one, without a network and with a clock that the test moves: hooks come
//! through its routes, and the boards have the session and the followers of the real board. A seed
//! decides what the agents do. After each event, the rows of the server have to be those of a
//! simple model, and the boards have to show these rows.
//!
//! `TASKTREE_SEEDS=200` runs more seeds, `TASKTREE_SEED=17` one of them again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

#[path = "../in_process/mod.rs"]
mod in_process;

mod board;
mod model;
mod plan;
mod server;
mod wire;
mod world;

use std::time::Instant;

use in_process::seeds;
use world::{Report, Trace, World};

/// Number of seeds that are run, unless a variable says otherwise.
const SEEDS: u64 = 4;

/// Runs a seed; returns its report, or the failure with the last steps.
fn run(seed: u64) -> Result<Report, String> {
    let trace = Trace::default();
    let steps = Trace::clone(&trace);
    let day = seeds::run("day", seed, move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async move { World::new(seed, trace).await.run().await })
    });
    day.map_err(|why| {
        let steps: Vec<String> = steps.lock().unwrap().iter().cloned().collect();
        format!("{why}\nafter these steps:\n{}", steps.join("\n"))
    })
}

#[test]
fn after_each_event_of_a_day_rows_and_boards_are_right() {
    let began = Instant::now();
    for (seed, report) in seeds::run_all(SEEDS, run) {
        println!("seed {seed}: {report:?}");
    }
    println!("in {:?}", began.elapsed());
}
