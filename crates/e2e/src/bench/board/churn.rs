//! Measures the cost of a tab that stays open for a week: growth of memory and time with the number
//! of views.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::footprint::{self, MIB};
use super::project::Project;
use crate::Browser;
use crate::bench::{Figure, median};

/// Number of cards mounted in one sample. The first sample is the warm-up.
const SAMPLE: usize = 2_000;
/// Maximum growth of memory after the first sample, in MiB.
const GROWTH_GOAL: f64 = 2.0;
/// Maximum time for a card in the last samples, as a multiple of the first ones. The margin is for
/// noise.
const SLOWDOWN_GOAL: f64 = 1.25;
/// Number of samples at each end that are compared.
const ENDS: usize = 3;

/// Times of one sample, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Sample {
    /// Number of cards that were mounted.
    mounted: f64,
    /// Time to mount them.
    mounting: f64,
    /// Time to copy the elements of as many cards without any program.
    copying: f64,
}

/// Scrolls through a project's longest column until the given number of cards was mounted, and
/// opens and closes a menu on each screen.
pub(super) async fn run(
    browser: &Browser,
    project: &Project,
    mounts: usize,
) -> Result<Vec<Figure>> {
    ensure!(mounts >= 2 * SAMPLE, "{mounts} mounts are no measurement");
    sample(browser).await?;
    let before = footprint::wasm(browser).await?;
    let mut samples = Vec::new();
    for _ in 1..mounts / SAMPLE {
        samples.push(sample(browser).await?);
    }
    let grown = (footprint::wasm(browser).await? - before) / MIB;
    let tasks = project.tasks;
    let each = |samples: &[Sample], part: fn(&Sample) -> f64| {
        median(samples.iter().map(|it| part(it) / it.mounted).collect())
    };
    let mounting = each(&samples, |it| it.mounting);
    let copying = each(&samples, |it| it.copying);
    let ends = ENDS.min(samples.len());
    let first = each(&samples[..ends], |it| it.mounting / it.copying * it.mounted);
    let last = each(&samples[samples.len() - ends..], |it| {
        it.mounting / it.copying * it.mounted
    });
    Ok(vec![
        Figure::new(
            format!("memory of WebAssembly, {tasks} tasks, {mounts} mounts above {SAMPLE}"),
            grown,
            "MiB",
        )
        .at_most(GROWTH_GOAL),
        Figure::new(format!("mounting a card, {tasks} tasks"), mounting, "ms"),
        Figure::new(
            format!("mounting a card, {tasks} tasks, against a copy of its elements"),
            mounting / copying,
            "",
        ),
        Figure::new(
            format!("mounting a card, {tasks} tasks, {mounts} mounts against {SAMPLE}"),
            last / first,
            "",
        )
        .at_most(SLOWDOWN_GOAL),
    ])
}

async fn sample(browser: &Browser) -> Result<Sample> {
    let taken = browser
        .run(include_str!("churn.js"), vec![json!(SAMPLE)])
        .await?;
    Ok(serde_json::from_value(taken)?)
}
