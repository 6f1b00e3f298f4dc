//! Measures durable writes: acknowledged task updates per second with several writers, each of
//! which sends one after the other. The baseline is SQLite by itself, on the same disk and as
//! durable: one thread that commits one small row after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;
use tokio::task::JoinSet;

use super::bare_sqlite::BareSqlite;
use super::server;
use crate::Server;
use crate::bench::Figure;

/// Acknowledged updates per second that the project promises.
const GOAL: f64 = 2_000.0;

pub(super) async fn run(writers: u32, seconds: u64) -> Result<Vec<Figure>> {
    let duration = Duration::from_secs(seconds);
    let (server, _) = server().await?;
    let mut tasks = Vec::new();
    for number in 0..writers {
        let title = format!("The task of writer {number}");
        tasks.push(server.create_task("bench", &title).await?);
    }
    let before = commits(&server.database())?;
    let (updates, took) = update(&server, tasks, duration).await?;
    let commits = commits(&server.database())? - before;
    let single = tokio::task::spawn_blocking(move || bare(duration)).await??;
    let rate = updates as f64 / took.as_secs_f64();
    Ok(vec![
        Figure::new(
            format!("durable updates over REST, {writers} writers"),
            rate,
            "updates/s",
        )
        .at_least(GOAL),
        Figure::new("updates in one commit", updates as f64 / commits as f64, ""),
        Figure::new("bare SQLite, one thread", single, "commits/s"),
        Figure::new("durable updates, against bare SQLite", rate / single, ""),
    ])
}

/// Lets each writer change its own task repeatedly. Returns the number of acknowledged changes, and
/// the time that they took.
async fn update(
    server: &Server,
    tasks: Vec<String>,
    duration: Duration,
) -> Result<(u64, Duration)> {
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for task in tasks {
        // A separate connection, as another program would have.
        let client = reqwest::Client::new();
        let url = server.url(&format!("/api/projects/bench/tasks/{task}"));
        writers.spawn(async move {
            let mut updates = 0_u64;
            while began.elapsed() < duration {
                let title = json!({"title": format!("Title number {updates}")});
                let request = client.request(Method::PUT, &url).json(&title);
                let answer = request.send().await?.error_for_status()?;
                answer.bytes().await?;
                updates += 1;
            }
            anyhow::Ok(updates)
        });
    }
    let mut updates = 0;
    while let Some(writer) = writers.join_next().await {
        updates += writer??;
    }
    Ok((updates, began.elapsed()))
}

/// Returns the number of the server's commits, by its own count in the database.
fn commits(database: &Path) -> Result<i64> {
    let connection = Connection::open(database)?;
    connection
        .query_row("SELECT commits FROM store", [], |row| row.get(0))
        .context("the store does not say how often it committed")
}

/// Returns the commits per second of SQLite by itself.
fn bare(duration: Duration) -> Result<f64> {
    let sqlite = BareSqlite::open()?;
    let began = Instant::now();
    let mut commits = 0_u64;
    while began.elapsed() < duration {
        sqlite.commit()?;
        commits += 1;
    }
    Ok(commits as f64 / began.elapsed().as_secs_f64())
}
