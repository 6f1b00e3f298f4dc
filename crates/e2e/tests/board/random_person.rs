//! Test of a person who clicks and types at random: the page must not fail.
//!
//! `Browser::run` fails as soon as the page has panicked. The seed does not control timing, so the
//! same seed may take another course. `TASKTREE_SEED` sets it, and a failure reports it with the
//! last steps.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::{Board, Server};

/// Number of steps in one run.
const STEPS: usize = 250;

/// Script that clicks the n-th clickable element that does not lead off the board, and returns its
/// name.
const CLICK: &str = "
    const there = [...document.querySelectorAll('button, a, summary, select, input, textarea, .task-card')]
        .filter(it => it.checkVisibility() && !it.disabled && !it.target)
        .filter(it => !it.pathname || it.pathname === '/' || it.pathname.startsWith('/p/'));
    if (!there.length) return 'nothing';
    const it = there[arguments[0] % there.length];
    const name = `${it.tagName}.${it.className}`;
    it.focus();
    it.click();
    return name;";

/// Script that presses a key on the focused element, and types it if that is a field.
const PRESS: &str = "
    const it = document.activeElement ?? document.body;
    const key = arguments[0];
    it.dispatchEvent(new KeyboardEvent('keydown', {key, altKey: arguments[1], bubbles: true, cancelable: true}));
    if (key.length === 1 && 'value' in it && it.tagName !== 'SELECT' && it.tagName !== 'BUTTON') {
        it.value += key;
        it.dispatchEvent(new Event('input', {bubbles: true}));
    }
    return key;";

const KEYS: [&str; 17] = [
    "Enter",
    "Escape",
    " ",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "m",
    "c",
    "/",
    "?",
    "g",
    "a",
    "b",
    "l",
];

#[tokio::test]
async fn whatever_a_person_clicks_and_types_the_page_does_not_fail() -> Result<()> {
    let seed = match std::env::var("TASKTREE_SEED") {
        Ok(seed) => seed.parse().context("TASKTREE_SEED is a number")?,
        Err(_) => 20_261_123,
    };
    let mut draw = fastrand::Rng::with_seed(seed);
    let server = Server::start().await?;
    let titles: Vec<String> = (1..=30).map(|number| format!("Task {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let tasks = server.project_with_tasks("demo", &titles).await?;
    let board = Board::open(&server, "demo").await?;
    let mut done = Vec::new();
    for step in 0..STEPS {
        let outcome = act(&server, &board, &tasks, &mut draw).await;
        done.push(outcome.with_context(|| {
            let last = &done[done.len().saturating_sub(8)..];
            format!("seed {seed}, step {step}, after {last:?}")
        })?);
    }
    // The page is not only silent but alive: it still shows changes made elsewhere.
    board.browser.open(&server.url("/p/demo")).await?;
    board.until_live().await
}

/// Performs one step. Returns its description.
async fn act(
    server: &Server,
    board: &Board,
    tasks: &[String],
    draw: &mut fastrand::Rng,
) -> Result<String> {
    let browser = &board.browser;
    let said = match draw.u32(0..100) {
        0..50 => browser.run(CLICK, vec![json!(draw.u32(..))]).await?,
        50..85 => {
            let key = KEYS[draw.usize(..KEYS.len())];
            let alt = draw.u32(0..8) == 0;
            browser.run(PRESS, vec![json!(key), json!(alt)]).await?
        }
        85..92 => {
            browser
                .run("history.back(); return 'back';", vec![])
                .await?
        }
        92..94 => {
            browser
                .run("history.forward(); return 'forward';", vec![])
                .await?
        }
        _ => {
            let status = ["unclaimed", "up_next", "in_progress", "completed"][draw.usize(..4)];
            let path = format!(
                "/api/projects/demo/tasks/{}",
                tasks[draw.usize(..tasks.len())]
            );
            // The person may have deleted the task, or the project.
            let _ = server
                .call(Method::PUT, &path, Some(json!({ "status": status })))
                .await;
            json!("a change elsewhere")
        }
    };
    // "Back" before the first page leaves the board.
    let is_board = browser
        .run("return !!document.querySelector('.top-bar');", vec![])
        .await?;
    if is_board != json!(true) {
        browser.open(&server.url("/p/demo")).await?;
        board.until_live().await?;
    }
    Ok(said.as_str().unwrap_or_default().to_owned())
}
