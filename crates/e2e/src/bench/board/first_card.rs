//! How long it takes from the start of a navigation until a card is on the screen, for somebody who comes for the first time.

use anyhow::Result;

use super::probe;
use super::project::Project;
use crate::Server;
use crate::bench::{Figure, median};

/// Opens the bare page and each project's board so many times. They take turns, so that what else the machine does meanwhile
/// is the same for all.
pub(super) async fn run(
    server: &Server,
    projects: &[(Project, f64)],
    bare_url: &str,
    openings: usize,
) -> Result<Vec<Figure>> {
    let mut bare = Vec::with_capacity(openings);
    let mut boards = vec![Vec::with_capacity(openings); projects.len()];
    for _ in 0..openings {
        bare.push(open(bare_url).await?);
        for ((project, _), times) in projects.iter().zip(&mut boards) {
            times.push(open(&project.url(server)).await?);
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

/// Opens a page in a new browser with a profile of its own, so that nothing of the page is in a cache, neither files nor
/// compiled code. Gives milliseconds.
async fn open(url: &str) -> Result<f64> {
    let browser = probe::browser().await?;
    browser.open(url).await?;
    probe::first_card(&browser).await
}
