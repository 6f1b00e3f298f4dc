//! A client that follows one project as the board does, with the board's own `session`, over a real
//! socket. It reconnects, resumes and fetches snapshots by itself, and fails if an event is
//! missing, duplicated or out of order.

mod client;
mod socket;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tasktree_protocol::session::Input;
use tasktree_protocol::{Cursor, TaskCard, TaskId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::client::Client;
use crate::Server;
use crate::wait::PATIENCE;

/// A client that runs alongside the test.
#[derive(Debug)]
pub struct Follower {
    progress: watch::Receiver<Progress>,
    orders: mpsc::UnboundedSender<Order>,
    running: JoinHandle<Result<Followed>>,
}

#[derive(Debug)]
enum Order {
    /// Leave once the event with that number has arrived.
    LeaveAt(u64),
    /// Report something that happens to the page.
    Tell(Box<Input>),
}

/// State of a client when it leaves.
#[derive(Debug)]
pub struct Followed {
    /// Tasks, from the last snapshot and the events after it.
    pub tasks: BTreeMap<TaskId, TaskCard>,
    /// Position of the last event that is applied to them.
    pub cursor: Cursor,
    /// Number of sockets that were requested.
    pub attempts: u64,
    /// Number of sockets that opened.
    pub connections: u64,
    /// Number of events that arrived.
    pub events: u64,
    /// Number of snapshots that had to be fetched.
    pub snapshots: u64,
    /// Number of times that missing events were requested again.
    pub resyncs: u64,
}

/// Progress of a follower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// True if it would report itself as live.
    pub is_live: bool,
    /// Number of sockets that opened so far.
    pub connections: u64,
    /// Number of the last event that it has applied.
    pub seq: u64,
}

impl Follower {
    /// Starts a follower of a project.
    pub fn start(server: &Server, project: &str) -> Self {
        Self::start_at(server.address(), project)
    }

    /// Starts a follower that reaches the server at the given address.
    pub fn start_at(address: SocketAddr, project: &str) -> Self {
        let (publish, progress) = watch::channel(Progress::default());
        let (orders, ordered) = mpsc::unbounded_channel();
        let client = Client::new(address, project, publish);
        let running = tokio::spawn(client.run(ordered));
        Self {
            progress,
            orders,
            running,
        }
    }

    /// Returns its progress.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Reports an event of the page to its session.
    pub fn send(&self, input: Input) {
        // If it has failed already, its error is in its result.
        let _ = self.orders.send(Order::Tell(Box::new(input)));
    }

    /// Returns the number of sockets that opened so far.
    pub fn connections(&self) -> u64 {
        self.progress.borrow().connections
    }

    /// Waits until it is live on a socket that was opened after the first `connections`.
    ///
    /// # Errors
    /// That does not happen in time, or the follower has failed.
    pub async fn until_live_after(&mut self, connections: u64) -> Result<()> {
        self.until(PATIENCE, |progress| {
            progress.is_live && progress.connections > connections
        })
        .await
    }

    /// Waits until its progress fulfills `is_there`.
    ///
    /// # Errors
    /// That does not happen within the given time, or the follower has failed.
    pub async fn until(
        &mut self,
        within: Duration,
        mut is_there: impl FnMut(&Progress) -> bool,
    ) -> Result<()> {
        let waiting = self.progress.wait_for(|now| is_there(now));
        let outcome = timeout(within, waiting).await.map(|there| there.is_ok());
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => bail!("the follower has failed"),
            Err(_) => bail!("after {within:?} the follower is at {:?}", self.progress()),
        }
    }

    /// Lets it leave once it has the event `seq`, and returns its state then.
    ///
    /// # Errors
    /// The event does not arrive in time, or the follower has failed.
    pub async fn leave_at(self, seq: u64) -> Result<Followed> {
        self.leave_within(PATIENCE, seq).await
    }

    /// Does the same as [`Follower::leave_at`], with another time limit.
    ///
    /// # Errors
    /// The time is over, or the follower has failed.
    pub async fn leave_within(self, within: Duration, seq: u64) -> Result<Followed> {
        // If it has failed already, its error is in its result.
        let _ = self.orders.send(Order::LeaveAt(seq));
        timeout(within, self.running)
            .await
            .context("the follower does not get there")??
    }
}
