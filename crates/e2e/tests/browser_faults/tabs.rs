//! Tests of background tabs, and of two tabs.

use anyhow::Result;
use serde_json::json;
use tasktree_e2e::Browser;
use tasktree_e2e::proxy::{Cut, Direction};
use tasktree_e2e::witness;

use crate::scene::{FOREGROUND_MS, GLANCE_MS, ON_ITS_WAY_MS, Scene, Silence};

/// Option that makes Chrome throttle the timers of a hidden page to one per minute after a second,
/// rather than after five minutes.
const THROTTLE_SOON: &str = "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1";

impl Scene {
    /// Minimizes the window, which hides its page as another tab in front would. (The driver brings
    /// a tab to the front on switching to it.)
    async fn hide(&self) -> Result<()> {
        self.set_window("minimized", "hidden").await
    }

    async fn show(&self) -> Result<()> {
        self.set_window("normal", "visible").await
    }

    async fn set_window(&self, state: &str, visibility: &str) -> Result<()> {
        let window = self
            .browser()
            .devtools("Browser.getWindowForTarget", json!({}))
            .await?;
        let bounds = json!({"windowId": window["windowId"], "bounds": {"windowState": state}});
        self.browser()
            .devtools("Browser.setWindowBounds", bounds)
            .await?;
        let script = "return document.visibilityState === arguments[0];";
        self.browser()
            .until(
                &format!("the page is {visibility}"),
                script,
                vec![json!(visibility)],
            )
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_hidden_tab_with_throttled_timers_stays_live_and_finds_a_silent_connection_out()
-> Result<()> {
    let browser = Browser::start_with(1360, 900, "en", &[THROTTLE_SOON]).await?;
    let scene = Scene::open_in(browser).await?;
    scene.hide().await?;
    let change = scene.write("in_progress").await?;
    let testimony = scene.until_live_with(change).await?;
    scene.judge(
        "hidden",
        &testimony,
        change,
        (change.at, ON_ITS_WAY_MS),
        ON_ITS_WAY_MS,
    )?;

    scene.silence(&Direction::BOTH);
    scene
        .judge_silence("hidden, half-open", Silence::HIDDEN)
        .await
}

#[tokio::test]
async fn a_hidden_tab_whose_connection_fell_silent_is_live_soon_after_it_is_shown() -> Result<()> {
    let scene = Scene::open().await?;
    scene.hide().await?;
    scene.silence(&Direction::BOTH);
    let change = scene.write("completed").await?;
    scene.until_long_silent().await?;
    scene.show().await?;
    let testimony = scene.until_live_with(change).await?;
    let shown = testimony.last("visible")?;
    scene.judge(
        "hidden, half-open, then shown",
        &testimony,
        change,
        (shown, FOREGROUND_MS),
        GLANCE_MS,
    )
}

#[tokio::test]
async fn two_tabs_of_one_browser_are_both_live_and_each_recovers_by_itself() -> Result<()> {
    let scene = Scene::open().await?;
    let client = scene.browser().client();
    let first = client.window().await?;
    scene.browser().new_tab().await?;
    let second = client.window().await?;
    witness::install(scene.browser()).await?;
    scene.browser().open(&scene.proxy.url("/p/demo")).await?;
    scene.board.until_live().await?;
    scene.until_server_has(2).await?;

    let change = scene.write("in_progress").await?;
    for tab in [&second, &first] {
        client.switch_to_window(tab.clone()).await?;
        let testimony = scene.until_live_with(change).await?;
        scene.judge(
            "two tabs",
            &testimony,
            change,
            (change.at, ON_ITS_WAY_MS),
            ON_ITS_WAY_MS,
        )?;
    }

    // The links are those of the sockets and of fetched files; the sockets are reopened.
    scene.proxy.cut(Cut::Reset);
    let change = scene.write("completed").await?;
    for tab in [&second, &first] {
        client.switch_to_window(tab.clone()).await?;
        let testimony = scene.until_live_with(change).await?;
        scene.judge(
            "two tabs, cut",
            &testimony,
            change,
            (change.at, FOREGROUND_MS),
            ON_ITS_WAY_MS,
        )?;
    }
    scene.until_server_has(2).await?;
    Ok(())
}
