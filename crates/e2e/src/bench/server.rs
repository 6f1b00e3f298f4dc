//! Load on a real server, and what it makes of it.
//!
//! Server and load share the machine. Every figure is taken from outside, over sockets and REST: it has the writer's own time in it,
//! and the client's.

pub mod bare_loop;
mod bare_sqlite;
mod bytes;
mod clients;
mod fan_out;
mod large_removals;
mod large_writes;
mod latency;
mod memory;
mod resume;
pub mod stalled;
mod writes;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

use super::{Machine, report};
use crate::Server;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// What an idle connection costs.
    Memory,
    /// How many deliveries a second there are.
    FanOut,
    /// How long a change takes to a client.
    Latency,
    /// What an event costs on the wire.
    Bytes,
    /// How many durable writes a second there are.
    Writes,
    /// Wait of another writer while a large import and a large plan are written, and while a large
    /// project is reset and removed.
    LargeWrites,
    /// How long hundreds need who come back at once.
    Resume,
    /// What clients that do not read cost the others.
    Stalled,
}

/// How much load.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Subscribers of the fan-out.
    pub subscribers: usize,
    /// Events of the fan-out.
    pub events: u64,
    /// Connections while latency is measured.
    pub connections: usize,
    /// Events a second while latency is measured.
    pub events_per_second: u64,
    /// For how many seconds it is measured.
    pub seconds: u64,
    /// Events with which a single client is measured: enough that the hundredth part is more than an accident.
    pub single_events: u64,
    /// Idle connections whose memory is measured.
    pub idle: usize,
    /// Writers that change tasks at the same moment.
    pub writers: u32,
    /// For how many seconds they do.
    pub writing_seconds: u64,
    /// Tasks of a large import, each of which waits for the one before.
    pub imported: usize,
    /// Tasks of a project that is reset, removed and brought back.
    pub removed: usize,
    /// Clients that come back at once.
    pub returning: usize,
    /// Events that they have missed; the server replays 2,000 at most.
    pub missed: u64,
    /// Clients that do not read, and those beside them.
    pub stalled: stalled::Load,
}

impl Default for Sizes {
    /// The load that the goals are stated for.
    fn default() -> Self {
        Self {
            subscribers: 500,
            events: 1000,
            connections: 1000,
            events_per_second: 20,
            seconds: 20,
            single_events: 1000,
            idle: 5000,
            writers: 8,
            writing_seconds: 5,
            imported: 16_000,
            removed: 100_000,
            returning: 500,
            missed: 2000,
            stalled: stalled::Load {
                connections: 500,
                stalled: 10,
                events_per_second: 200,
                seconds: 20,
                runs: 5,
            },
        }
    }
}

impl Sizes {
    /// A tenth or so, to see that it works.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            subscribers: 50,
            events: 500,
            connections: 100,
            seconds: 2,
            single_events: 40,
            idle: 200,
            writing_seconds: 1,
            imported: 1000,
            removed: 3000,
            returning: 50,
            stalled: stalled::Load {
                connections: 50,
                stalled: 2,
                events_per_second: 100,
                seconds: 3,
                runs: 1,
            },
            ..Self::default()
        }
    }
}

/// Measures the server, everything or only some parts; gives the machine and the figures as JSON.
///
/// # Errors
/// When the server does not start or answer, or a client is sent anything out of order.
pub async fn run(sizes: Sizes, only: &[Part]) -> Result<Value> {
    let machine = Machine::look();
    let mut figures = Vec::new();
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
            continue;
        }
        figures.extend(match part {
            Part::Memory => memory::run(sizes.idle).await?,
            Part::FanOut => fan_out::run(sizes.subscribers, sizes.events).await?,
            Part::Latency => latency::run(sizes).await?,
            Part::Bytes => bytes::run().await?,
            Part::LargeWrites => {
                let mut figures = large_writes::run(sizes.imported).await?;
                figures.extend(large_removals::run(sizes.removed).await?);
                figures
            }
            Part::Resume => resume::run(sizes.returning, sizes.missed).await?,
            Part::Stalled => stalled::run(sizes.stalled).await?,
            Part::Writes => writes::run(sizes.writers, sizes.writing_seconds).await?,
        });
    }
    Ok(report(machine, &figures))
}

/// A server with one project, `bench`, with one task; gives the task's id too.
async fn server() -> Result<(Server, String)> {
    let server = Server::start().await?;
    let mut tasks = server
        .project_with_tasks("bench", &["A task that changes all the time"])
        .await?;
    let task = tasks.pop().unwrap_or_default();
    Ok((server, task))
}
