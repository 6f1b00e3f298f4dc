//! Measures the claims of the best ready task of a large project. The baseline is a commit of
//! SQLite by itself, at the same pace: an agent is answered after the commit.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::bare_sqlite::BareSqlite;
use super::{fan_out, server};
use crate::bench::{Figure, paced, percentile};

/// Claims per second.
const PER_SECOND: u64 = 20;

/// Claims in a project of `tasks` tasks, each by another agent, and returns the figures.
pub(super) async fn run(tasks: u64, claims: usize) -> Result<Vec<Figure>> {
    let (server, _) = server().await?;
    // Each plan is an event itself, and no task.
    fan_out::plan(&server, tasks + tasks.div_ceil(fan_out::PLAN_EVENTS)).await?;
    let sqlite = BareSqlite::open()?;
    let (mut times, mut bare) = (Vec::with_capacity(claims), Vec::with_capacity(claims));
    paced(PER_SECOND, claims, async |number| {
        let agent = json!({"id": format!("agent-{number}")});
        let agents = "/api/projects/bench/agents";
        server.call(Method::POST, agents, Some(agent)).await?;
        let next = format!("{agents}/agent-{number}/next");
        let begun = Instant::now();
        let claimed = server.call(Method::POST, &next, Some(json!({}))).await?;
        times.push(begun.elapsed());
        ensure!(claimed["claimed"] == true, "no task is claimed: {claimed}");
        let begun = Instant::now();
        sqlite.commit()?;
        bare.push(begun.elapsed());
        Ok(())
    })
    .await?;
    times.sort_unstable();
    bare.sort_unstable();
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1000.0;
    let figure = |label: &str, times: &[Duration], share| {
        let name = format!("next: {label}, {tasks} tasks");
        Figure::new(name, ms(times, share), "ms")
    };
    Ok(vec![
        figure("median of the answer", &times, 0.5),
        figure("p99 of the answer", &times, 0.99).at_most(20.0),
        figure("median of a bare SQLite commit", &bare, 0.5),
        Figure::new(
            "next: median of the answer, against the bare commit",
            ms(&times, 0.5) / ms(&bare, 0.5),
            "",
        ),
    ])
}
