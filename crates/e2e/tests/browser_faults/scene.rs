//! A server, a network, a browser, and somebody who writes from elsewhere.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::proxy::{Direction, Weather};
use tasktree_e2e::wait::{PATIENCE, until};
use tasktree_e2e::witness::{self, Testimony, now_ms};
use tasktree_e2e::{Board, Browser, Proxy, Server};

/// Within what time the board is promised to be live again when somebody looks at it, in milliseconds.
pub(crate) const FOREGROUND_MS: f64 = 4_000.0;
/// And when nobody does.
const BACKGROUND_MS: f64 = 35_000.0;
/// How long a change may be on its way to a board that is live, in milliseconds: far longer than it takes, since two cores share
/// browsers, servers and tests.
pub(crate) const ON_ITS_WAY_MS: f64 = 2_000.0;
/// For how long a page may still look as it did when it was last awake, in milliseconds: until the answer to its question whether
/// the connection lives is late.
pub(crate) const GLANCE_MS: f64 = 1_000.0;

/// What is promised of a connection that has fallen silent unnoticed, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    /// For how long it may be taken for alive.
    believed: f64,
    /// Within what time there is another.
    replaced: f64,
}

impl Silence {
    /// While the page is visible: it asks after five seconds, doubts half a second later, and waits eight for the answer. The rest is
    /// for two busy cores.
    pub(crate) const VISIBLE: Self = Self {
        believed: 6_500.0,
        replaced: 16_000.0,
    };
    /// While it is hidden, when the server's heartbeat has to suffice.
    pub(crate) const HIDDEN: Self = Self {
        believed: 30_000.0,
        replaced: BACKGROUND_MS,
    };
}

/// See the module.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) proxy: Proxy,
    pub(crate) board: Board,
    pub(crate) task: String,
}

/// Somebody's change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// Where the card is now.
    pub(crate) status: &'static str,
    /// When the server had acknowledged it.
    pub(crate) at: f64,
}

impl Scene {
    /// A board that is live, in a browser that noted everything from the beginning.
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

    /// Somebody moves the card, past the broken network.
    pub(crate) async fn write(&self, status: &'static str) -> Result<Change> {
        let path = format!("/api/projects/demo/tasks/{}", self.task);
        let body = json!({ "status": status });
        self.server.call(Method::PUT, &path, Some(body)).await?;
        Ok(Change {
            status,
            at: now_ms(),
        })
    }

    /// Where the server has the card.
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

    /// Waits until the board is live with the change, and gives what the page has shown.
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

    /// Waits until the server has no connection of a board any more.
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

    /// Has the browser freeze the tab, or let it go on.
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

    /// Takes the network away, as the browser notices, and waits until the board says so.
    pub(crate) async fn lose_network(&self) -> Result<()> {
        self.proxy.set_all(Weather::HOLE);
        self.browser().say_offline(true).await?;
        self.until_not_live().await
    }

    /// Brings the network back.
    pub(crate) async fn regain_network(&self) -> Result<()> {
        self.proxy.set_all(Weather::FAIR);
        self.browser().say_offline(false).await
    }

    /// Has the present connections swallow what goes that way; nobody says so, and new ones get through.
    pub(crate) fn silence(&self, directions: &[Direction]) {
        for link in self.proxy.links() {
            for direction in directions {
                link.set(*direction, Weather::HOLE);
            }
        }
    }

    /// Waits until the page has heard nothing for so long that it asks: less silence than this is not worth a question, since the
    /// heartbeat will tell.
    pub(crate) async fn until_long_silent(&self) -> Result<()> {
        let silence = "return Date.now() - (window.silentSince ??= Date.now()) > 6000;";
        self.browser()
            .until("it was silent for six seconds", silence, vec![])
            .await?;
        Ok(())
    }

    /// Changes the card while the tab is frozen, has it go on, and checks the promise from there.
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

    /// Changes the card on a connection that has fallen silent, and checks what is promised where nobody turns to the board.
    pub(crate) async fn judge_silence(&self, what: &str, promised: Silence) -> Result<()> {
        let began = (now_ms(), promised.replaced);
        let change = self.write("completed").await?;
        let testimony = self.until_live_with(change).await?;
        self.judge(what, &testimony, change, began, promised.believed)
    }

    /// Checks the promise, and prints what was measured: from `wake` on the page was live with the change within `within`,
    /// and it never said so without it for longer than `excused`.
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
