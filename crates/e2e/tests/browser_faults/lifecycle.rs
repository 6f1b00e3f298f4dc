//! Tests of pages that the browser suspends, and of machines that suspend the browser.

use anyhow::Result;
use serde_json::json;
use tasktree_e2e::proxy::{Cut, Direction};
use tasktree_e2e::witness::{Testimony, now_ms};

use crate::scene::{FOREGROUND_MS, GLANCE_MS, ON_ITS_WAY_MS, Scene};

#[tokio::test]
async fn a_tab_that_was_frozen_shows_what_it_missed_when_it_goes_on() -> Result<()> {
    let scene = Scene::open().await?;
    // Chrome closes the socket of a page that it freezes; the page learns of it when it resumes.
    scene.freeze(true).await?;
    let (testimony, change) = scene.thaw("frozen and resumed", "in_progress").await?;
    assert!(testimony.last("freeze")? < change.at, "it was frozen");

    // The connection is cut while the page cannot notice.
    scene.freeze(true).await?;
    scene.proxy.cut(Cut::Reset);
    scene.until_server_has(0).await?;
    scene.thaw("frozen, cut and resumed", "completed").await?;
    Ok(())
}

#[tokio::test]
async fn a_tab_that_was_frozen_so_long_that_the_server_gave_it_up_comes_back() -> Result<()> {
    let scene = Scene::open().await?;
    scene.freeze(true).await?;
    // The page answers no ping.
    scene.until_server_has(0).await?;
    scene
        .thaw("frozen until the server gave up", "completed")
        .await?;
    Ok(())
}

/// Sets the clock forward by an hour. A page notices nothing else of a machine that slept: its
/// timers stood still meanwhile, and continue where they were. (Freezing a page is different: there
/// are events, and Chrome closes its socket.)
const SLEEP: &str = "
    const date = Date.now;
    Date.now = () => date() + 3600000;";

#[tokio::test]
async fn a_machine_that_slept_does_not_say_live_before_it_has_asked() -> Result<()> {
    let scenes = tokio::try_join!(Scene::open(), Scene::open())?;
    let awake = slept(&scenes.0, true, "slept for an hour, the connection lives");
    let dead = slept(
        &scenes.1,
        false,
        "slept for an hour, the connection is dead",
    );
    tokio::try_join!(awake, dead)?;
    Ok(())
}

async fn slept(scene: &Scene, connection_lives: bool, what: &str) -> Result<()> {
    if !connection_lives {
        scene.silence(&Direction::BOTH);
    }
    let change = scene.write("completed").await?;
    scene.run(SLEEP).await?;
    let woke = now_ms();
    let testimony = scene.until_live_with(change).await?;
    // The page checks its clock once a second.
    let within = (woke, 1_000.0 + FOREGROUND_MS);
    scene.judge(what, &testimony, change, within, 1_000.0 + GLANCE_MS)
}

#[tokio::test]
async fn a_page_that_one_comes_back_to_is_live_whether_the_browser_kept_it_or_not() -> Result<()> {
    let scene = Scene::open().await?;
    scene.run("window.kept = true;").await?;
    scene.browser().open(&scene.proxy.url("/health")).await?;
    scene.until_server_has(0).await?;
    let change = scene.write("completed").await?;
    scene.browser().client().back().await?;
    let testimony = scene.until_live_with(change).await?;
    let kept = scene.run("return window.kept === true;").await? == json!(true);
    let shown = testimony.last(if kept {
        "pageshow from cache"
    } else {
        "pageshow"
    })?;
    let what = if kept {
        "back, to a page that was kept"
    } else {
        "back, to a page that was loaded again"
    };
    scene.judge(what, &testimony, change, (shown, FOREGROUND_MS), GLANCE_MS)?;
    // It is also live for the next change.
    let next = scene.write("up_next").await?;
    let testimony: Testimony = scene.until_live_with(next).await?;
    scene.judge(
        "the next change",
        &testimony,
        next,
        (next.at, ON_ITS_WAY_MS),
        ON_ITS_WAY_MS,
    )
}
