//! Measures the fan-out: deliveries per second when every event goes to hundreds of subscribers, in
//! exact order everywhere. The baseline is a bare loop over the same transport, in the same run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::stream::{self, TryStreamExt};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::bare_loop::{self, BareLoop};
use super::clients::{self, Client};
use super::server;
use crate::Server;
use crate::bench::Figure;

/// Number of writers of the REST fan-out that wait for an answer at the same time.
const WRITERS: usize = 32;

/// Number of events of one burst: a plan may have 500 tasks at most.
pub(super) const PLAN_EVENTS: u64 = 500;

/// Deliveries per second that the project promises.
const GOAL: f64 = 150_000.0;

/// Minimum share of the bare loop's rate.
const SHARE_OF_BARE: f64 = 0.75;

pub(super) async fn run(subscribers: usize, events: u64) -> Result<Vec<Figure>> {
    let bare = bare_loop(subscribers, events).await?;
    let single = burst(subscribers, events, false).await?;
    let batch = burst(subscribers, events, true).await?;
    let written = written(subscribers, events).await?;
    let load = format!("{subscribers} x {events}");
    Ok(vec![
        Figure::new(
            format!("fan-out {load}, one event a frame"),
            single,
            "deliveries/s",
        )
        .at_least(GOAL),
        Figure::new(format!("fan-out {load}, batches"), batch, "deliveries/s").at_least(GOAL),
        Figure::new(
            format!("fan-out {load}, each event a REST write"),
            written,
            "deliveries/s",
        ),
        Figure::new(format!("bare broadcast loop {load}"), bare, "deliveries/s"),
        Figure::new(
            "one event a frame, against the bare loop",
            single / bare,
            "",
        )
        .at_least(SHARE_OF_BARE),
    ])
}

/// Waits until every client has the event `last`. Returns the deliveries per second since `began`.
async fn rate(clients: Vec<Client>, events: u64, last: u64, began: Instant) -> Result<f64> {
    let deliveries = clients.len() as f64 * events as f64;
    let mut readings = JoinSet::new();
    for mut client in clients {
        readings.spawn(async move { client.read_until(last).await });
    }
    while let Some(reading) = readings.join_next().await {
        reading??;
    }
    Ok(deliveries / began.elapsed().as_secs_f64())
}

/// Measures events in bursts: a plan with its tasks is one transaction.
async fn burst(subscribers: usize, events: u64, batch: bool) -> Result<f64> {
    let (server, _) = server().await?;
    let clients = clients::connect(server.address(), subscribers, batch).await?;
    let first = clients.first().context("there are no subscribers")?.seq;
    let reading = tokio::spawn(rate(clients, events, first + events, Instant::now()));
    plan(&server, events).await?;
    reading.await?
}

/// Creates the given number of events with plans of many tasks.
pub(super) async fn plan(server: &Server, events: u64) -> Result<()> {
    let mut left = events;
    while left > 0 {
        let part = left.min(PLAN_EVENTS);
        let title = |number| json!({"title": format!("Task number {number} of the plan")});
        // The plan itself is one more event.
        let tasks: Vec<_> = (1..part).map(title).collect();
        let plan = json!({"plan": "Many tasks", "tasks": tasks});
        server
            .call(Method::PUT, "/api/projects/bench/plan", Some(plan))
            .await?;
        left -= part;
    }
    Ok(())
}

/// Measures events that are separate writes, each answered after its commit.
async fn written(subscribers: usize, events: u64) -> Result<f64> {
    let (server, task) = server().await?;
    let clients = clients::connect(server.address(), subscribers, true).await?;
    let first = clients.first().context("there are no subscribers")?.seq;
    let reading = tokio::spawn(rate(clients, events, first + events, Instant::now()));
    write(&server, &task, events).await?;
    reading.await?
}

async fn write(server: &Server, task: &str, events: u64) -> Result<()> {
    let path = format!("/api/projects/bench/tasks/{task}");
    stream::iter(0..events)
        .map(|number| {
            let title = json!({"title": format!("Title number {number}")});
            server.call(Method::PUT, &path, Some(title))
        })
        .buffer_unordered(WRITERS)
        .try_for_each(|_| std::future::ready(Ok(())))
        .await
}

async fn bare_loop(subscribers: usize, events: u64) -> Result<f64> {
    let bare = BareLoop::start(bare_loop::Load {
        subscribers: u32::try_from(subscribers)?,
        frames: events,
        per_second: 0,
    })
    .await?;
    let reading = rate(bare.clients, events, events, Instant::now());
    tokio::time::timeout(Duration::from_secs(60), reading)
        .await
        .context("the bare loop does not end")?
}
