//! Measures the time from the start of a navigation until a card is on the screen, for a first-time
//! visitor. The browser is already running: one that has just started needs its cores for seconds,
//! which would be measured instead.

use anyhow::{Result, ensure};
use serde_json::json;

use super::probe;
use super::project::Project;
use crate::bench::{Figure, median};
use crate::{Browser, Server};

/// Opens the bare page and each project's board the given number of times. They take turns, so that
/// other load on the machine affects all of them equally. A first round is not counted.
pub(super) async fn run(
    browser: &Browser,
    server: &Server,
    projects: &[(Project, f64)],
    bare_url: &str,
    openings: usize,
) -> Result<Vec<Figure>> {
    let mut bare = Vec::with_capacity(openings);
    let mut boards = vec![Vec::with_capacity(openings); projects.len()];
    for round in 0..=openings {
        let is_counted = round > 0;
        let time = open(browser, bare_url).await?;
        bare.extend(is_counted.then_some(time));
        for ((project, _), times) in projects.iter().zip(&mut boards) {
            let time = open(browser, &project.url(server)).await?;
            times.extend(is_counted.then_some(time));
        }
    }
    let bare = median(bare);
    let mut figures = vec![Figure::new(
        format!("bare page: first card painted, median of {openings}"),
        bare,
        "ms",
    )];
    for ((project, goal), times) in projects.iter().zip(boards) {
        let tasks = project.tasks;
        let time = median(times);
        figures.push(
            Figure::new(
                format!("first card painted, {tasks} tasks, median of {openings}"),
                time,
                "ms",
            )
            .at_most(*goal),
        );
        figures.push(Figure::new(
            format!("first card painted, {tasks} tasks, against the bare page"),
            time / bare,
            "",
        ));
    }
    Ok(figures)
}

/// Opens a page in a new tab with empty caches, and returns the milliseconds until its first card.
/// A tab's code is compiled in a separate process, which ends with the tab.
async fn open(browser: &Browser, url: &str) -> Result<f64> {
    probe::new_tab(browser).await?;
    browser
        .devtools("Network.clearBrowserCache", json!({}))
        .await?;
    browser.open(url).await?;
    let time = probe::first_card(browser).await?;
    let cached = probe::cached_files(browser).await?;
    ensure!(cached == 0, "{cached} files of {url} came out of a cache");
    browser.close_tab().await?;
    Ok(time)
}
