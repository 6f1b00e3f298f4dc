//! Tests of the views that are loaded lazily: the board is live without them, and they arrive, or
//! say why they do not.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::{Board, Browser, Server, Upgradable};

/// Starts a browser that cannot fetch the lazy views.
async fn browser_without_lazy_views() -> Result<Browser> {
    let browser = Browser::at_a_desk("en").await?;
    browser.devtools("Network.enable", json!({})).await?;
    block(&browser, json!(["*-lazy.wasm"])).await?;
    Ok(browser)
}

async fn block(browser: &Browser, urls: Value) -> Result<()> {
    let blocked = json!({ "urls": urls });
    browser.devtools("Network.setBlockedURLs", blocked).await?;
    Ok(())
}

/// Script that returns true if the browser has tried to fetch the lazy views the given number of
/// times.
const TRIED: &str = "return performance.getEntriesByType('resource')
    .filter(entry => entry.name.endsWith('-lazy.wasm')).length >= arguments[0];";

#[tokio::test]
async fn a_board_is_live_and_can_be_worked_on_without_its_lazy_views() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let board = Board {
        browser: browser_without_lazy_views().await?,
    };
    board.browser.open(&server.url("/p/demo")).await?;
    board.until_live().await?;
    // The page retries by itself.
    board
        .browser
        .until("it was tried twice", TRIED, vec![json!(2)])
        .await?;
    board.until_none(".lazy").await?;
    let path = format!("/api/projects/demo/tasks/{}", tasks[0]);
    let body = json!({"status": "up_next"});
    server.call(Method::PUT, &path, Some(body)).await?;
    board.until_in(&tasks[0], "up_next").await?;
    board.move_right(&tasks[0], 1).await?;
    board.until_in(&tasks[0], "in_progress").await?;
    until("the server has the move", PATIENCE, || async {
        let task = server.call(Method::GET, &path, None).await?;
        Ok((task["status"] == "in_progress").then_some(()))
    })
    .await?;
    board.click(".column[data-status=unclaimed] button").await?;
    board.write_into("[name=title]", "Second\n").await?;
    board
        .until_text(".column[data-status=unclaimed] .task-card", "Second")
        .await?;
    // A view that is wanted says why it is not there, and arrives when it can.
    board.press_on(&tasks[0], "?").await?;
    board
        .until_text(".lazy[data-over] [role=alert]", "could not be loaded")
        .await?;
    block(&board.browser, json!([])).await?;
    board.click(".lazy[data-over] button").await?;
    board.until_text("dialog[open]", "Keyboard").await?;
    board.until_live().await
}

#[tokio::test]
async fn a_page_that_cannot_be_loaded_says_so_and_is_there_after_retry() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let board = Board {
        browser: browser_without_lazy_views().await?,
    };
    board.browser.open(&server.url("/p/demo/agents")).await?;
    board
        .until_text("main .lazy [role=alert]", "could not be loaded")
        .await?;
    board.until_live().await?;

    block(&board.browser, json!([])).await?;
    board.click(".lazy button").await?;
    board.until_text("main", "No agents yet").await?;
    board.until_live().await
}

#[tokio::test]
async fn a_page_that_an_upgrade_has_left_behind_offers_to_reload_and_keeps_what_was_typed()
-> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let front = Upgradable::before(server.address()).await?;
    let board = Board {
        browser: browser_without_lazy_views().await?,
    };
    board.browser.open(&front.url("/p/demo")).await?;
    board.until_live().await?;
    board.click(".column[data-status=unclaimed] button").await?;
    board
        .write_into("[name=title]", "Half a thought about 看板")
        .await?;
    front.upgrade();
    block(&board.browser, json!([])).await?;
    board.press_on(&tasks[0], "?").await?;
    board
        .until_text(".lazy[data-over] [role=alert]", "The server was upgraded")
        .await?;
    // The board itself goes on.
    board.until_live().await?;

    // What follows is the page of the new release: nothing is in its way.
    board.browser.run("window.isOld = true;", vec![]).await?;
    board.click(".lazy[data-over] button").await?;
    let reloaded = "return !window.isOld && document.readyState === 'complete';";
    board
        .browser
        .until("the page was reloaded without a question", reloaded, vec![])
        .await?;
    board.until_live().await?;
    let typed = "return document.querySelector('[name=title]')?.value;";
    let typed = board.browser.run(typed, vec![]).await?;
    assert_eq!(typed, json!("Half a thought about 看板"));
    Ok(())
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
async fn the_tasks_of_a_page_are_read_once() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("demo", &["First"]).await?;
    let board = Board::open_at(&server, "/p/demo/t/1", "en").await?;
    let reads = "return performance.getEntriesByType('resource')
        .filter(entry => entry.name.includes('/tasks?view=card')).length;";
    assert_eq!(board.browser.run(reads, vec![]).await?, json!(1));
    // Now the lazy views are in the cache, and available at once.
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
    let fetched = "const all = performance.getEntriesByType('resource')
        .filter(entry => entry.name.endsWith('-lazy.wasm')).map(entry => entry.initiatorType);
        return all.length > 0 && all;";
    for (page, by) in [
        ("/", "link"),
        ("/settings", "link"),
        ("/p/demo/agents", "link"),
        ("/p/demo", "fetch"),
    ] {
        browser.open(&server.url(page)).await?;
        browser.until("it is live", is_live, vec![]).await?;
        let fetched = browser.until("it is fetched", fetched, vec![]).await?;
        assert_eq!(fetched, json!([by]), "{page}");
    }
    Ok(())
}
