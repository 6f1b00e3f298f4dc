//! Deterministic simulation: the real server and clients with the board's real session, in a
//! simulated network and time.
//!
//! The hub, sockets, service and SQL of the server are the real ones. A seed decides everything
//! that happens: partitions in one direction or both, held links, crashes with restart, pages that
//! are reloaded or frozen, clocks that jump, frames that come twice, wake-ups that are lost.
//!
//! Meanwhile, every client must get events without a gap, a repetition or a change of order, and
//! must not call itself live for longer than the heartbeat allows. When the network has healed,
//! every client must be live with exactly the rows of the store, and every acknowledged command
//! must have been executed once.
//!
//! `TASKTREE_SEEDS=10000` runs more seeds, `TASKTREE_SEED=17` one of them again.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

#[path = "../in_process/mod.rs"]
mod in_process;

mod client;
mod connect;
mod server;
mod shared;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use world::{Report, World};

/// Number of seeds that are run, unless [`SEEDS_VARIABLE`] says otherwise.
const SEEDS: u64 = 500;
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

/// Runs a seed; returns its report, or the failure with the command to repeat it.
fn run(seed: u64) -> Result<Report, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| World::new(seed).run()));
    let why = match outcome {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err(why)) => why,
        Err(panic) => panic
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "it panicked".to_owned()),
    };
    Err(format!(
        "seed {seed}: {why}\nrun it again with {SEED_VARIABLE}={seed} cargo test -p tasktree-server --test simulation"
    ))
}

#[test]
fn whatever_breaks_in_the_end_every_client_has_what_the_store_has_and_every_command_took_effect_once()
 {
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
                        reports.push(run(seed));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let failures: Vec<_> = reports
        .iter()
        .filter_map(|report| report.as_ref().err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} seeds failed; the first:\n{}",
        failures.len(),
        reports.len(),
        failures[0]
    );
    let total = reports
        .into_iter()
        .flatten()
        .fold(Report::default(), Report::plus);
    println!("{total} in {:?}", began.elapsed());
    if variable(SEED_VARIABLE).is_none() {
        assert!(
            total.is_eventful(),
            "what is simulated is too tame: {total}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 4_700..4_712 {
        let (first, second) = (run(seed), run(seed));
        assert!(first.is_ok(), "{first:?}");
        assert_eq!(first, second, "seed {seed}");
    }
}

/// Step in which a simulated world moves on.
pub(crate) const TICK: Duration = Duration::from_millis(20);
