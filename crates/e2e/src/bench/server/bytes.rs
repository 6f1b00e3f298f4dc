//! Measures the bytes that one client receives for each event of a burst, with the settings of a
//! browser (batches, permessage-deflate) and without compression.

mod client;

use anyhow::Result;
use futures_util::stream::{self, TryStreamExt};
use reqwest::Method;
use serde_json::json;

use super::server;
use crate::Server;
use crate::bench::Figure;
use client::Client;

/// Maximum number of compressed bytes for an event of a burst.
const GOAL: f64 = 60.0;

/// Number of tasks of the plan.
const TASKS: u64 = 480;

/// Number of writers that move tasks at the same time.
const WRITERS: usize = 32;

/// Parts of titles, which differ from each other about as much as those of real tasks.
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

/// Bytes per event.
struct Cost {
    plan: f64,
    replay: f64,
}

impl Cost {
    fn both(&self) -> f64 {
        f64::midpoint(self.plan, self.replay)
    }
}

/// Measures the two kinds of bursts. One is a plan that becomes tasks in one write, sent to a live
/// client. The other is the moves of all its tasks while a client is away, sent to that client when
/// it resumes.
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
    // The plan itself is one more event.
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
    // The first task existed before the plan.
    stream::iter((2..TASKS + 2).map(anyhow::Ok))
        .try_for_each_concurrent(WRITERS, |number| async move {
            let path = format!("/api/projects/bench/tasks/{number}");
            let moved = json!({ "status": status });
            server.call(Method::PUT, &path, Some(moved)).await?;
            Ok(())
        })
        .await
}
