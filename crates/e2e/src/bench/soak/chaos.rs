//! Kills links and the server at random.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::{Instant, sleep};

use crate::proxy::{Cut, Direction, Link, Weather};
use crate::{Proxy, Server};

/// Range of the pauses between two kills, in milliseconds.
const PAUSE_MS: std::ops::Range<u64> = 200..2_000;
/// Average number of kills for each kill of the server.
const SERVER_KILLS: u32 = 15;

/// A source of random failures.
pub(super) struct Chaos {
    random: fastrand::Rng,
    pub(super) server: Server,
    proxy: Proxy,
    pub(super) links_killed: u64,
    pub(super) servers_killed: u64,
}

impl Chaos {
    pub(super) fn new(seed: u64, server: Server, proxy: Proxy) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            server,
            proxy,
            links_killed: 0,
            servers_killed: 0,
        }
    }

    /// Returns the server's process id.
    pub(super) fn process(&self) -> Result<u32> {
        self.server.process_id().context("the server has ended")
    }

    /// Kills links and the server until the given time.
    pub(super) async fn kill_links_and_server(&mut self, until: Instant) -> Result<()> {
        while Instant::now() < until {
            if self.random.u32(0..SERVER_KILLS) == 0 {
                self.server.kill().await?;
                self.server.start_again().await?;
                self.servers_killed += 1;
            } else {
                self.kill_a_link();
            }
            self.pause().await;
        }
        Ok(())
    }

    /// Kills links until the given time.
    pub(super) async fn kill_links(&mut self, until: Instant) {
        while Instant::now() < until {
            self.kill_a_link();
            self.pause().await;
        }
    }

    /// Stops all faults, and ends the links that were made silent.
    pub(super) fn heal(&self) {
        self.proxy.set_all(Weather::FAIR);
        self.proxy.cut(Cut::Reset);
    }

    async fn pause(&mut self) {
        sleep(Duration::from_millis(self.random.u64(PAUSE_MS))).await;
    }

    fn kill_a_link(&mut self) {
        if self.random.u32(0..200) == 0 {
            self.links_killed += self.proxy.links().len() as u64;
            return self.proxy.cut(Cut::Reset);
        }
        let Some(link): Option<Arc<Link>> = self.random.choice(self.proxy.links()) else {
            return;
        };
        self.links_killed += 1;
        match self.random.u32(0..5) {
            0 => link.cut(Cut::Fin),
            1 => link.cut(Cut::Reset),
            2 => link.cut_after(Direction::ToClient, self.random.u64(1..2_000), Cut::Fin),
            3 => link.set(Direction::ToClient, Weather::HOLE),
            _ => Direction::BOTH
                .into_iter()
                .for_each(|direction| link.set(direction, Weather::HOLE)),
        }
    }
}
