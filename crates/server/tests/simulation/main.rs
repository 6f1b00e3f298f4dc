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

use std::time::{Duration, Instant};

use in_process::seeds;
use world::{Report, World};

/// Number of seeds that are run, unless a variable says otherwise.
const SEEDS: u64 = 500;

/// Runs a seed; returns its report, or the failure.
fn run(seed: u64) -> Result<Report, String> {
    seeds::run("simulation", seed, || World::new(seed).run())
}

#[test]
fn whatever_breaks_in_the_end_every_client_has_what_the_store_has_and_every_command_took_effect_once()
 {
    let began = Instant::now();
    let total = seeds::run_all(SEEDS, run)
        .into_iter()
        .map(|(_, report)| report)
        .fold(Report::default(), Report::plus);
    println!("{total} in {:?}", began.elapsed());
    if seeds::only_one().is_none() {
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
