//! Measures the latency of a change to a subscriber, from its commit and from the writer's request.
//! The server reports the time to the commit in its answer. The baselines, at the same pace, are a
//! bare loop that sends, and commits of SQLite by itself.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::bare_loop::{self, BareLoop};
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
    let looped = bare_loop(sizes).await?;
    let load = format!(
        "{} connections, {} events/s",
        sizes.connections, sizes.events_per_second
    );
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1000.0;
    let figure = |name: &str, load: &str, times: &[Duration], share| {
        let label = match share {
            0.5 => "median".to_owned(),
            _ => format!("p{}", share * 100.0),
        };
        Figure::new(format!("{name}, {label}, {load}"), ms(times, share), "ms")
    };
    let one = "1 connection";
    Ok(vec![
        figure("commit to client", &load, &many.commit_to_client, 0.5).at_most(10.0),
        figure("commit to client", &load, &many.commit_to_client, 0.99).at_most(40.0),
        figure("commit to client", &load, &many.commit_to_client, 0.999),
        figure("bare broadcast loop", &load, &looped, 0.5),
        figure("bare broadcast loop", &load, &looped, 0.99),
        Figure::new(
            "commit to client, median, against the bare loop",
            ms(&many.commit_to_client, 0.5) / ms(&looped, 0.5),
            "",
        ),
        figure("write to client", &load, &many.write_to_client, 0.5),
        figure("write to client", &load, &many.write_to_client, 0.99),
        figure("commit to client", one, &single.commit_to_client, 0.5),
        figure("commit to client", one, &single.commit_to_client, 0.99).at_most(8.0),
        figure("write to client", one, &single.write_to_client, 0.5),
        figure("write to client", one, &single.write_to_client, 0.99),
        Figure::new("bare SQLite commit, median", ms(&bare, 0.5), "ms"),
        Figure::new("bare SQLite commit, p99", ms(&bare, 0.99), "ms"),
    ])
}

/// Measures the sorted latencies of a bare loop's frames to its clients, with the number and rate
/// of the server's events.
async fn bare_loop(sizes: Sizes) -> Result<Vec<Duration>> {
    let frames = sizes.events_per_second * sizes.seconds;
    let mut bare = BareLoop::start(bare_loop::Load {
        subscribers: u32::try_from(sizes.connections)?,
        frames,
        per_second: sizes.events_per_second,
    })
    .await?;
    let mut readings = read_all(std::mem::take(&mut bare.clients), frames, SystemTime::now);
    let sent = bare.sent().await?;
    let mut times = Vec::new();
    while let Some(reading) = readings.join_next().await {
        for (seen, sent) in reading??.into_iter().zip(&sent) {
            times.push(seen.duration_since(*sent).unwrap_or_default());
        }
    }
    times.sort_unstable();
    Ok(times)
}

/// Measures the sorted durations of commits by SQLite alone, at the rate and count used for a
/// single client.
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

/// Results of a measurement, each list sorted.
pub(super) struct Times {
    /// Times from each request to each client.
    write_to_client: Vec<Duration>,
    /// Times from each commit to each client. They include the request's way to the server, since
    /// the time of its arrival there is not known here.
    pub(super) commit_to_client: Vec<Duration>,
}

/// A write, as its writer sees it.
#[derive(Clone, Copy)]
struct Write {
    begun: Instant,
    /// Lower bound of the commit's time: `begun` plus the time from arrival to commit that the
    /// server reports.
    committed: Instant,
}

async fn measure(connections: usize, per_second: u64, events: u64) -> Result<Times> {
    let (server, task) = server().await?;
    let clients = clients::connect(server.address(), connections, true).await?;
    observe(&server, &task, clients, (per_second, 1), events).await
}

/// Changes `task` at the given rate, several `at_once`, and records when each client receives each
/// change.
pub(super) async fn observe(
    server: &Server,
    task: &str,
    clients: Vec<Client>,
    (per_second, at_once): (u64, usize),
    events: u64,
) -> Result<Times> {
    let first = clients.first().context("there are no clients")?.seq;
    let count = usize::try_from(events)?;
    let mut readings = read_all(clients, first + events, Instant::now);
    let path = format!("/api/projects/bench/tasks/{task}");
    let mut writes = Vec::with_capacity(count);
    let rounds = per_second / at_once as u64;
    paced(rounds, count / at_once, async |round| {
        let begun = Instant::now();
        let mut round = try_join_all((0..at_once).map(async |number| {
            let title = json!({"title": format!("Title number {round}.{number}")});
            let took = server.time_to_commit(Method::PUT, &path, title).await?;
            let committed = begun + took;
            anyhow::Ok(Write { begun, committed })
        }))
        .await?;
        // The changes reach the clients in the order of their commits.
        round.sort_unstable_by_key(|write| write.committed);
        writes.extend(round);
        Ok(())
    })
    .await?;
    let (mut write_to_client, mut commit_to_client) = (Vec::new(), Vec::new());
    while let Some(reading) = readings.join_next().await {
        for (seen, write) in reading??.into_iter().zip(&writes) {
            write_to_client.push(seen - write.begun);
            commit_to_client.push(seen - write.committed);
        }
    }
    write_to_client.sort_unstable();
    commit_to_client.sort_unstable();
    Ok(Times {
        write_to_client,
        commit_to_client,
    })
}

/// Lets each client read up to the event `last`, and records the time of each event by the given
/// clock.
fn read_all<Time: Send + 'static>(
    clients: Vec<Client>,
    last: u64,
    now: fn() -> Time,
) -> JoinSet<Result<Vec<Time>>> {
    let mut readings = JoinSet::new();
    for mut client in clients {
        readings.spawn(async move {
            let mut seen = Vec::new();
            while client.seq < last {
                client.read(|_| seen.push(now())).await?;
            }
            Ok(seen)
        });
    }
    readings
}
