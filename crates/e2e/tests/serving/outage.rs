//! Tests of a server that goes down and comes back.

use std::collections::BTreeMap;

use anyhow::Result;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::{Board, Server};

#[tokio::test]
async fn boards_say_that_the_server_is_gone_and_recover_without_a_reload() -> Result<()> {
    let mut server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["One", "Two", "Three"])
        .await?;
    let (ada, grace) =
        tokio::try_join!(Board::open(&server, "demo"), Board::open(&server, "demo"))?;
    // A reload would lose this mark.
    for board in [&ada, &grace] {
        board
            .browser
            .run("window.sameDocument = true;", vec![])
            .await?;
    }
    ada.until_in(&tasks[0], "unclaimed").await?;
    ada.move_right(&tasks[0], 1).await?;
    grace.until_in(&tasks[0], "up_next").await?;

    server.kill().await?;
    for board in [&ada, &grace] {
        board.until_connection("waiting").await?;
        let stale = "return document.querySelector('#main')?.dataset.stale !== undefined;";
        board
            .browser
            .until("the board looks stale", stale, vec![])
            .await?;
        assert_eq!(
            board.cards().await?.len(),
            3,
            "what was known stays to be read"
        );
    }

    server.start_again().await?;
    let path = format!("/api/projects/demo/tasks/{}", tasks[1]);
    server
        .call(Method::PUT, &path, Some(json!({"status": "merged"})))
        .await?;
    let fourth = server.create_task("demo", "Four").await?;
    for board in [&ada, &grace] {
        board.until_live().await?;
        board.until_in(&tasks[0], "up_next").await?;
        board.until_in(&tasks[1], "merged").await?;
        board.until_in(&fourth, "unclaimed").await?;
        let same = board
            .browser
            .run("return window.sameDocument === true;", vec![])
            .await?;
        assert_eq!(same, json!(true), "the page was not loaded again");
        assert_eq!(board.cards().await?, stored(&server).await?);
    }

    grace.move_right(&tasks[2], 1).await?;
    ada.until_in(&tasks[2], "up_next").await?;
    Ok(())
}

/// Returns the server's tasks, in the form of [`Board::cards`].
async fn stored(server: &Server) -> Result<BTreeMap<String, String>> {
    let tasks = server
        .call(Method::GET, "/api/projects/demo/tasks", None)
        .await?;
    let rows = tasks.as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(rows
        .iter()
        .map(|task| (text(&task["id"]), text(&task["status"])))
        .collect())
}
