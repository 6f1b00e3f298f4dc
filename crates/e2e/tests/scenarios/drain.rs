//! Tests of a server that is replaced by a newer one while clients are connected.

use std::time::{Duration, Instant};

use anyhow::Result;
use tasktree_e2e::wait::PATIENCE;

use crate::world::World;

/// Time within which clients are asked to reconnect, each at a different moment.
const WINDOW: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_well_spreads_its_clients_and_loses_nothing() -> Result<()> {
    const CLIENTS: usize = 150;

    let mut world = World::start().await?;
    let mut followers = world.followers(CLIENTS).await?;
    world.write(50).await?;
    let began = Instant::now();
    world.server.stop().await?;
    world.server.start_again().await?;
    let there = began.elapsed();
    world.write(50).await?;

    // Record the reconnections, in steps fine enough for a rate.
    let step = Duration::from_millis(100);
    let mut back = Vec::new();
    while back.last().is_none_or(|count| *count < CLIENTS) {
        assert!(began.elapsed() < PATIENCE, "{back:?}");
        tokio::time::sleep(step).await;
        let connected = |one: &&tasktree_e2e::follower::Follower| one.progress().connections > 1;
        back.push(followers.iter().filter(connected).count());
    }
    let all_back = began.elapsed();
    world.until_all_live(&mut followers, PATIENCE).await?;
    let a_second = (Duration::from_secs(1).as_millis() / step.as_millis()) as usize;
    let peak = (0..back.len())
        .map(|at| back[at] - at.checked_sub(a_second).map_or(0, |before| back[before]))
        .max()
        .unwrap_or_default();
    println!(
        "{CLIENTS} clients: the server was away for {there:?}, all were back after {all_back:?}, at most {peak} came in a second"
    );
    assert!(
        all_back <= there.max(WINDOW) + Duration::from_secs(2),
        "{all_back:?}"
    );
    for followed in world.compare(followers).await? {
        assert_eq!((followed.events, followed.snapshots), (100, 1));
    }
    Ok(())
}
