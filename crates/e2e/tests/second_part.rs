//! Tests of the program's two parts. The first paints the board, the second makes it live; here the
//! second is late or missing.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Server};

/// Starts a browser that cannot fetch the second part of the program.
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

/// Script that returns true if the browser has tried to fetch the second part the given number of
/// times.
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
    // The page retries by itself.
    board
        .browser
        .until("it was tried twice", TRIED, vec![json!(2)])
        .await?;
    board.until_connection("offline").await?;
    // Requests made meanwhile are performed once possible, and changes made meanwhile are not
    // missed.
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
    let said = "return document.querySelector('.later-notice')?.textContent.includes('could not be loaded');";
    board
        .browser
        .until("the page says so", said, vec![])
        .await?;

    block(&board.browser, json!([])).await?;
    let retry = "document.querySelector('.later-notice button').click(); return true;";
    board.browser.run(retry, vec![]).await?;
    let shown = "return document.querySelector('main')?.textContent.includes('No agents yet');";
    board
        .browser
        .until("the page is there", shown, vec![])
        .await?;
    board.until_live().await
}

#[tokio::test]
async fn a_page_that_is_opened_by_its_address_shows_what_happens_from_then_on() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let board = Board::open_at(&server, "/p/demo/activity", "en").await?;
    let rows = "return document.querySelectorAll('.feed-row').length;";
    let has_rows = "return document.querySelectorAll('.feed-row').length > arguments[0];";
    board
        .browser
        .until("the past is there", has_rows, vec![json!(0)])
        .await?;
    let before = board.browser.run(rows, vec![]).await?;
    server.create_task("demo", "Second").await?;
    board
        .browser
        .until("what happens comes", has_rows, vec![before])
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_board_that_is_opened_where_nobody_sees_it_is_connected_all_the_same() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let board = Board::open(&server, "demo").await?;
    // The first page stays in the foreground.
    let tab = json!({"url": server.url("/p/demo"), "background": true});
    board.browser.devtools("Target.createTarget", tab).await?;
    until("the hidden page is connected", PATIENCE, || async {
        let listed = server
            .call(Method::GET, "/api/admin/connections", None)
            .await?;
        let connections = listed.as_array().map(Vec::len);
        Ok((connections == Some(2)).then_some(()))
    })
    .await?;
    board.until_in(&tasks[0], "unclaimed").await
}

#[tokio::test]
async fn the_tasks_are_read_once_whichever_part_asks_first() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let board = Board::open_at(&server, "/p/demo/t/1", "en").await?;
    let reads = "return performance.getEntriesByType('resource')
        .filter(entry => entry.name.includes('/tasks?view=card')).length;";
    assert_eq!(board.browser.run(reads, vec![]).await?, json!(1));
    // Now the second part is in the cache, and available at once.
    board.browser.run("location.reload();", vec![]).await?;
    board.until_live().await?;
    assert_eq!(board.browser.run(reads, vec![]).await?, json!(1));
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_no_board_has_it_fetched_by_its_header_and_once() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let browser = Browser::at_a_desk("en").await?;
    let is_live = "return document.querySelector('.connection')?.dataset.look === 'live';";
    let fetched = "return performance.getEntriesByType('resource')
        .filter(entry => entry.name.endsWith('-later.wasm')).map(entry => entry.initiatorType);";
    for (page, by) in [
        ("/", "link"),
        ("/settings", "link"),
        ("/p/demo/agents", "link"),
        ("/p/demo", "fetch"),
    ] {
        browser.open(&server.url(page)).await?;
        browser.until("it is live", is_live, vec![]).await?;
        assert_eq!(browser.run(fetched, vec![]).await?, json!([by]), "{page}");
    }
    Ok(())
}
