//! Tests of the board behind a proxy that lets HTTP through but no WebSocket.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Proxy, Server};

#[tokio::test]
async fn the_board_polls_says_so_sends_changes_and_is_live_when_sockets_get_through() -> Result<()>
{
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["First", "Second"])
        .await?;
    let proxy = Proxy::start(server.address()).await?;
    proxy.refuse_upgrades(true);
    let browser = Browser::at_a_desk("en").await?;
    browser.open(&proxy.url("/p/demo")).await?;
    let board = Board { browser };
    let says = "const badge = document.querySelector('.connection-badge')?.textContent ?? '';
        return badge.includes('Polling') && badge.includes('WebSocket blocked');";
    board
        .browser
        .until("the badge says polling", says, vec![])
        .await?;

    let path = |task: &str| format!("/api/projects/demo/tasks/{task}");
    let change = Some(json!({"status": "completed"}));
    server.call(Method::PUT, &path(&tasks[0]), change).await?;
    board.until_in(&tasks[0], "completed").await?;
    board.move_right(&tasks[1], 1).await?;
    let stored = || async {
        let task = server.call(Method::GET, &path(&tasks[1]), None).await?;
        Ok((task["status"] == "up_next").then_some(()))
    };
    until("the server has the move", PATIENCE, stored).await?;

    proxy.refuse_upgrades(false);
    board.until_live().await?;
    board.until_in(&tasks[1], "up_next").await
}
