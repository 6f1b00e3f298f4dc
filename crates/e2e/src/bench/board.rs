//! Measures the board as it is served, in a real browser: the time until it shows cards and
//! changes, and its costs.
//!
//! Server, browser and the measuring program share the machine.

mod bare_page;
mod churn;
mod first_card;
mod footprint;
mod probe;
mod project;
mod stream;
mod updates;

use anyhow::Result;
use serde_json::Value;

use self::bare_page::BarePage;
use self::project::Project;
use super::{Figure, Machine, report};
use crate::{Board, Browser, Server};

/// Projects to measure: number of tasks, and time in milliseconds until the first card must be
/// painted.
const PROJECTS: [(usize, f64); 3] = [(30, 500.0), (1_000, 700.0), (LARGEST, 1_200.0)];

/// Number of tasks of the project at which the page's costs are measured.
const LARGEST: usize = 10_000;

/// Amount of measuring.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Number of times that each page is opened in a new tab.
    pub openings: usize,
    /// Number of updates of each project.
    pub updates: usize,
    /// Duration of the stream of changes, in seconds.
    pub stream_seconds: u64,
    /// Number of cards that are mounted one after the other.
    pub mounts: usize,
}

impl Default for Sizes {
    /// Enough for a median and a 95th percentile.
    fn default() -> Self {
        Self {
            openings: 7,
            updates: 100,
            stream_seconds: 5,
            mounts: 20_000,
        }
    }
}

impl Sizes {
    /// Returns the minimum that shows that it works.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            openings: 1,
            updates: 10,
            stream_seconds: 1,
            mounts: 4_000,
        }
    }
}

/// Measures everything about the board. Returns the machine and the figures as JSON.
///
/// # Errors
/// Server or browser do not start, the server contains no board, or a page does not show what it
/// should.
pub async fn run(sizes: Sizes) -> Result<Value> {
    let mut machine = Machine::look();
    let server = Server::start().await?;
    let mut projects = Vec::with_capacity(PROJECTS.len());
    for (tasks, first_card) in PROJECTS {
        projects.push((Project::fill(&server, tasks).await?, first_card));
    }
    let page = BarePage::start().await?;
    // One browser for all, since one that has just started is busy with itself.
    let mut browser = Browser::at_a_desk("en").await?;
    machine.note("browser", browser.version());
    let mut figures =
        first_card::run(&browser, &server, &projects, &page.url(), sizes.openings).await?;
    let bare = updates::bare(&browser, &page, sizes.updates).await?;
    figures.push(Figure::new(
        "bare page: write to painted card, median",
        bare,
        "ms",
    ));
    for (project, _) in &projects {
        probe::new_tab(&browser).await?;
        let board = Board::open_in(browser, &project.url(&server)).await?;
        probe::first_card(&board.browser).await?;
        let is_largest = project.tasks == LARGEST;
        if is_largest {
            figures.extend(footprint::run(&board, project).await?);
        }
        figures.extend(updates::run(&board, project, sizes.updates, bare).await?);
        if is_largest {
            let seconds = sizes.stream_seconds;
            figures.extend(stream::run(&server, &board.browser, project, seconds).await?);
            figures.extend(churn::run(&board.browser, project, sizes.mounts).await?);
        }
        browser = board.browser;
        browser.close_tab().await?;
    }
    Ok(report(machine, &figures))
}
