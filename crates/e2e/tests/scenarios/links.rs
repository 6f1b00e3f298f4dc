//! Tests of links that are dead, that flap, or that lose the second half of a frame.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tasktree_e2e::follower::Progress;
use tasktree_e2e::proxy::{Cut, Direction, Weather};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_protocol::session::{Input, Wake};

use crate::world::World;

/// Time limit for detecting and replacing a silent link in the background.
const BACKGROUND: Duration = Duration::from_secs(35);
/// Time limit in the foreground.
const FOREGROUND: Duration = Duration::from_secs(4);
/// Time after which the server gives up a client that answers no ping: the interval and the time
/// for the answer.
const NO_PONG: Duration = Duration::from_secs(20 + 8 + 1);

impl World {
    /// Turns the existing links into black holes; new ones are not affected.
    fn silence(&self, directions: &[Direction]) {
        for link in self.proxy.links() {
            for direction in directions {
                link.set(*direction, Weather::HOLE);
            }
        }
    }

    async fn server_connections(&self) -> Result<usize> {
        let path = "/api/admin/connections";
        let list = self.server.call(reqwest::Method::GET, path, None).await?;
        Ok(list.as_array().context("a list")?.len())
    }
}

#[tokio::test]
async fn a_half_open_link_is_found_out_by_both_sides_whichever_way_is_dead() -> Result<()> {
    let ways: [(&str, &[Direction]); 3] = [
        ("both ways", &Direction::BOTH),
        ("to the client", &[Direction::ToClient]),
        ("to the server", &[Direction::ToServer]),
    ];
    let scenes = ways.map(|(what, dead)| async move {
        let mut world = World::start().await?;
        let mut followers = world.followers(1).await?;
        world.silence(dead);
        let began = Instant::now();
        world.write(1).await?;
        let follower = followers.first_mut().context("a follower")?;
        let replaced = |now: &Progress| now.is_live && now.connections > 1;
        follower.until(BACKGROUND, replaced).await?;
        world.until_all_live(&mut followers, FOREGROUND).await?;
        let back = began.elapsed();
        // The dead link ends once the server has given it up; the new one stays.
        until(
            "the server has forgotten the dead link",
            NO_PONG,
            || async { Ok((world.server_connections().await? == 1).then_some(())) },
        )
        .await?;
        println!(
            "dead {what}: live again after {back:?}, forgotten by the server after {:?}",
            began.elapsed()
        );
        assert!(back <= BACKGROUND, "{back:?}");
        world.compare(followers).await?;
        anyhow::Ok(())
    });
    futures_util::future::try_join_all(scenes).await?;
    Ok(())
}

#[tokio::test]
async fn a_half_open_link_is_probed_when_somebody_looks() -> Result<()> {
    let mut world = World::start().await?;
    let mut followers = world.followers(1).await?;
    world.silence(&Direction::BOTH);
    world.write(1).await?;
    // A link is probed once it was silent for five seconds; each focus triggers a check.
    let began = Instant::now();
    let mut looked = began;
    let follower = followers.first_mut().context("a follower")?;
    while follower.progress().connections < 2 {
        if began.elapsed() < Duration::from_secs(6) {
            looked = Instant::now();
        }
        follower.send(Input::Woke(Wake::Focus));
        let _ = follower
            .until(Duration::from_millis(100), |now| now.connections > 1)
            .await;
        assert!(looked.elapsed() <= FOREGROUND, "{:?}", looked.elapsed());
    }
    world.until_all_live(&mut followers, FOREGROUND).await?;
    let back = looked.elapsed();
    println!("live again {back:?} after somebody looked");
    assert!(back <= FOREGROUND, "{back:?}");
    world.compare(followers).await?;
    Ok(())
}

#[tokio::test]
async fn on_a_flapping_link_there_is_never_a_second_socket_and_the_end_is_exact() -> Result<()> {
    const TIMES: u64 = 40;
    let there_and_gone = Duration::from_millis(120);

    let mut world = World::start().await?;
    let mut followers = world.followers(1).await?;
    let mut flapping = world.proxy.flap(there_and_gone, there_and_gone);
    for times in 1..=TIMES {
        world.write(3).await?;
        tokio::time::timeout(PATIENCE, flapping.until_gone(times)).await?;
    }
    drop(flapping);
    world.until_all_live(&mut followers, PATIENCE).await?;
    let followed = world.compare(followers).await?.pop().context("one")?;
    println!(
        "{TIMES} times gone: {} sockets asked for, {} opened, {} events, {} snapshots",
        followed.attempts, followed.connections, followed.events, followed.snapshots
    );
    // One link for the socket, one for a snapshot that is fetched.
    assert!(
        world.proxy.most_links() <= 2,
        "{}",
        world.proxy.most_links()
    );
    // Without waits in between, each refusal would be followed immediately by another attempt.
    assert!(followed.attempts <= TIMES, "{}", followed.attempts);
    assert_eq!(followed.snapshots, 1, "all of it is replayed");
    Ok(())
}

#[tokio::test]
async fn frames_that_are_cut_in_half_at_every_place_are_neither_lost_nor_taken_twice() -> Result<()>
{
    let mut world = World::start().await?;
    let mut followers = world.followers(1).await?;
    for bytes in (1..400).step_by(13) {
        let connections = followers[0].progress().connections;
        for link in world.proxy.links() {
            link.cut_after(Direction::ToClient, bytes, Cut::Fin);
        }
        world.write(2).await?;
        // It need not wait as long as for a passive person.
        let follower = &mut followers[0];
        until("it is connected again", PATIENCE, || {
            follower.send(Input::RetryNow);
            let now = follower.progress();
            async move { Ok((now.is_live && now.connections > connections).then_some(())) }
        })
        .await?;
        world.until_all_live(&mut followers, PATIENCE).await?;
    }
    world.compare(followers).await?;
    Ok(())
}

#[tokio::test]
async fn a_slow_and_far_network_changes_nothing_but_the_time() -> Result<()> {
    let mut world = World::start().await?;
    let mut followers = world.followers(3).await?;
    let slow = Weather {
        delay: Duration::from_millis(150),
        bytes_per_second: std::num::NonZeroU32::new(40_000),
        ..Weather::FAIR
    };
    world.proxy.set_all(slow);
    world.write(300).await?;
    world.until_all_live(&mut followers, PATIENCE).await?;
    for followed in world.compare(followers).await? {
        assert_eq!(
            (followed.connections, followed.snapshots, followed.events),
            (1, 1, 300)
        );
    }
    Ok(())
}
