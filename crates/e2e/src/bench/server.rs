//! Measures a real server under load.
//!
//! Server and load share the machine. Every figure is taken from outside, over sockets and REST: it
//! includes the time of the writer and of the client.

mod bare_http;
pub mod bare_loop;
mod bare_sqlite;
mod bytes;
mod clients;
mod cold_start;
mod fan_out;
pub mod hooks;
mod large_removals;
mod large_writes;
mod latency;
mod memory;
mod next;
mod resume;
pub mod stalled;
mod writes;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

use super::{Machine, report};
use crate::Server;

/// Parts that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Memory of an idle connection.
    Memory,
    /// Deliveries per second.
    FanOut,
    /// Time from a change to a client.
    Latency,
    /// Bytes of an event on the wire.
    Bytes,
    /// Durable writes per second.
    Writes,
    /// Wait of another writer while a large import and a large plan are written, and while a large
    /// project is reset and removed.
    LargeWrites,
    /// Time in which hundreds of clients resume at once.
    Resume,
    /// Cost of clients that do not read for the others.
    Stalled,
    /// Time of the answers to hooks of harnesses.
    Hooks,
    /// Time of `tasktree hook`, from its start to its end.
    ColdStart,
    /// Time of a claim of the best ready task in a large project.
    Next,
}

/// Amount of load.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Number of subscribers of the fan-out.
    pub subscribers: usize,
    /// Number of events of the fan-out.
    pub events: u64,
    /// Number of connections while latency is measured.
    pub connections: usize,
    /// Events per second while latency is measured.
    pub events_per_second: u64,
    /// Duration of that measurement, in seconds.
    pub seconds: u64,
    /// Number of events with which a single client is measured: enough that the hundredth part is
    /// more than chance.
    pub single_events: u64,
    /// Number of idle connections whose memory is measured.
    pub idle: usize,
    /// Number of writers that change tasks at the same time.
    pub writers: u32,
    /// Duration of their writing, in seconds.
    pub writing_seconds: u64,
    /// Number of tasks of a large import, each of which depends on the previous one.
    pub imported: usize,
    /// Number of tasks of a project that is reset, deleted and restored.
    pub removed: usize,
    /// Number of clients that resume at once.
    pub returning: usize,
    /// Number of events that they have missed; the server replays 2,000 at most.
    pub missed: u64,
    /// Load of clients that do not read.
    pub stalled: stalled::Load,
    /// Load of hooks of harnesses.
    pub hooks: hooks::Load,
    /// Number of processes whose cold start is measured.
    pub starts: usize,
    /// Number of tasks of the project in which agents claim.
    pub tasks: u64,
    /// Number of claims there, each by another agent.
    pub claims: usize,
}

impl Default for Sizes {
    /// Returns the load that the goals are stated for.
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
            hooks: hooks::Load {
                agents: 20,
                per_second: 10,
                seconds: 20,
                boards: 50,
            },
            starts: 100,
            tasks: 10_000,
            claims: 300,
        }
    }
}

impl Sizes {
    /// Returns about a tenth of the load, to check that it works.
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
            hooks: hooks::Load {
                agents: 5,
                per_second: 10,
                seconds: 2,
                boards: 10,
            },
            starts: 10,
            tasks: 1000,
            claims: 30,
            ..Self::default()
        }
    }
}

/// Measures the whole server or only some parts. Returns the machine and the figures as JSON.
///
/// # Errors
/// The server does not start or answer, or a client receives anything out of order.
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
            Part::Hooks => hooks::run(sizes.hooks).await?,
            Part::ColdStart => cold_start::run(sizes.starts).await?,
            Part::Next => next::run(sizes.tasks, sizes.claims).await?,
            Part::Writes => writes::run(sizes.writers, sizes.writing_seconds).await?,
        });
    }
    Ok(report(machine, &figures))
}

/// Starts a server with one project, `bench`, with one task. Also returns the task's id.
async fn server() -> Result<(Server, String)> {
    let server = Server::start().await?;
    let mut tasks = server
        .project_with_tasks("bench", &["A task that changes all the time"])
        .await?;
    let task = tasks.pop().unwrap_or_default();
    Ok((server, task))
}
