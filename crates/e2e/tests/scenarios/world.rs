//! Setup of a server with one project and one task that keeps changing, and a network in front of
//! it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::follower::{Followed, Follower};
use tasktree_e2e::{Proxy, Server};
use tasktree_protocol::{TaskCard, TaskId};

/// Number of simultaneous writers.
const WRITERS: usize = 8;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
    task: String,
    /// Number of events so far: the task's creation and its changes.
    pub(crate) top: u64,
}

impl World {
    pub(crate) async fn start() -> Result<Self> {
        let server = Server::start().await?;
        let proxy = Proxy::start(server.address()).await?;
        let mut tasks = server.project_with_tasks("demo", &["Busy"]).await?;
        let task = tasks.pop().context("a task")?;
        Ok(Self {
            server,
            proxy,
            task,
            top: 1,
        })
    }

    /// Starts clients behind the network, and waits until all are live.
    pub(crate) async fn followers(&self, count: usize) -> Result<Vec<Follower>> {
        let mut followers: Vec<_> = (0..count)
            .map(|_| Follower::start_at(self.proxy.address(), "demo"))
            .collect();
        try_join_all(followers.iter_mut().map(|one| one.until_live_after(0))).await?;
        Ok(followers)
    }

    /// Changes the task the given number of times, each with one event.
    pub(crate) async fn write(&mut self, count: u64) -> Result<()> {
        let path = format!("/api/projects/demo/tasks/{}", self.task);
        let (server, top) = (&self.server, self.top);
        let mut writes = stream::iter(top..top + count)
            .map(|number| {
                let body = json!({"title": format!("Busy, change {number}")});
                server.call(Method::PUT, &path, Some(body))
            })
            .buffer_unordered(WRITERS);
        while let Some(written) = writes.next().await {
            written?;
        }
        self.top += count;
        Ok(())
    }

    /// Waits until each client has everything and is live, all within the given time.
    pub(crate) async fn until_all_live(
        &self,
        followers: &mut [Follower],
        within: Duration,
    ) -> Result<()> {
        let top = self.top;
        let waiting = followers
            .iter_mut()
            .map(|one| one.until(within, move |now| now.is_live && now.seq >= top));
        try_join_all(waiting).await?;
        Ok(())
    }

    /// Lets the clients leave, and checks that each has the server's data.
    pub(crate) async fn compare(&self, followers: Vec<Follower>) -> Result<Vec<Followed>> {
        let rows = self.rows().await?;
        let all = try_join_all(followers.into_iter().map(|one| one.leave_at(self.top))).await?;
        for followed in &all {
            assert_eq!(followed.cursor.seq, self.top);
            assert_eq!(followed.tasks, rows);
        }
        Ok(all)
    }

    async fn rows(&self) -> Result<BTreeMap<TaskId, TaskCard>> {
        let path = "/api/projects/demo/tasks?view=card";
        let rows = self.server.call(Method::GET, path, None).await?;
        let cards: Vec<TaskCard> = serde_json::from_value(rows)?;
        Ok(cards
            .into_iter()
            .map(|card| (card.id.clone(), card))
            .collect())
    }
}
