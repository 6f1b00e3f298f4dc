//! Changes of a tab that crashes before they reach the server.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::wd::WindowHandle;
use serde_json::json;
use tasktree_e2e::proxy::{Cut, Weather};
use tasktree_e2e::wait::{PATIENCE, until};
use tokio::time::timeout;

use crate::scene::Scene;

impl Scene {
    /// Makes an empty tab, and comes back to the board.
    async fn spare_tab(&self) -> Result<WindowHandle> {
        let client = self.browser().client();
        let first = client.window().await?;
        self.browser().new_tab().await?;
        let spare = client.window().await?;
        client.switch_to_window(first).await?;
        Ok(spare)
    }

    /// Kills the board's tab with all that is in its memory, and turns to another.
    async fn crash_tab(&self, spare: WindowHandle) -> Result<()> {
        // Nobody is left to answer.
        let crash = self.browser().devtools("Page.crash", json!({}));
        let answer = timeout(Duration::from_secs(10), crash).await;
        ensure!(!matches!(answer, Ok(Ok(_))), "the tab lives");
        self.browser().client().switch_to_window(spare).await?;
        Ok(())
    }

    /// Moves the card in a tab without a network, which crashes then.
    async fn crash_with_a_move(&self) -> Result<()> {
        let spare = self.spare_tab().await?;
        self.lose_network().await?;
        self.board.move_right(&self.task, 1).await?;
        self.board.until_in(&self.task, "up_next").await?;
        let kept = "return Object.keys(localStorage).filter(key => key.startsWith('tasktree.unsent.')).length === 1;";
        self.browser().until("it is kept", kept, vec![]).await?;
        self.crash_tab(spare).await?;
        assert_eq!(self.stored().await?, "unclaimed", "it was not sent");
        Ok(())
    }

    /// Opens the board in the present tab.
    async fn reopen(&self) -> Result<()> {
        self.proxy.set_all(Weather::FAIR);
        self.browser().open(&self.proxy.url("/p/demo")).await?;
        self.board.until_live().await
    }

    async fn until_nothing_is_kept(&self) -> Result<()> {
        let none =
            "return !Object.keys(localStorage).some(key => key.startsWith('tasktree.unsent.'));";
        let browser = self.browser();
        browser.until("nothing is kept", none, vec![]).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_move_in_a_tab_that_crashed_is_made_once_when_the_board_is_opened_again() -> Result<()> {
    let scene = Scene::open().await?;
    scene.crash_with_a_move().await?;
    scene.reopen().await?;
    until("the server has it", PATIENCE, || async {
        Ok((scene.stored().await? == "up_next").then_some(()))
    })
    .await?;
    scene.board.until_in(&scene.task, "up_next").await?;
    scene.until_nothing_is_kept().await?;
    // Nor does a third page make it again.
    scene.reopen().await?;
    let path = format!("/api/projects/demo/tasks/{}", scene.task);
    let task = scene.server.call(reqwest::Method::GET, &path, None).await?;
    assert_eq!(task["rev"], json!(2), "one change after it was made");
    Ok(())
}

#[tokio::test]
async fn a_move_for_a_database_that_was_replaced_is_reported_and_not_made() -> Result<()> {
    let mut scene = Scene::open().await?;
    scene.crash_with_a_move().await?;
    scene.server.kill().await?;
    // Otherwise the browser would wait on connections whose other end is gone unnoticed.
    scene.proxy.cut(Cut::Reset);
    scene.server.remove_database()?;
    scene.server.start_again().await?;
    let made = scene
        .server
        .project_with_tasks("demo", &["Another"])
        .await?;
    let task = made.first().context("a task")?;
    assert_eq!(*task, scene.task, "it has the same number");
    scene.reopen().await?;
    let told = "const report = document.querySelector('.unsent-report')?.textContent ?? '';
        return report.includes('Move #1 to UP NEXT') && report.includes('replaced');";
    scene
        .browser()
        .until("it is reported", told, vec![])
        .await?;
    assert_eq!(scene.stored().await?, "unclaimed", "it is not made");
    // Until somebody has read it.
    scene.reopen().await?;
    scene
        .browser()
        .until("it is still told", told, vec![])
        .await?;
    let dismiss = "document.querySelector('.unsent-report .button').click();";
    scene.run(dismiss).await?;
    scene.until_nothing_is_kept().await?;
    let gone = "return !document.querySelector('.unsent-report');";
    scene.browser().until("it is gone", gone, vec![]).await?;
    assert_eq!(scene.stored().await?, "unclaimed");
    Ok(())
}
