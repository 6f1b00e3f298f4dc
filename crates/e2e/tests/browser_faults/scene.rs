//! Setup of a server, a network, a browser, and a client that writes from elsewhere.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::proxy::{Direction, Weather};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::witness::{self, Testimony, now_ms};
use tasktree_e2e::{Board, Browser, Proxy, Server};

/// Promised time until the board is live again in the foreground, in milliseconds.
pub(crate) const FOREGROUND_MS: f64 = 4_000.0;
/// Promised time in the background, in milliseconds.
const BACKGROUND_MS: f64 = 35_000.0;
/// Time that a change may take to reach a live board, in milliseconds. It is far longer than
/// needed, since two cores share browsers, servers and tests.
pub(crate) const ON_ITS_WAY_MS: f64 = 2_000.0;
/// Time for which a page may still look as it did when it was last awake, in milliseconds. It ends
/// when the answer to its probe of the connection is late.
pub(crate) const GLANCE_MS: f64 = 1_000.0;

/// Promises for a connection that has fallen silent unnoticed, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    /// Time for which the connection may be taken for alive.
    believed: f64,
    /// Time until it is replaced.
    replaced: f64,
}

impl Silence {
    /// Promises while the page is visible. It probes after five seconds, doubts half a second
    /// later, and waits eight seconds for the answer. The rest is for two busy cores.
    pub(crate) const VISIBLE: Self = Self {
        believed: 6_500.0,
        replaced: 16_000.0,
    };
    /// Promises while the page is hidden, when the server's heartbeat has to suffice.
    pub(crate) const HIDDEN: Self = Self {
        believed: 30_000.0,
        replaced: BACKGROUND_MS,
    };
}

/// A watched board with its server and network.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
    pub(crate) board: Board,
    pub(crate) task: String,
}

/// A change made by another client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// Column of the card after the change.
    pub(crate) status: &'static str,
    /// Time of the server's acknowledgment.
    pub(crate) at: f64,
}

impl Scene {
    /// Opens a board and waits until it is live, in a browser that records everything from the
    /// beginning.
    pub(crate) async fn open() -> Result<Self> {
        Self::open_in(Browser::at_a_desk("en").await?).await
    }

    pub(crate) async fn open_in(browser: Browser) -> Result<Self> {
        let server = Server::start().await?;
        let proxy = Proxy::start(server.address()).await?;
        let mut tasks = server.project_with_tasks("demo", &["Watched"]).await?;
        let task = tasks.pop().context("a task")?;
        witness::install(&browser).await?;
        let board = Board::open_in(browser, &proxy.url("/p/demo")).await?;
        board.until_in(&task, "unclaimed").await?;
        Ok(Self {
            server,
            proxy,
            board,
            task,
        })
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.board.browser
    }

    /// Moves the card as another client, past the broken network.
    pub(crate) async fn write(&self, status: &'static str) -> Result<Change> {
        let path = format!("/api/projects/demo/tasks/{}", self.task);
        let body = json!({ "status": status });
        self.server.call(Method::PUT, &path, Some(body)).await?;
        Ok(Change {
            status,
            at: now_ms(),
        })
    }

    /// Returns the card's status on the server.
    pub(crate) async fn stored(&self) -> Result<String> {
        let path = format!("/api/projects/demo/tasks/{}", self.task);
        let task = self.server.call(Method::GET, &path, None).await?;
        Ok(task["status"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the board says anything but live.
    pub(crate) async fn until_not_live(&self) -> Result<()> {
        let script = "return document.querySelector('.connection')?.dataset.look !== 'live';";
        let within = Duration::from_secs(40);
        self.browser()
            .until_within("the badge does not say live", within, script, vec![])
            .await?;
        Ok(())
    }

    /// Waits until the board is live with the change, and returns the record of the page.
    pub(crate) async fn until_live_with(&self, change: Change) -> Result<Testimony> {
        let script = "
            const card = document.querySelector(`.task-card[data-task='${arguments[0]}']`);
            return card?.closest('.column')?.dataset.status === arguments[1]
                && document.querySelector('.connection')?.dataset.look === 'live';";
        let arguments = vec![json!(self.task), json!(change.status)];
        let within = Duration::from_secs(60);
        let what = format!("it is live with the card in {}", change.status);
        self.browser()
            .until_within(&what, within, script, arguments)
            .await?;
        Testimony::take(self.browser()).await
    }

    /// Waits until the server has the given number of board connections.
    pub(crate) async fn until_server_has(&self, connections: usize) -> Result<()> {
        until(
            "the server has that many connections",
            PATIENCE * 2,
            || async {
                let list = self
                    .server
                    .call(Method::GET, "/api/admin/connections", None)
                    .await?;
                let count = list.as_array().context("a list")?.len();
                Ok((count == connections).then_some(()))
            },
        )
        .await
    }

    /// Freezes the tab or lets it resume.
    pub(crate) async fn freeze(&self, frozen: bool) -> Result<()> {
        let state = if frozen { "frozen" } else { "active" };
        self.browser()
            .devtools("Page.setWebLifecycleState", json!({ "state": state }))
            .await?;
        Ok(())
    }

    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        self.browser().run(script, vec![]).await
    }

    /// Takes the network away with the browser's notice, and waits until the board says so.
    pub(crate) async fn lose_network(&self) -> Result<()> {
        self.proxy.set_all(Weather::HOLE);
        self.browser().say_offline(true).await?;
        self.until_not_live().await
    }

    /// Restores the network.
    pub(crate) async fn regain_network(&self) -> Result<()> {
        self.proxy.set_all(Weather::FAIR);
        self.browser().say_offline(false).await
    }

    /// Makes the current connections swallow everything in these directions without notice, while
    /// new ones get through.
    pub(crate) fn silence(&self, directions: &[Direction]) {
        for link in self.proxy.links() {
            for direction in directions {
                link.set(*direction, Weather::HOLE);
            }
        }
    }

    /// Waits until the page has received nothing for so long that it probes. A shorter silence is
    /// not worth a probe, since the heartbeat will tell.
    pub(crate) async fn until_long_silent(&self) -> Result<()> {
        let silence = "return Date.now() - (window.silentSince ??= Date.now()) > 6000;";
        self.browser()
            .until("it was silent for six seconds", silence, vec![])
            .await?;
        Ok(())
    }

    /// Changes the card while the tab is frozen, resumes the tab, and checks the promise from
    /// there.
    pub(crate) async fn thaw(
        &self,
        what: &str,
        status: &'static str,
    ) -> Result<(Testimony, Change)> {
        let change = self.write(status).await?;
        self.freeze(false).await?;
        let testimony = self.until_live_with(change).await?;
        let resumed = (testimony.last("resume")?, FOREGROUND_MS);
        self.judge(what, &testimony, change, resumed, GLANCE_MS)?;
        Ok((testimony, change))
    }

    /// Changes the card on a connection that has fallen silent, and checks the promise for a board
    /// that gets no focus.
    pub(crate) async fn judge_silence(&self, what: &str, promised: Silence) -> Result<()> {
        let began = (now_ms(), promised.replaced);
        let change = self.write("completed").await?;
        let testimony = self.until_live_with(change).await?;
        self.judge(what, &testimony, change, began, promised.believed)
    }

    /// Checks the promise, and prints the measured times. From `wake` on, the page was live with
    /// the change within `within`, and it never said live without the change for longer than
    /// `excused`.
    pub(crate) fn judge(
        &self,
        what: &str,
        testimony: &Testimony,
        change: Change,
        (wake, within): (f64, f64),
        excused: f64,
    ) -> Result<()> {
        let from = wake.max(change.at);
        let live_after = testimony.live_after(from, &self.task, change.status)?;
        let falsely = testimony.falsely_live(from, &self.task, change.status);
        println!(
            "{what}: live with the change after {live_after:.0} ms; said live without it for {falsely:.0} ms"
        );
        ensure!(
            live_after <= within,
            "{what}: live after {live_after:.0} ms instead of {within:.0}: {testimony:?}"
        );
        ensure!(
            falsely <= excused,
            "{what}: said live without the change for {falsely:.0} ms: {testimony:?}"
        );
        Ok(())
    }
}
