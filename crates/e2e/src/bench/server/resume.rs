//! Measures the time until hundreds of clients that were away are live again, all at once, as after
//! a network outage or a night.

use std::time::Instant;

use anyhow::{Context, Result};
use tokio::task::JoinSet;

use super::clients::{self, Client};
use super::{fan_out, server};
use crate::bench::Figure;

/// Maximum that the project promises, in seconds.
const GOAL: f64 = 5.0;

pub(super) async fn run(clients: usize, events: u64) -> Result<Vec<Figure>> {
    let (server, _) = server().await?;
    let mut before = clients::connect(server.address(), 1, true).await?;
    let before = before.pop().context("there is no client")?;
    let from = before.position();
    drop(before);
    fan_out::plan(&server, events).await?;
    let began = Instant::now();
    let mut returns = JoinSet::new();
    for _ in 0..clients {
        let (address, from) = (server.address(), from.clone());
        returns.spawn(async move { Client::resume(address, &from).await });
    }
    // Live clients stay connected, as people do.
    let mut live = Vec::with_capacity(clients);
    while let Some(client) = returns.join_next().await {
        live.push(client??);
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(vec![
        Figure::new(
            format!("cold resume of {events} events, {clients} clients, until the last is live"),
            seconds,
            "s",
        )
        .at_most(GOAL),
    ])
}
