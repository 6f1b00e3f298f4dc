//! Measures the time from a write over HTTP until the card on the screen shows it.
//!
//! The page makes the request itself, so that one clock, the page's, times both ends. It learns of
//! the change only from its WebSocket: the board knows nothing of a request that it did not make,
//! and the bare page ignores the answer. The figure includes the cost of the request for the page.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::bare_page::{self, BarePage};
use super::probe::{self, Update};
use super::project::Project;
use crate::bench::{Figure, median, percentile, sorted};
use crate::{Board, Browser};

/// Maximum median time until an update is painted, in milliseconds, whatever the number of tasks.
const GOAL: f64 = 20.0;

/// Minimum time between two updates. A changed card stays highlighted for longer, so the page is
/// never at rest, as with many agents at work.
const PAUSE: Duration = Duration::from_millis(30);

/// Increment of each pause over [`PAUSE`], in microseconds and modulo [`FRAME_US`]. It is a frame's
/// golden section, which spreads any number of updates evenly over the frame; without it, they
/// could be in step with the screen.
/// <https://en.wikipedia.org/wiki/Low-discrepancy_sequence#Additive_recurrence>
const STEP_US: u64 = 10_301;

/// Duration of a frame at 60 Hz, in microseconds.
const FRAME_US: u64 = 16_667;

/// Measures the baseline of the boards: the median of as many updates of the bare page, in
/// milliseconds.
pub(super) async fn bare(browser: &Browser, page: &BarePage, updates: usize) -> Result<f64> {
    probe::new_tab(browser).await?;
    browser.open(&page.url()).await?;
    bare_page::until_live(browser).await?;
    let tasks = [bare_page::TASK.to_owned()];
    let updates = change(browser, &tasks, updates, |_| bare_page::PATH.to_owned()).await?;
    browser.close_tab().await?;
    Ok(median(painted(&updates)))
}

/// Measures changes of cards that are in the viewport.
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

/// Changes the titles of `tasks` in turn, `count` times in total. `path` returns the path that a
/// task's title is written to.
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
