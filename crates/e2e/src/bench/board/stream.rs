//! Measures the responsiveness of the page during a stream of changes, by its long tasks.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tasktree_protocol::Status;

use super::probe;
use super::project::Project;
use crate::bench::{Figure, paced};
use crate::{Browser, Server};

/// Number of changes per second.
const PER_SECOND: u64 = 50;

/// Interval of the changes that move a task to another column; the others are new titles.
const MOVES_EVERY: usize = 5;

/// Changes tasks all over a project for the given time, and watches the page until it shows the
/// last change.
pub(super) async fn run(
    server: &Server,
    browser: &Browser,
    project: &Project,
    seconds: u64,
) -> Result<Vec<Figure>> {
    let put = async |task: &str, body| {
        server
            .call(Method::PUT, &project.path(task), Some(body))
            .await
    };
    let begun = probe::now(browser).await?;
    let count = usize::try_from(PER_SECOND * seconds)?;
    paced(PER_SECOND, count, async |number| {
        let change = if number.is_multiple_of(MOVES_EVERY) {
            json!({"status": Status::ALL[number / MOVES_EVERY % Status::ALL.len()]})
        } else {
            json!({"title": format!("Changed in the stream, number {number}")})
        };
        put(&project.free_task(number), change).await?;
        Ok(())
    })
    .await?;
    let visible = probe::visible(browser).await?;
    let last = visible.first().context("no card is in the window")?;
    let title = "The last change of the stream";
    put(last, json!({"title": title})).await?;
    probe::until_shown(browser, last, title).await?;

    let long = probe::long_tasks(browser, begun).await?;
    let longest = long.iter().map(|task| task.duration).fold(0.0, f64::max);
    let load = format!(
        "{} tasks, {PER_SECOND} changes/s for {seconds} s",
        project.tasks
    );
    Ok(vec![
        Figure::new(
            format!("tasks over 50 ms of the page, {load}"),
            long.len() as f64,
            "",
        ),
        Figure::new(format!("the longest of them, {load}"), longest, "ms"),
    ])
}
