//! How long a change takes from a writer's request to a subscriber, the commit in between; and how much of it is the write: the
//! writer's own answer comes after the commit and the publication. With a single client the disk is most of it: the baseline is a
//! commit of SQLite by itself at the same pace.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::bare_sqlite::BareSqlite;
use super::clients::{self, Client};
use super::{Sizes, server};
use crate::Server;
use crate::bench::{Figure, paced, percentile};

pub(super) async fn run(sizes: Sizes) -> Result<Vec<Figure>> {
    let many = measure(
        sizes.connections,
        sizes.events_per_second,
        sizes.events_per_second * sizes.seconds,
    )
    .await?;
    let single = measure(1, sizes.events_per_second, sizes.single_events).await?;
    let bare = bare_commits(sizes.events_per_second, sizes.single_events).await?;
    let load = format!(
        "{} connections, {} events/s",
        sizes.connections, sizes.events_per_second
    );
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1000.0;
    let (all, after) = (&many.to_client, &many.after_answer);
    Ok(vec![
        Figure::new(
            format!("write to client, median, {load}"),
            ms(all, 0.50),
            "ms",
        )
        .at_most(10.0),
        Figure::new(format!("write to client, p99, {load}"), ms(all, 0.99), "ms").at_most(40.0),
        Figure::new(
            format!("write to client, p99.9, {load}"),
            ms(all, 0.999),
            "ms",
        ),
        Figure::new(
            format!("write to its answer, p99, {load}"),
            ms(&many.to_answer, 0.99),
            "ms",
        ),
        Figure::new(
            format!("answer to client, p99, {load}"),
            ms(after, 0.99),
            "ms",
        ),
        Figure::new(
            "write to client, median, 1 connection",
            ms(&single.to_client, 0.50),
            "ms",
        ),
        Figure::new(
            "write to client, p99, 1 connection",
            ms(&single.to_client, 0.99),
            "ms",
        )
        .at_most(8.0),
        Figure::new(
            "answer to client, p99, 1 connection",
            ms(&single.after_answer, 0.99),
            "ms",
        ),
        Figure::new("bare SQLite commit, median", ms(&bare, 0.50), "ms"),
        Figure::new("bare SQLite commit, p99", ms(&bare, 0.99), "ms"),
    ])
}

/// How long SQLite by itself takes for a commit, as often and as many times as a single client is measured; sorted.
async fn bare_commits(per_second: u64, commits: u64) -> Result<Vec<Duration>> {
    let sqlite = BareSqlite::open()?;
    let count = usize::try_from(commits)?;
    let mut times = Vec::with_capacity(count);
    paced(per_second, count, async |_| {
        let begun = Instant::now();
        sqlite.commit()?;
        times.push(begun.elapsed());
        Ok(())
    })
    .await?;
    times.sort_unstable();
    Ok(times)
}

/// What was measured, each list sorted.
#[derive(Default)]
pub(super) struct Times {
    /// From each request to each client.
    pub(super) to_client: Vec<Duration>,
    /// From each request to its answer.
    to_answer: Vec<Duration>,
    /// From each answer to each client; nothing where the client was first.
    after_answer: Vec<Duration>,
}

async fn measure(connections: usize, per_second: u64, events: u64) -> Result<Times> {
    let (server, task) = server().await?;
    let clients = clients::connect(server.address(), connections, true).await?;
    observe(&server, &task, clients, (per_second, 1), events).await
}

/// Changes `task` so many times a second, several `at_once`, and notes when each of the clients hears of it.
pub(super) async fn observe(
    server: &Server,
    task: &str,
    clients: Vec<Client>,
    (per_second, at_once): (u64, usize),
    events: u64,
) -> Result<Times> {
    let first = clients.first().context("there are no clients")?.seq;
    let count = usize::try_from(events)?;
    let mut readings = JoinSet::new();
    for mut client in clients {
        readings.spawn(async move {
            let mut seen = Vec::with_capacity(count);
            while client.seq < first + events {
                client.read(|_| seen.push(Instant::now())).await?;
            }
            anyhow::Ok(seen)
        });
    }
    let path = format!("/api/projects/bench/tasks/{task}");
    let mut writes = Vec::with_capacity(count);
    let rounds = per_second / at_once as u64;
    paced(rounds, count / at_once, async |round| {
        let begun = Instant::now();
        // Which of them is committed first is not known, and they begin together.
        let round = (0..at_once).map(async |number| {
            let title = json!({"title": format!("Title number {round}.{number}")});
            server.call(Method::PUT, &path, Some(title)).await?;
            anyhow::Ok((begun, Instant::now()))
        });
        writes.extend(try_join_all(round).await?);
        Ok(())
    })
    .await?;
    let mut times = Times::default();
    times
        .to_answer
        .extend(writes.iter().map(|(begun, answered)| *answered - *begun));
    while let Some(reading) = readings.join_next().await {
        for (seen, (begun, answered)) in reading??.into_iter().zip(&writes) {
            times.to_client.push(seen - *begun);
            times
                .after_answer
                .push(seen.saturating_duration_since(*answered));
        }
    }
    for list in [
        &mut times.to_client,
        &mut times.to_answer,
        &mut times.after_answer,
    ] {
        list.sort_unstable();
    }
    Ok(times)
}
