//! Tests of many clients that lose their connection at the same moment.

use std::time::{Duration, Instant};

use anyhow::Result;
use tasktree_e2e::proxy::{Cut, Weather};
use tasktree_e2e::wait::PATIENCE;

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_of_cuts_every_client_gets_every_event_once_and_in_order() -> Result<()> {
    const CLIENTS: usize = 60;
    const CUTS: u64 = 15;
    const WRITES_A_CUT: u64 = 80;

    let mut world = World::start().await?;
    let mut followers = world.followers(CLIENTS).await?;
    for cut in 0..CUTS {
        world.write(WRITES_A_CUT).await?;
        world
            .proxy
            .cut(if cut % 2 == 0 { Cut::Reset } else { Cut::Fin });
    }
    world.until_all_live(&mut followers, PATIENCE).await?;
    let all = world.compare(followers).await?;
    let connections: u64 = all.iter().map(|one| one.connections).sum();
    let events: u64 = all.iter().map(|one| one.events).sum();
    let snapshots: u64 = all.iter().map(|one| one.snapshots).sum();
    println!(
        "{CLIENTS} clients, {CUTS} cuts: {connections} connections, {events} events, {snapshots} snapshots"
    );
    assert_eq!(events, CLIENTS as u64 * CUTS * WRITES_A_CUT);
    assert_eq!(snapshots, CLIENTS as u64, "the first of each, and no other");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_that_come_back_at_once_all_get_what_they_missed() -> Result<()> {
    const CLIENTS: usize = 200;
    const MISSED: u64 = 600;

    let mut world = World::start().await?;
    let mut followers = world.followers(CLIENTS).await?;
    world.proxy.refuse(true);
    world.proxy.cut(Cut::Reset);
    world.write(MISSED).await?;
    world.proxy.refuse(false);
    let began = Instant::now();
    // Clients that wait for their next attempt are told that the network is back.
    for one in &followers {
        one.send(tasktree_protocol::session::Input::Online(true));
    }
    world.until_all_live(&mut followers, PATIENCE).await?;
    println!(
        "{CLIENTS} clients that missed {MISSED} events are live after {:?}",
        began.elapsed()
    );
    for followed in world.compare(followers).await? {
        assert_eq!((followed.events, followed.snapshots), (MISSED, 1));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_are_too_far_behind_fetch_one_snapshot_and_go_on() -> Result<()> {
    /// More events than the server replays.
    const MISSED: u64 = 2_100;

    let mut world = World::start().await?;
    let mut followers = world.followers(5).await?;
    world.proxy.set_all(Weather::HOLE);
    world.proxy.refuse(true);
    world.proxy.cut(Cut::Reset);
    world.write(MISSED).await?;
    world.proxy.set_all(Weather::FAIR);
    world.proxy.refuse(false);
    world.until_all_live(&mut followers, PATIENCE).await?;
    world.write(10).await?;
    world
        .until_all_live(&mut followers, Duration::from_secs(10))
        .await?;
    for followed in world.compare(followers).await? {
        assert_eq!(
            (followed.snapshots, followed.resyncs, followed.events),
            (2, 1, 10)
        );
    }
    Ok(())
}
