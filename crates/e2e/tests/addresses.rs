//! Links, reloads and languages.

use anyhow::Result;
use serde_json::json;
use tasktree_e2e::{Board, Server};

#[tokio::test]
async fn a_link_to_a_task_opens_it_over_the_live_board() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["First", "The one in the link"])
        .await?;
    let board = Board::open_at(&server, "/p/demo/t/2", "en").await?;
    let shown = "return [...document.querySelectorAll('.task-drawer input, .task-drawer textarea')]
        .some(field => field.value === 'The one in the link');";
    board
        .browser
        .until("the drawer shows the task", shown, vec![])
        .await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    Ok(())
}

#[tokio::test]
async fn a_filter_in_the_address_survives_a_reload() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server
        .project_with_tasks("demo", &["Apples", "Pears"])
        .await?;
    let board = Board::open_at(&server, "/p/demo?q=pear", "en").await?;
    board.until_in(&tasks[1], "unclaimed").await?;
    board.until_gone(&tasks[0]).await?;
    board.browser.client().refresh().await?;
    board.until_live().await?;
    board.until_in(&tasks[1], "unclaimed").await?;
    board.until_gone(&tasks[0]).await?;
    Ok(())
}

#[tokio::test]
async fn a_chinese_browser_gets_a_chinese_board() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["第一个任务"]).await?;
    let board = Board::open_at(&server, "/p/demo", "zh-CN").await?;
    let chinese = "return document.documentElement.lang === 'zh-CN'
        && document.querySelector('.connection-words').textContent.includes('实时')
        && document.querySelector('.column-name').textContent.includes('待办');";
    board
        .browser
        .until("the words are Chinese", chinese, vec![])
        .await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_address_says_so() -> Result<()> {
    let server = Server::start().await?;
    let browser = tasktree_e2e::Browser::start(1000, 700, "en").await?;
    browser.open(&server.url("/no/such/page")).await?;
    let says = "return document.querySelector('.message-page h1')?.textContent === arguments[0];";
    browser
        .until(
            "the page says that there is nothing",
            says,
            vec![json!("There is no page at this address.")],
        )
        .await?;
    Ok(())
}
