//! Tests of a person's writes during failures.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tasktree_e2e::proxy::{Direction, Weather};
use tasktree_e2e::wait::{PATIENCE, until};

use crate::scene::{FOREGROUND_MS, Scene};

impl Scene {
    /// Reloads the page through the browser's confirmation dialog.
    async fn reload(&self) -> Result<()> {
        // The driver accepts the dialog by itself.
        Ok(self.browser().client().refresh().await?)
    }

    /// Holds the frames of the page's socket in one direction; new sockets are not affected.
    fn hold(&self, direction: Direction) {
        for link in self.proxy.links() {
            if link.is_for("/ws/updates") {
                link.set(direction, Weather::HELD);
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_is_loaded_again_in_the_middle_of_a_write_shows_what_came_of_it() -> Result<()>
{
    // The command arrives, but its answer does not.
    let scene = Scene::open().await?;
    scene.hold(Direction::ToClient);
    scene.board.move_right(&scene.task, 1).await?;
    scene.board.until_in(&scene.task, "up_next").await?;
    until("the server has it", PATIENCE, || async {
        Ok((scene.stored().await? == "up_next").then_some(()))
    })
    .await?;
    scene.reload().await?;
    scene.board.until_live().await?;
    scene.board.until_in(&scene.task, "up_next").await?;
    assert_eq!(scene.stored().await?, "up_next");

    // The command does not arrive either.
    scene.hold(Direction::ToServer);
    scene.board.move_right(&scene.task, 1).await?;
    scene.board.until_in(&scene.task, "in_progress").await?;
    scene.reload().await?;
    scene.board.until_live().await?;
    scene.board.until_in(&scene.task, "in_progress").await?;
    let path = format!("/api/projects/demo/tasks/{}", scene.task);
    let task = scene.server.call(reqwest::Method::GET, &path, None).await?;
    assert_eq!(
        (&task["status"], &task["rev"]),
        (&json!("in_progress"), &json!(3)),
        "the page that was loaded again has made it, once"
    );
    Ok(())
}

#[tokio::test]
async fn a_move_that_is_made_while_the_network_is_away_is_made_once_when_it_is_back() -> Result<()>
{
    let scene = Scene::open().await?;
    scene.lose_network().await?;
    scene.board.move_right(&scene.task, 2).await?;
    scene.board.until_in(&scene.task, "in_progress").await?;
    assert_eq!(scene.stored().await?, "unclaimed", "it waits");

    scene.regain_network().await?;
    let within = Duration::from_millis(FOREGROUND_MS as u64) + PATIENCE;
    until("the server has it", within, || async {
        Ok((scene.stored().await? == "in_progress").then_some(()))
    })
    .await?;
    scene.board.until_live().await?;
    let path = format!("/api/projects/demo/tasks/{}", scene.task);
    let task = scene.server.call(reqwest::Method::GET, &path, None).await?;
    assert_eq!(task["rev"], json!(2), "one change after it was made");
    Ok(())
}

#[tokio::test]
async fn a_move_without_a_network_that_somebody_else_forestalled_waits_in_sight_and_is_refused_with_words()
-> Result<()> {
    let scene = Scene::open().await?;
    scene.lose_network().await?;
    scene.board.move_right(&scene.task, 1).await?;
    scene.board.until_in(&scene.task, "up_next").await?;
    let waits = "return document.querySelector('.connection-unsent')?.textContent === '1 not sent'
        && document.querySelector('.task-card').dataset.pending === 'unsent';";
    let browser = scene.browser();
    browser.until("it waits in sight", waits, vec![]).await?;
    let theirs = scene.write("completed").await?;

    scene.regain_network().await?;
    scene.until_live_with(theirs).await?;
    let told = "return [...document.querySelectorAll('.toast-text')]
        .some(toast => /Meanwhile .+ has moved it to DONE/.test(toast.textContent));";
    browser
        .until("it is said who was first", told, vec![])
        .await?;
    let rests = "return !document.querySelector('.connection-unsent')
        && !document.querySelector('.task-card').dataset.pending;";
    browser
        .until("nothing waits any more", rests, vec![])
        .await?;
    assert_eq!(scene.stored().await?, "completed", "theirs stays");
    Ok(())
}
