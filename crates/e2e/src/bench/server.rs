//! Load on a real server, and what it makes of it.
//!
//! Server and load share the machine. Every figure is taken from outside, over sockets and REST, from the moment at which a
//! writer begins its request: it has the writer's own time in it, and the client's.

pub mod baseline;
mod clients;
mod fan_out;
mod latency;
mod memory;

use anyhow::Result;
use serde_json::Value;

use super::{machine, report};
use crate::Server;

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
    /// Idle connections whose memory is measured.
    pub idle: usize,
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
            idle: 2000,
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
            idle: 200,
            ..Self::default()
        }
    }
}

/// Measures everything about the server; gives the machine and the figures as JSON.
///
/// # Errors
/// When the server does not start or answer, or a client is sent anything out of order.
pub async fn run(sizes: Sizes) -> Result<Value> {
    let machine = machine::describe();
    let mut figures = Vec::new();
    figures.extend(memory::run(sizes.idle).await?);
    figures.extend(fan_out::run(sizes.subscribers, sizes.events).await?);
    figures.extend(latency::run(sizes).await?);
    Ok(report(&machine, &figures))
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
