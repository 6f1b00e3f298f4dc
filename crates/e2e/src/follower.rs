//! A client that follows one project as the board does, with the board's own `session`, over a real socket: it reconnects, resumes,
//! and fetches snapshots by itself, and fails where an event is missing, comes twice or in another order.

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

/// A client that runs beside the test.
#[derive(Debug)]
pub struct Follower {
    progress: watch::Receiver<Progress>,
    orders: mpsc::UnboundedSender<Order>,
    running: JoinHandle<Result<Followed>>,
}

#[derive(Debug)]
enum Order {
    /// Leave when that event is there.
    LeaveAt(u64),
    /// Something happens to the page.
    Tell(Box<Input>),
}

/// What a client has at its end.
#[derive(Debug)]
pub struct Followed {
    /// The tasks, from the last snapshot and the events after it.
    pub tasks: BTreeMap<TaskId, TaskCard>,
    /// The last event that is in them.
    pub cursor: Cursor,
    /// Sockets that were asked for.
    pub attempts: u64,
    /// Sockets that opened.
    pub connections: u64,
    /// Events that came.
    pub events: u64,
    /// Snapshots that had to be fetched.
    pub snapshots: u64,
    /// Times that events were missing and were asked for again.
    pub resyncs: u64,
}

/// How far a follower is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether it would say so.
    pub is_live: bool,
    /// Sockets that opened so far.
    pub connections: u64,
    /// The last event that it has.
    pub seq: u64,
}

impl Follower {
    /// Starts one.
    pub fn start(server: &Server, project: &str) -> Self {
        Self::start_at(server.address(), project)
    }

    /// Starts one that reaches the server at that address.
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

    /// How far it is.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Tells its session that something happened to the page.
    pub fn tell(&self, input: Input) {
        // Where it has failed already, its error is in what it gives.
        let _ = self.orders.send(Order::Tell(Box::new(input)));
    }

    /// Sockets that opened so far.
    pub fn connections(&self) -> u64 {
        self.progress.borrow().connections
    }

    /// Waits until it is live on a socket that was opened after the first `connections`.
    ///
    /// # Errors
    /// When that does not happen in time, or it has failed.
    pub async fn until_live_after(&mut self, connections: u64) -> Result<()> {
        self.until(PATIENCE, |progress| {
            progress.is_live && progress.connections > connections
        })
        .await
    }

    /// Waits until it is as far as that.
    ///
    /// # Errors
    /// When that does not happen within that time, or it has failed.
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

    /// Has it leave when it has the event `seq`, and gives what it has then.
    ///
    /// # Errors
    /// When that event does not come in time, or it has failed.
    pub async fn leave_at(self, seq: u64) -> Result<Followed> {
        self.leave_within(PATIENCE, seq).await
    }

    /// As [`Follower::leave_at`], for another time.
    ///
    /// # Errors
    /// When the time is over, or it has failed.
    pub async fn leave_within(self, within: Duration, seq: u64) -> Result<Followed> {
        // Where it has failed already, its error is in what it gives.
        let _ = self.orders.send(Order::LeaveAt(seq));
        timeout(within, self.running)
            .await
            .context("the follower does not get there")??
    }
}
