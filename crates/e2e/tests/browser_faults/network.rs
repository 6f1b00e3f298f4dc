//! Tests of a network that goes away, with and without a report from the browser.

use anyhow::Result;
use tasktree_e2e::proxy::{Cut, Direction};

use crate::scene::{FOREGROUND_MS, GLANCE_MS, ON_ITS_WAY_MS, Scene, Silence};

#[tokio::test]
async fn a_machine_that_loses_its_network_says_so_at_once_and_is_live_again_when_it_is_back()
-> Result<()> {
    let scene = Scene::open().await?;
    scene.lose_network().await?;
    let change = scene.write("in_progress").await?;

    scene.regain_network().await?;
    let testimony = scene.until_live_with(change).await?;
    let online = testimony.first_after(change.at, "online")?;
    scene.judge(
        "offline and online",
        &testimony,
        change,
        (online, FOREGROUND_MS),
        0.0,
    )?;
    let before = testimony.falsely_live(change.at, &scene.task, change.status);
    assert_eq!(before, 0.0, "it said live while it was offline");
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_cut_or_breaks_in_the_middle_of_a_frame_is_made_anew_at_once()
-> Result<()> {
    let scene = Scene::open().await?;
    let statuses = ["in_progress", "up_next", "completed"];
    for (kind, status) in statuses.into_iter().enumerate() {
        // The change is the last sign: with the first two cuts it never arrives, with the third
        // only half of it does.
        for link in scene.proxy.links() {
            match kind {
                0 => link.cut(Cut::Fin),
                1 => link.cut(Cut::Reset),
                _ => link.cut_after(Direction::ToClient, 20, Cut::Fin),
            }
        }
        let change = scene.write(status).await?;
        let testimony = scene.until_live_with(change).await?;
        let what = ["cut with FIN", "cut with RST", "half a frame"][kind];
        scene.judge(
            what,
            &testimony,
            change,
            (change.at, FOREGROUND_MS),
            ON_ITS_WAY_MS,
        )?;
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_silent_in_one_direction_or_both_is_found_out_while_it_is_visible()
-> Result<()> {
    let scenes = tokio::try_join!(Scene::open(), Scene::open())?;
    let both = silent(&scenes.0, &Direction::BOTH, "half-open, both ways");
    // The board's frames still arrive: only an unanswered probe can tell.
    let one = silent(
        &scenes.1,
        &[Direction::ToClient],
        "half-open, to the client",
    );
    tokio::try_join!(both, one)?;
    Ok(())
}

/// Silences the current connection without notice, while new ones get through, and checks the
/// promise.
async fn silent(scene: &Scene, directions: &[Direction], what: &str) -> Result<()> {
    scene.silence(directions);
    scene.judge_silence(what, Silence::VISIBLE).await
}

#[tokio::test]
async fn a_silent_connection_is_probed_when_somebody_turns_to_the_board() -> Result<()> {
    let scene = Scene::open().await?;
    scene.silence(&Direction::BOTH);
    let change = scene.write("completed").await?;
    scene.until_long_silent().await?;
    scene.run("dispatchEvent(new Event('focus'));").await?;
    let testimony = scene.until_live_with(change).await?;
    let focus = testimony.last("focus")?;
    scene.judge(
        "half-open, then looked at",
        &testimony,
        change,
        (focus, FOREGROUND_MS),
        GLANCE_MS,
    )
}
