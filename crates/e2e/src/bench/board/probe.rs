//! Measures a page's own painting with `probe.js`, which runs in it before any script of its own.
//!
//! **The first card** is timed by the browser itself. [Element
//! timing](https://wicg.github.io/element-timing/) reports the time at which the frame with the
//! card's text was presented, in milliseconds from the start of the navigation
//! (`performance.timeOrigin`). That includes download, layout, raster and the way to the screen.
//!
//! **A change of an existing card** has no such record: element timing knows only an element's
//! first paint. It is timed as <https://web.dev/articles/optimize-inp> and
//! <https://nolanlawson.com/2018/09/25/accurately-measuring-layout-on-the-web/> do: the task after
//! the next animation frame begins when style, layout and paint of that frame are done. If the page
//! writes within a frame's own callbacks, that counts one frame too many, never one too few.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Browser;

/// One update, with times in milliseconds since its request began, by the page's own clock.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Update {
    /// Time of the answer to the request.
    pub(super) answered: f64,
    /// Time at which the page has written the change into the document.
    pub(super) written: f64,
    /// Time at which the frame with the change is painted.
    pub(super) painted: f64,
}

/// A task that blocked the page's main thread for longer than 50 ms:
/// <https://w3c.github.io/longtasks/>.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LongTask {
    /// Start, in milliseconds since the start of the navigation.
    pub(super) start_time: f64,
    /// Duration in milliseconds.
    pub(super) duration: f64,
}

/// Opens a tab whose pages record their own painting, and switches to it.
pub(super) async fn new_tab(browser: &Browser) -> Result<()> {
    browser.new_tab().await?;
    browser.before_every_page(include_str!("probe.js")).await
}

/// Returns the number of the page's files that came from a cache: those with a transfer size of 0.
/// <https://w3c.github.io/resource-timing/#dom-performanceresourcetiming-transfersize>
pub(super) async fn cached_files(browser: &Browser) -> Result<u64> {
    let script = "
        const entries = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
        return entries.filter(({ transferSize }) => transferSize === 0).length;";
    let count = browser.run(script, vec![]).await?;
    count.as_u64().context("the page gave no count")
}

/// Waits for the first card. Returns the time at which it was on the screen, in milliseconds from
/// the start of the navigation.
pub(super) async fn first_card(browser: &Browser) -> Result<f64> {
    number(&browser.run("return probe.firstCard;", vec![]).await?)
}

/// Makes the page write a title to a path, and waits until the card of the given task shows it.
pub(super) async fn update(
    browser: &Browser,
    path: &str,
    task: &str,
    title: &str,
) -> Result<Update> {
    let script = "return probe.update(...arguments);";
    let arguments = vec![json!(path), json!(task), json!(title)];
    Ok(serde_json::from_value(
        browser.run(script, arguments).await?,
    )?)
}

/// Waits until the card of the given task shows the given title.
pub(super) async fn until_shown(browser: &Browser, task: &str, title: &str) -> Result<()> {
    let script = "return probe.shows(...arguments);";
    browser.run(script, vec![json!(task), json!(title)]).await?;
    Ok(())
}

/// Returns the tasks whose cards are in the viewport.
pub(super) async fn visible(browser: &Browser) -> Result<Vec<String>> {
    let tasks = browser.run("return probe.visible();", vec![]).await?;
    Ok(serde_json::from_value(tasks)?)
}

/// Returns the time of the page's clock, in milliseconds from the start of the navigation.
pub(super) async fn now(browser: &Browser) -> Result<f64> {
    number(&browser.run("return performance.now();", vec![]).await?)
}

/// Returns the long tasks since `since`, a time of [`now`].
pub(super) async fn long_tasks(browser: &Browser, since: f64) -> Result<Vec<LongTask>> {
    let tasks = browser.run("return probe.longTasks;", vec![]).await?;
    let mut tasks: Vec<LongTask> = serde_json::from_value(tasks)?;
    tasks.retain(|task| task.start_time >= since);
    Ok(tasks)
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().context("the page gave no number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;
    use crate::bench::board::bare_page::{self, BarePage, PATH, TASK};

    #[tokio::test]
    async fn a_page_tells_its_first_card_and_that_a_change_is_written_before_it_is_painted()
    -> Result<()> {
        let page = BarePage::start().await?;
        let browser = Browser::at_a_desk("en").await?;
        new_tab(&browser).await?;
        browser.open(&page.url()).await?;
        let first_card = first_card(&browser).await?;
        assert!(first_card > 0.0);
        assert_eq!(visible(&browser).await?, [TASK]);
        bare_page::until_live(&browser).await?;
        let before = now(&browser).await?;
        assert!(first_card < before);
        let update = update(&browser, PATH, TASK, "Another title").await?;
        assert!(
            0.0 < update.written && update.written <= update.painted,
            "{update:?}"
        );
        until_shown(&browser, TASK, "Another title").await?;
        assert!(update.painted < now(&browser).await? - before);
        Ok(())
    }

    #[tokio::test]
    async fn files_out_of_a_cache_are_told_from_those_that_came() -> Result<()> {
        let server = Server::start().await?;
        server.project_with_tasks("demo", &["One"]).await?;
        let browser = Browser::at_a_desk("en").await?;
        new_tab(&browser).await?;
        browser.open(&server.url("/p/demo")).await?;
        first_card(&browser).await?;
        assert_eq!(cached_files(&browser).await?, 0);
        browser.open(&server.url("/p/demo")).await?;
        first_card(&browser).await?;
        assert_ne!(cached_files(&browser).await?, 0);
        Ok(())
    }

    #[tokio::test]
    async fn a_long_task_counts_from_when_it_is_asked_for() -> Result<()> {
        let browser = Browser::at_a_desk("en").await?;
        new_tab(&browser).await?;
        browser.open("data:text/html,").await?;
        let before = now(&browser).await?;
        let work = "setTimeout(() => { const end = performance.now() + 100; while (performance.now() < end); });";
        browser.run(work, vec![]).await?;
        let recorded = "return probe.longTasks.some((task) => task.duration >= 100);";
        browser
            .until("the task is recorded", recorded, vec![])
            .await?;
        assert!(
            long_tasks(&browser, before)
                .await?
                .iter()
                .any(|task| task.duration >= 100.0)
        );
        let later = now(&browser).await?;
        let tasks = long_tasks(&browser, later).await?;
        assert!(
            tasks.iter().all(|task| task.start_time >= later),
            "{tasks:?}"
        );
        Ok(())
    }
}
