//! The program comes in two parts: the first paints the board, the second makes it live. Here the second is late, or does not come at all.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::{Board, Browser, Server};

/// A browser that does not get the second part of the program.
async fn browser_without_second_part() -> Result<Browser> {
    let browser = Browser::at_a_desk("en").await?;
    browser.devtools("Network.enable", json!({})).await?;
    block(&browser, json!(["*-later.wasm"])).await?;
    Ok(browser)
}

async fn block(browser: &Browser, urls: Value) -> Result<()> {
    let blocked = json!({ "urls": urls });
    browser.devtools("Network.setBlockedURLs", blocked).await?;
    Ok(())
}

/// Whether the browser has tried to get the second part so many times.
const TRIED: &str = "return performance.getEntriesByType('resource')
    .filter(entry => entry.name.endsWith('-later.wasm')).length >= arguments[0];";

#[tokio::test]
async fn a_board_whose_second_part_does_not_come_is_shown_and_does_not_say_live_until_it_has()
-> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let board = Board {
        browser: browser_without_second_part().await?,
    };
    board.browser.open(&server.url("/p/demo")).await?;
    board.until_in(&tasks[0], "unclaimed").await?;
    // It goes on trying by itself.
    board
        .browser
        .until("it was tried twice", TRIED, vec![json!(2)])
        .await?;
    board.until_connection("waiting").await?;
    // What is asked for meanwhile is done when it can be, and what happens meanwhile is not missed.
    let press = "document.querySelector('.task-card-menu').click(); return true;";
    board.browser.run(press, vec![]).await?;
    let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
    let body = json!({"status": "in_progress"});
    server.call(Method::PUT, &path, Some(body)).await?;

    block(&board.browser, json!([])).await?;
    board.until_live().await?;
    board.until_in(&tasks[0], "in_progress").await?;
    let opened = "return Boolean(document.querySelector('.menu:popover-open'));";
    board
        .browser
        .until("the menu is open", opened, vec![])
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_page_of_the_second_part_says_that_it_could_not_be_loaded_and_is_there_after_retry()
-> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let board = Board {
        browser: browser_without_second_part().await?,
    };
    board.browser.open(&server.url("/p/demo/agents")).await?;
    let said = "return document.querySelector('.later[role=alert]')?.textContent.includes('could not be loaded');";
    board
        .browser
        .until("the page says so", said, vec![])
        .await?;

    block(&board.browser, json!([])).await?;
    let retry = "document.querySelector('.later[role=alert] button').click(); return true;";
    board.browser.run(retry, vec![]).await?;
    let shown = "return document.querySelector('main')?.textContent.includes('No agents yet');";
    board
        .browser
        .until("the page is there", shown, vec![])
        .await?;
    board.until_live().await
}
