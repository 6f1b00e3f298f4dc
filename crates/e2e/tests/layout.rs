//! The page holds together at every width, whatever it has to say.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::{Board, Browser, Server};

/// The narrowest phones, and desks, in pixels.
const WIDTHS: std::ops::RangeInclusive<u32> = 320..=1920;

/// What of the bar lies over its neighbour, sticks out of the window, or is too narrow to be used.
const DISORDER: &str = "
    const parts = [...document.querySelectorAll('.brand, .switcher, .view-link, .filter-search, .filter-bar > select, .filter-toggle, '
        + '.connection, .top-bar-tools > *')].filter(part => part.offsetParent);
    const boxes = parts.map(part => [part.className || part.tagName, part.getBoundingClientRect()]);
    const found = [];
    for (const [at, [name, box]] of boxes.entries()) {
        if (box.left < 0 || box.right > innerWidth) found.push(`${name} sticks out`);
        if (box.width < 16) found.push(`${name} is ${box.width} wide`);
        for (const [other, its] of boxes.slice(at + 1)) {
            const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
            const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
            if (across > 1 && down > 1) found.push(`${name} and ${other} overlap`);
        }
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    return found;";

async fn is_in_order(browser: &Browser, state: &str) -> Result<()> {
    for width in WIDTHS.step_by(40) {
        let metrics =
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        browser
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let found = browser.run(DISORDER, vec![]).await?;
        ensure!(found == json!([]), "{state}, {width} pixels: {found}");
    }
    browser
        .devtools("Emulation.clearDeviceMetricsOverride", json!({}))
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_bar_holds_together_at_every_width() -> Result<()> {
    let mut server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["First"]).await?;
    let long = "A project whose name is too long for any bar, however wide the window may be";
    let agent = "an-agent-whose-name-is-longer-than-there-is-room-for-in-a-list";
    let agents = "/api/projects/demo/agents";
    for (method, path, body) in [
        (Method::PUT, "/api/projects/demo", json!({"name": long})),
        (
            Method::POST,
            agents,
            json!({"id": agent, "task_id": tasks[0]}),
        ),
    ] {
        server.call(method, path, Some(body)).await?;
    }
    let mut boards = Vec::new();
    for language in ["en", "zh-CN"] {
        let board = Board::open_at(&server, "/p/demo", language).await?;
        let has_agent = "return document.querySelector('.filter-agent')?.options.length > 1;";
        board
            .browser
            .until("the agent can be chosen", has_agent, vec![])
            .await?;
        is_in_order(&board.browser, "live").await?;
        boards.push(board);
    }
    server.kill().await?;
    for board in &boards {
        board.until_connection("waiting").await?;
        board.move_right(&tasks[0], 1).await?;
        let unsent = "return document.querySelector('.connection-unsent') !== null;";
        board
            .browser
            .until("the move waits", unsent, vec![])
            .await?;
        is_in_order(&board.browser, "reconnecting, with a change that waits").await?;
        board.browser.say_offline(true).await?;
        board.until_connection("offline").await?;
        is_in_order(&board.browser, "offline, with a change that waits").await?;
    }
    Ok(())
}
