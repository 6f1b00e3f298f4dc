//! Test of the board under `trunk serve`, whose proxy drops the header `Sec-WebSocket-Protocol`.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::trunk::Trunk;
use tasktree_e2e::{Board, Browser, Server};

#[tokio::test]
async fn the_board_of_trunk_serve_is_live_and_hears_of_changes_without_an_error() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["Seen live"]).await?;
    let trunk = Trunk::before(server.address()).await?;
    let browser = Browser::at_a_desk("en").await?;
    let board = Board::open_in(browser, &trunk.url("/p/demo")).await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    assert_eq!(board.text(".connection-words").await?, "Live");

    let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
    let change = Some(json!({"status": "completed"}));
    server.call(Method::PUT, &path, change).await?;
    board.until_in(&tasks[0], "completed").await?;

    let seen = "/api/admin/connections";
    let connections = server.call(Method::GET, seen, None).await?;
    assert_eq!(
        connections.as_array().map(Vec::len),
        Some(1),
        "{connections}"
    );
    let errors = board.browser.console_errors().await?;
    assert!(errors.is_empty(), "{errors:?}");
    Ok(())
}
