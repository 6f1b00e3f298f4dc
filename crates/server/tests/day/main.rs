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

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use world::{Report, Trace, World};

/// Number of seeds that are run, unless [`SEEDS_VARIABLE`] says otherwise.
const SEEDS: u64 = 4;
const SEEDS_VARIABLE: &str = "TASKTREE_SEEDS";
/// Variable with the one seed to run.
const SEED_VARIABLE: &str = "TASKTREE_SEED";

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

/// Runs a seed; returns its report, or the failure with the last steps and the command to repeat
/// it.
fn run(seed: u64) -> Result<Report, String> {
    let trace = Trace::default();
    let steps = Trace::clone(&trace);
    let outcome = catch_unwind(AssertUnwindSafe(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async move { World::new(seed, trace).await.run().await })
    }));
    let why = match outcome {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err(why)) => why,
        Err(panic) => panic
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "it panicked".to_owned()),
    };
    let steps: Vec<String> = steps.lock().unwrap().iter().cloned().collect();
    Err(format!(
        "seed {seed}: {why}\nafter these steps:\n{}\nrun it again with {SEED_VARIABLE}={seed} cargo test -p tasktree-server --test day",
        steps.join("\n")
    ))
}

#[test]
fn after_each_event_of_a_day_rows_and_boards_are_right() {
    let seeds = match variable(SEED_VARIABLE) {
        Some(seed) => seed..seed + 1,
        None => 0..variable(SEEDS_VARIABLE).unwrap_or(SEEDS),
    };
    let (began, next) = (Instant::now(), AtomicU64::new(seeds.start));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let reports: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut reports = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if !seeds.contains(&seed) {
                            return reports;
                        }
                        reports.push((seed, run(seed)));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let failures = reports
        .iter()
        .filter_map(|(_, report)| report.as_ref().err());
    let failures: Vec<&str> = failures.map(String::as_str).collect();
    let (count, of) = (failures.len(), reports.len());
    assert!(
        count == 0,
        "{count} of {of} seeds failed:\n{}",
        failures.join("\n\n")
    );
    for (seed, report) in reports {
        println!("seed {seed}: {report:?}");
    }
    println!("in {:?}", began.elapsed());
}
