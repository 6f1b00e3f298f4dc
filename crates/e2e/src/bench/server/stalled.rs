//! Measures the cost of clients that do not read for the others and for the server, and checks that
//! they receive everything afterwards.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use super::clients::{Client, Closed};
use super::latency::observe;
use super::{clients, memory, server};
use crate::bench::memory::resident;
use crate::bench::{Figure, median, percentile};

/// Maximum ratio of the other clients' latency to that without stalled clients.
const SLOWER_GOAL: f64 = 1.2;
/// Maximum additional memory of the server, in MiB.
const MEMORY_GOAL: f64 = 5.0;

/// Number of writers, each of which waits for its answer: one alone cannot keep the pace.
const AT_ONCE: usize = 5;

/// Numbers of clients, stalled clients, events and runs.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Number of all clients.
    pub connections: usize,
    /// Number of clients that do not read.
    pub stalled: usize,
    /// Events per second.
    pub events_per_second: u64,
    /// Duration in seconds.
    pub seconds: u64,
    /// Number of runs with and without stalled clients; the median counts.
    pub runs: usize,
}

/// Results of one run.
struct Seen {
    p99_ms: f64,
    growth_mib: f64,
    events_per_second: f64,
}

pub(super) async fn run(load: Load) -> Result<Vec<Figure>> {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    // Alternate, since the load of the machine varies over time.
    for _ in 0..load.runs {
        without.push(observed(Load { stalled: 0, ..load }).await?);
        with.push(observed(load).await?);
    }
    let p99 = |runs: &[Seen]| median(runs.iter().map(|seen| seen.p99_ms).collect());
    let growth = |runs: &[Seen]| median(runs.iter().map(|seen| seen.growth_mib).collect());
    let pace = median(with.iter().map(|seen| seen.events_per_second).collect());
    let name = format!(
        "{} of {} stalled for {} s",
        load.stalled, load.connections, load.seconds
    );
    let figure = |what, value, unit| Figure::new(format!("{name}: {what}"), value, unit);
    Ok(vec![
        figure("events a second", pace, "events/s"),
        figure("commit to the others, p99", p99(&with), "ms"),
        figure("the same without them", p99(&without), "ms"),
        figure("p99 against without them", p99(&with) / p99(&without), "").at_most(SLOWER_GOAL),
        figure(
            "more memory than without them",
            growth(&with) - growth(&without),
            "MiB",
        )
        .at_most(MEMORY_GOAL),
    ])
}

async fn observed(load: Load) -> Result<Seen> {
    let (server, task) = server().await?;
    let process = server.process_id().context("the server has ended")?;
    let address = server.address();
    let reading = load.connections - load.stalled;
    let readers = clients::connect(address, reading, true).await?;
    let first = readers.first().context("there are no clients")?.seq;
    let before = memory::settled(process).await?;
    let events = load.events_per_second * load.seconds;
    let stalled = clients::connect_narrow(address, load.stalled).await?;
    let began = Instant::now();
    let pace = (load.events_per_second, AT_ONCE);
    let times = observe(&server, &task, readers, pace, events).await?;
    let took = began.elapsed();
    // This is the end of the longest wait, when the server keeps the most for them. They begin to
    // read only once the others have everything: the cost of catching up is not that of stalling.
    let memory = resident(process);
    try_join_all(
        stalled
            .into_iter()
            .map(|client| catch_up(client, address, first + events)),
    )
    .await?;
    Ok(Seen {
        p99_ms: percentile(&times.commit_to_client, 0.99).as_secs_f64() * 1000.0,
        growth_mib: (memory? as f64 - before as f64) / 1024.0,
        events_per_second: events as f64 / took.as_secs_f64(),
    })
}

/// Reads up to the event `last`, in order and without a gap, or fails. If the server closed the
/// connection because of an unanswered ping, the client resumes from its position.
async fn catch_up(mut client: Client, address: SocketAddr, last: u64) -> Result<()> {
    match client.read_until(last).await {
        Err(error) if error.is::<Closed>() => {
            let mut back = Client::resume(address, &client.position()).await?;
            back.read_until(last).await
        }
        read => read,
    }
}
