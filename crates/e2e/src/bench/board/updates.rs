//! How long it takes from a write over HTTP until the card on the screen shows it.
//!
//! The page makes the request itself, so that one clock, the page's, times both ends. It learns of the change from its
//! WebSocket alone: the board knows nothing of a request that it did not make, and the bare page ignores the answer. What the
//! request costs the page is in the figure.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::bare_page::{self, BarePage};
use super::probe::{self, Update};
use super::project::Project;
use crate::bench::{Figure, median, percentile, sorted};
use crate::{Board, Browser};

/// In how many milliseconds an update is painted, the median, whatever the number of tasks.
const GOAL: f64 = 20.0;

/// The least time between an update and the next. A changed card is lit for longer than that: the page is never at rest, as with many
/// agents at work.
const PAUSE: Duration = Duration::from_millis(30);

/// How much longer than [`PAUSE`] each pause is than the one before, in microseconds and modulo [`FRAME_US`]: a frame's golden
/// section, which spreads any number of updates evenly over it. Without, they could be in step with the screen.
/// <https://en.wikipedia.org/wiki/Low-discrepancy_sequence#Additive_recurrence>
const STEP_US: u64 = 10_301;

/// A frame of a screen with 60 Hz, in microseconds.
const FRAME_US: u64 = 16_667;

/// What the boards are compared with: the median of as many updates of the bare page, in milliseconds.
pub(super) async fn bare(browser: &Browser, page: &BarePage, updates: usize) -> Result<f64> {
    probe::new_tab(browser).await?;
    browser.open(&page.url()).await?;
    bare_page::until_live(browser).await?;
    let tasks = [bare_page::TASK.to_owned()];
    let updates = change(browser, &tasks, updates, |_| bare_page::PATH.to_owned()).await?;
    browser.close_tab().await?;
    Ok(median(painted(&updates)))
}

/// Changes cards that are in the window.
pub(super) async fn run(
    board: &Board,
    project: &Project,
    updates: usize,
    bare: f64,
) -> Result<Vec<Figure>> {
    let tasks = probe::visible(&board.browser).await?;
    let updates = change(&board.browser, &tasks, updates, |task| project.path(task)).await?;
    let times = sorted(painted(&updates));
    let tasks = project.tasks;
    let name = |what| format!("write to painted card, {tasks} tasks, {what}");
    let part = |field: fn(&Update) -> f64| median(updates.iter().map(field).collect());
    Ok(vec![
        Figure::new(name("median"), percentile(&times, 0.50), "ms").at_most(GOAL),
        Figure::new(name("p95"), percentile(&times, 0.95), "ms"),
        Figure::new(
            name("median, against the bare page"),
            percentile(&times, 0.50) / bare,
            "",
        ),
        Figure::new(
            format!("write to its answer, {tasks} tasks, median"),
            part(|update| update.answered),
            "ms",
        ),
        Figure::new(
            format!("write to changed document, {tasks} tasks, median"),
            part(|update| update.written),
            "ms",
        ),
    ])
}

fn painted(updates: &[Update]) -> Vec<f64> {
    updates.iter().map(|update| update.painted).collect()
}

/// Changes the titles of `tasks`, one after another, `count` times in all. `path` says where that of a task is written.
async fn change(
    browser: &Browser,
    tasks: &[String],
    count: usize,
    path: impl Fn(&str) -> String,
) -> Result<Vec<Update>> {
    ensure!(!tasks.is_empty(), "no card is in the window");
    let mut updates = Vec::with_capacity(count);
    for (number, task) in (0_u64..).zip(tasks.iter().cycle().take(count)) {
        let more = number * STEP_US % FRAME_US;
        sleep(PAUSE + Duration::from_micros(more)).await;
        let title = format!("Changed for the time number {number}, and that is all");
        updates.push(probe::update(browser, &path(task), task, &title).await?);
    }
    Ok(updates)
}
