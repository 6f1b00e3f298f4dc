//! Runs of a test with many seeds, on all cores.
//!
//! `TASKTREE_SEEDS=200` runs that many seeds, `TASKTREE_SEED=17` one of them again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Variable with the number of seeds to run.
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

/// Returns the seed to run, if it is only one.
pub(crate) fn only_one() -> Option<u64> {
    variable(SEED_VARIABLE)
}

/// Runs a seed of a test binary; returns its report, or the failure with the command to repeat it.
pub(crate) fn run<R>(
    test: &str,
    seed: u64,
    world: impl FnOnce() -> Result<R, String>,
) -> Result<R, String> {
    let why = match catch_unwind(AssertUnwindSafe(world)) {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err(why)) => why,
        Err(panic) => panic
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| "it panicked".to_owned()),
    };
    Err(format!(
        "seed {seed}: {why}\nrun it again with {SEED_VARIABLE}={seed} cargo test -p tasktree-server --test {test}"
    ))
}

/// Runs the seeds that the variables name, or else the first `usual` ones. Returns the report of
/// each, and fails if a seed does.
pub(crate) fn run_all<R: Send>(
    usual: u64,
    run: impl Fn(u64) -> Result<R, String> + Sync,
) -> Vec<(u64, R)> {
    let seeds = match only_one() {
        Some(seed) => seed..seed + 1,
        None => 0..variable(SEEDS_VARIABLE).unwrap_or(usual),
    };
    let next = AtomicU64::new(seeds.start);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut results = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if !seeds.contains(&seed) {
                            return results;
                        }
                        results.push((seed, run(seed)));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let of = results.len();
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for (seed, result) in results {
        match result {
            Ok(report) => reports.push((seed, report)),
            Err(why) => failures.push(why),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {of} seeds failed; the first:\n{}",
        failures.len(),
        failures[0]
    );
    reports
}
