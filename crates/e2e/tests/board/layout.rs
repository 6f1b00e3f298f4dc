//! Tests of the page's layout at every width, with any content.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::{Board, Browser, Server};

/// Widths from the narrowest phones to desktops, in pixels.
const WIDTHS: std::ops::RangeInclusive<u32> = 320..=1920;

/// Script that returns the parts of the bar that overlap a neighbor, stick out of the window, or
/// are too narrow to be used.
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

/// Script that returns the positions and sizes of the frame's parts.
const FRAME: &str = "
    const parts = [...document.querySelectorAll('.top-bar, .top-bar *, main')]
        .filter(part => part.checkVisibility() && !part.closest('.connection > *'));
    return parts.map(part => {
        const { left, top, width, height } = part.getBoundingClientRect();
        return [part.className.baseVal ?? (part.className || part.tagName), left, top, width, height].join(' ');
    });";

/// Script that returns the elements whose content overflows on the right. Only the columns of a
/// board, code, and text cut with an ellipsis may.
const CUT_OFF: &str = "
    const mayGoOn = (part, style) => part.closest('pre, svg') || part.matches('.columns, input, textarea, select') || style.overflowX === 'visible'
        || style.textOverflow === 'ellipsis' || style.clipPath !== 'none';
    const found = [...document.querySelectorAll('html, body *')].filter(part => part.clientWidth > 0
        && part.scrollWidth > part.clientWidth + 1 && !mayGoOn(part, getComputedStyle(part)));
    return found.map(part => `${part.tagName}.${part.className}`);";

/// Checks the page at every width.
async fn is_in_order(browser: &Browser, state: &str, look: &str) -> Result<()> {
    for width in WIDTHS.step_by(40) {
        set_width(browser, Some(width)).await?;
        let found = browser.run(look, vec![]).await?;
        ensure!(found == json!([]), "{state}, {width} pixels: {found}");
    }
    set_width(browser, None).await
}

/// Creates a project with a long name, and a task on which an agent with a long name works.
async fn project_with_long_names(server: &Server) -> Result<Vec<String>> {
    let word = "Rindfleischetikettierungsüberwachungsaufgabe".repeat(3);
    let tasks = server
        .project_with_tasks("demo", &[&word, "Second"])
        .await?;
    let long = "A project whose name is too long for any bar, however wide the window may be";
    let agent = "an-agent-whose-name-is-longer-than-there-is-room-for-in-a-list";
    let text =
        format!("# {word}\n\n{word} `{word}`\n\n```\n{word}\n```\n\n| {word} | {word} |\n|-|-|\n");
    let task = format!("/api/projects/demo/tasks/{}", tasks[0]);
    for (method, path, body) in [
        (
            Method::PUT,
            "/api/projects/demo",
            json!({"name": long, "description": word}),
        ),
        (
            Method::PUT,
            &task,
            json!({"description": text, "branch": word}),
        ),
        (
            Method::POST,
            "/api/projects/demo/agents",
            json!({"id": agent, "task_id": tasks[0]}),
        ),
    ] {
        server.call(method, path, Some(body)).await?;
    }
    Ok(tasks)
}

/// Sets the width of the window, or restores it.
async fn set_width(browser: &Browser, width: Option<u32>) -> Result<()> {
    let (command, metrics) = match width {
        Some(width) => (
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}),
        ),
        None => ("Emulation.clearDeviceMetricsOverride", json!({})),
    };
    browser.devtools(command, metrics).await?;
    Ok(())
}

/// Returns the frame's parts at every width.
async fn frames(browser: &Browser) -> Result<Vec<Value>> {
    let mut frames = Vec::new();
    for width in WIDTHS.step_by(40) {
        set_width(browser, Some(width)).await?;
        frames.push(browser.run(FRAME, vec![]).await?);
    }
    set_width(browser, None).await?;
    Ok(frames)
}

/// Checks that the frame at every width is the same as while the board was live.
async fn is_as_it_was(browser: &Browser, state: &str, live: &[Value]) -> Result<()> {
    let now = frames(browser).await?;
    for ((width, live), now) in WIDTHS.step_by(40).zip(live).zip(&now) {
        let parts = |frame: &Value| frame.as_array().cloned().unwrap_or_default();
        let (live, now) = (parts(live), parts(now));
        let moved: Vec<_> = live
            .iter()
            .zip(&now)
            .filter(|(was, is)| was != is)
            .collect();
        let is_same = live.len() == now.len() && moved.is_empty();
        ensure!(is_same, "{state}, {width} pixels: {moved:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_bar_holds_together_at_every_width() -> Result<()> {
    let mut server = Server::start().await?;
    let tasks = project_with_long_names(&server).await?;
    let mut boards = Vec::new();
    for language in ["en", "zh-CN"] {
        let board = Board::open_at(&server, "/p/demo", language).await?;
        let has_agent = "return document.querySelector('.filter-agent')?.options.length > 1;";
        board
            .browser
            .until("the agent can be chosen", has_agent, vec![])
            .await?;
        is_in_order(&board.browser, "live", DISORDER).await?;
        let live = frames(&board.browser).await?;
        boards.push((board, live));
    }
    server.kill().await?;
    for (board, live) in &boards {
        board.until_connection("waiting").await?;
        is_as_it_was(&board.browser, "reconnecting", live).await?;
        board.move_right(&tasks[0], 1).await?;
        let unsent = "return document.querySelector('.connection-unsent') !== null;";
        board
            .browser
            .until("the move waits", unsent, vec![])
            .await?;
        let state = "reconnecting, with a change that waits";
        is_in_order(&board.browser, state, DISORDER).await?;
        is_as_it_was(&board.browser, state, live).await?;
        board.browser.say_offline(true).await?;
        board.until_connection("offline").await?;
        let state = "offline, with a change that waits";
        is_in_order(&board.browser, state, DISORDER).await?;
        is_as_it_was(&board.browser, state, live).await?;
    }
    Ok(())
}

#[tokio::test]
async fn no_page_is_cut_off_at_its_side() -> Result<()> {
    let server = Server::start().await?;
    project_with_long_names(&server).await?;
    server.project_with_tasks("empty", &[]).await?;
    for language in ["en", "zh-CN"] {
        let board = Board::open_at(&server, "/", language).await?;
        for (path, shown) in [
            ("/", ".project-row"),
            ("/p/demo", ".task-card"),
            ("/p/demo/t/1", ".task-drawer .markdown table"),
            ("/p/demo/agents", ".agents li"),
            ("/p/demo/activity", ".feed-row"),
            ("/p/empty", ".first-run"),
            ("/p/empty/agents", ".first-run"),
            ("/p/nowhere", ".message-page"),
            ("/settings", "form"),
        ] {
            board.browser.open(&server.url(path)).await?;
            let is_shown = "return document.querySelector(arguments[0]) !== null;";
            board
                .browser
                .until(
                    &format!("{path} shows {shown}"),
                    is_shown,
                    vec![json!(shown)],
                )
                .await?;
            is_in_order(&board.browser, path, CUT_OFF).await?;
        }
    }
    Ok(())
}
