//! Tests of two people at one board.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::{Board, Server};

#[tokio::test]
async fn each_sees_the_others_moves() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["First", "Second"])
        .await?;
    let (ada, grace) =
        tokio::try_join!(Board::open(&server, "demo"), Board::open(&server, "demo"))?;

    ada.until_in(&tasks[0], "unclaimed").await?;
    ada.move_right(&tasks[0], 2).await?;
    grace.until_in(&tasks[0], "in_progress").await?;

    grace.move_right(&tasks[1], 1).await?;
    ada.until_in(&tasks[1], "up_next").await?;
    grace.until_in(&tasks[1], "up_next").await?;

    let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
    let stored = server.call(Method::GET, &path, None).await?;
    assert_eq!(stored["status"], "in_progress");
    Ok(())
}

#[tokio::test]
async fn a_refused_move_goes_back_and_says_why() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["First", "Second"])
        .await?;
    let path = format!("/api/projects/demo/tasks/{}", tasks[1]);
    server
        .call(
            Method::PUT,
            &path,
            Some(json!({"dependencies": [tasks[0]]})),
        )
        .await?;
    let board = Board::open(&server, "demo").await?;

    board.until_in(&tasks[1], "unclaimed").await?;
    board.move_right(&tasks[1], 2).await?;
    let says_why = "return [...document.querySelectorAll('.toast')].some(toast => toast.textContent.includes('#1'));";
    board
        .browser
        .until("a toast names the task that it waits for", says_why, vec![])
        .await?;
    board.until_in(&tasks[1], "unclaimed").await?;
    Ok(())
}

#[tokio::test]
async fn a_board_shows_nothing_of_another_project() -> Result<()> {
    let server = Server::start().await?;
    let ours = server.project_with_tasks("ours", &["Mine"]).await?;
    let theirs = server.project_with_tasks("theirs", &["Not mine"]).await?;
    let board = Board::open(&server, "ours").await?;
    board.until_in(&ours[0], "unclaimed").await?;

    server.create_task("theirs", "Still not mine").await?;
    let seen_after = server.create_task("ours", "Mine too").await?;
    board.until_in(&seen_after, "unclaimed").await?;
    let cards = board.cards().await?;
    assert_eq!(cards.len(), 2, "{cards:?}");
    assert!(!cards.contains_key(&theirs[0]));
    Ok(())
}
