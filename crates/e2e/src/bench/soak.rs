//! Runs hundreds of clients for many minutes, while links and the server are killed at random: no
//! client diverges, and nothing grows.
//!
//! In the first half the server is killed too. In the second half only links are killed and the
//! server lives on, so that the growth of one process is seen.

mod chaos;
mod writer;

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::{join_all, try_join_all};
use reqwest::Method;
use serde_json::Value;
use tasktree_protocol::{TaskCard, TaskId};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::chaos::Chaos;
use self::writer::{Writer, Written};
use super::{Figure, Machine, memory, report};
use crate::follower::{Followed, Follower};
use crate::{Proxy, Server};

/// Project that all clients follow.
const PROJECT: &str = "soak";
/// Number of writers, each with its own task: one alone would wait for its answers.
const WRITERS: u32 = 10;
/// Time that the clients have to receive everything after the killing is over.
const RECOVERY: Duration = Duration::from_secs(60);
/// Time after which the server's one-time allocations are done; an eighth of a short soak, if that
/// is less.
const WARM_UP: Duration = Duration::from_secs(120);
/// Maximum growth of the server's memory, in MiB.
const GROWTH_MIB: f64 = 5.0;

/// Amount and duration of the load.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Number of clients.
    pub connections: usize,
    /// Changes per second.
    pub events_per_second: u64,
    /// Duration of the soak.
    pub duration: Duration,
}

/// Soaks a server. Returns the machine and the figures as JSON.
///
/// # Errors
/// The server does not start, or a write is not acknowledged in time.
pub async fn run(load: Load) -> Result<Value> {
    let machine = Machine::look();
    let seed = fastrand::u64(..);
    eprintln!("soak: seed {seed}");
    let server = Server::start().await?;
    let titles: Vec<String> = (1..=WRITERS)
        .map(|number| format!("Task {number}"))
        .collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let tasks = server.project_with_tasks(PROJECT, &titles).await?;
    let proxy = Proxy::start(server.address()).await?;
    let mut followers: Vec<_> = (0..load.connections)
        .map(|_| Follower::start_at(proxy.address(), PROJECT))
        .collect();
    try_join_all(followers.iter_mut().map(|one| one.until_live_after(0))).await?;

    let (stop, stopped) = watch::channel(false);
    let pace = Duration::from_secs(1) * WRITERS / u32::try_from(load.events_per_second)?;
    let writing = tasks.into_iter().map(|task| {
        let writer = Writer::new(server.address(), task, pace);
        tokio::spawn(writer.run(stopped.clone()))
    });
    let writing: Vec<_> = writing.collect();
    let mut chaos = Chaos::new(seed, server, proxy);
    let half = load.duration / 2;
    chaos.kill_links_and_server(Instant::now() + half).await?;
    sleep(WARM_UP.min(half / 4)).await;
    let before = memory::resident(chaos.process()?)?;
    chaos
        .kill_links(Instant::now() + half - WARM_UP.min(half / 4))
        .await;
    chaos.heal();
    stop.send_replace(true);
    let mut written = Written::default();
    for writer in writing {
        written = written.plus(writer.await??);
    }
    let after = memory::resident(chaos.process()?)?;

    let rows = rows(&chaos.server).await?;
    let leaving = followers
        .into_iter()
        .map(|one| one.leave_within(RECOVERY, written.top));
    let all = join_all(leaving).await;
    let is_right =
        |followed: &Followed| followed.tasks == rows && followed.cursor.seq == written.top;
    let right: Vec<&Followed> = all.iter().flatten().filter(|one| is_right(one)).collect();
    for wrong in all.iter().filter_map(|one| one.as_ref().err()) {
        eprintln!("soak: a client failed: {wrong:#}");
    }
    let sum = |count: fn(&Followed) -> u64| right.iter().map(|one| count(one)).sum::<u64>() as f64;
    let mib = |kib: u64| kib as f64 / 1024.0;
    let diverged = all.len() - right.len();
    let figures = [
        Figure::new("duration", load.duration.as_secs_f64() / 60.0, "min"),
        Figure::new("clients", load.connections as f64, ""),
        Figure::new("acknowledged changes", written.acknowledged as f64, ""),
        Figure::new(
            "changes a second",
            written.acknowledged as f64 / load.duration.as_secs_f64(),
            "",
        ),
        Figure::new("changes sent again", written.repeated as f64, ""),
        Figure::new("kills of links", chaos.links_killed as f64, ""),
        Figure::new("kills of the server", chaos.servers_killed as f64, ""),
        Figure::new("connections of all clients", sum(|one| one.connections), ""),
        Figure::new("events of all clients", sum(|one| one.events), ""),
        Figure::new("snapshots of all clients", sum(|one| one.snapshots), ""),
        Figure::new("clients that diverged", diverged as f64, "").at_most(0.0),
        Figure::new("memory of the server in the middle", mib(before), "MiB"),
        Figure::new("memory of the server at the end", mib(after), "MiB"),
        Figure::new("growth in the second half", mib(after) - mib(before), "MiB")
            .at_most(GROWTH_MIB),
    ];
    Ok(report(machine, &figures))
}

async fn rows(server: &Server) -> Result<std::collections::BTreeMap<TaskId, TaskCard>> {
    let path = format!("/api/projects/{PROJECT}/tasks?view=card");
    let rows = server.call(Method::GET, &path, None).await?;
    let cards: Vec<TaskCard> = serde_json::from_value(rows).context("cards")?;
    Ok(cards
        .into_iter()
        .map(|card| (card.id.clone(), card))
        .collect())
}
