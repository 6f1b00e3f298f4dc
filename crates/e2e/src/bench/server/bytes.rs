//! What an event costs on the wire: the bytes that one client receives for each event of a burst, as a browser asks for them
//! (batches, permessage-deflate), and without compression.

mod client;

use anyhow::Result;
use futures_util::stream::{self, TryStreamExt};
use reqwest::Method;
use serde_json::json;

use super::server;
use crate::Server;
use crate::bench::Figure;
use client::Client;

/// The most bytes that an event of a burst may cost, compressed.
const GOAL: f64 = 60.0;

/// Tasks of the plan.
const TASKS: u64 = 480;

/// Writers that move tasks at the same moment.
const WRITERS: usize = 32;

/// What titles are made of: about as different from each other as those of real tasks are.
const VERBS: [&str; 8] = [
    "Add", "Fix", "Move", "Document", "Test", "Remove", "Speed up", "Split",
];
const THINGS: [&str; 13] = [
    "the parser of dates",
    "login over OAuth",
    "the retry queue",
    "dark mode",
    "the billing export",
    "error pages",
    "the search index",
    "uploads over 2 GB",
    "keyboard focus",
    "the cache of avatars",
    "rate limits",
    "the release script",
    "webhooks",
];
const PLACES: [&str; 7] = [
    "",
    " in the API",
    " for Windows",
    " behind a flag",
    " (second half)",
    " in settings",
    " on phones",
];

pub(super) async fn run() -> Result<Vec<Figure>> {
    let compressed = measure(true).await?;
    let plain = measure(false).await?;
    Ok(vec![
        figure("a burst of new tasks", compressed.plan),
        figure("moves that were missed", compressed.replay),
        figure("both", compressed.both()).at_most(GOAL),
        figure("both, not compressed", plain.both()),
    ])
}

fn figure(of: &str, value: f64) -> Figure {
    Figure::new(format!("bytes on the wire, an event, {of}"), value, "bytes")
}

/// Bytes an event.
struct Cost {
    plan: f64,
    replay: f64,
}

impl Cost {
    fn both(&self) -> f64 {
        f64::midpoint(self.plan, self.replay)
    }
}

/// The two bursts that there are: a plan that becomes tasks in one write, to a client that is live; and all its tasks moved
/// while a client is away, to that client when it comes back.
async fn measure(compressed: bool) -> Result<Cost> {
    let (server, _) = server().await?;
    let mut client = Client::connect(server.address(), compressed, None).await?;
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| json!({"title": title(number), "priority": number % 4}))
        .collect();
    let plan = json!({"plan": "A morning's work", "tasks": tasks});
    let before = client.received();
    server
        .call(Method::PUT, "/api/projects/bench/plan", Some(plan))
        .await?;
    // The plan itself is one event more.
    client.read_until(client.seq() + TASKS + 1).await?;
    let plan = (client.received() - before) as f64 / (TASKS + 1) as f64;

    let place = client.leave();
    move_all(&server, "in_progress").await?;
    move_all(&server, "completed").await?;
    let mut client = Client::connect(server.address(), compressed, Some(place)).await?;
    client.read_until(client.seq() + 2 * TASKS).await?;
    let replay = client.received() as f64 / (2 * TASKS) as f64;
    Ok(Cost { plan, replay })
}

fn title(number: u64) -> String {
    let pick = |words: &[&'static str], step: u64| {
        let index = (number * step + number / 7) % words.len() as u64;
        words.get(index as usize).copied().unwrap_or_default()
    };
    let (verb, thing, place) = (pick(&VERBS, 3), pick(&THINGS, 5), pick(&PLACES, 2));
    format!("{verb} {thing}{place}")
}

async fn move_all(server: &Server, status: &str) -> Result<()> {
    // The first task was there before the plan.
    stream::iter((2..TASKS + 2).map(anyhow::Ok))
        .try_for_each_concurrent(WRITERS, |number| async move {
            let path = format!("/api/projects/bench/tasks/{number}");
            let moved = json!({ "status": status });
            server.call(Method::PUT, &path, Some(moved)).await?;
            Ok(())
        })
        .await
}
