//! The program, run to its end or as a server.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long anything may take before a test gives up. Generous, since the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program with these arguments, its home in `folder`, and no setting of whoever runs the test.
fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tasktree"));
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("TASKTREE_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_DATA_HOME", folder)
        .env("HOME", folder)
        .kill_on_drop(true);
    command
}

/// Runs it to its end.
pub(crate) async fn run(arguments: &[&str], folder: &Path) -> Output {
    command(arguments, folder)
        .output()
        .await
        .expect("the program runs")
}

/// All that it said.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What it answered, where it ended well.
pub(crate) fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A running server on a port of the system's choice.
pub(crate) struct Server {
    process: Child,
    /// Reads all the while: a full pipe would stop the program.
    log: JoinHandle<String>,
    /// What it said on its standard output until it answered.
    pub(crate) said: Vec<String>,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) http: Client,
}

impl Server {
    /// Starts one with more arguments, which logs what `RUST_LOG` says. It is there when it has said a line with `last` in it.
    pub(crate) async fn start(
        folder: &Path,
        arguments: &[&str],
        rust_log: &str,
        last: &str,
    ) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut process = command(&arguments, folder)
            .env("RUST_LOG", rust_log)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = process.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut text = String::new();
            errors.read_to_string(&mut text).await.unwrap();
            text
        });
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while !said.iter().any(|line: &String| line.contains(last)) {
            let line = timeout(PATIENCE, lines.next_line()).await;
            said.push(line.expect("it starts").unwrap().expect("it goes on"));
        }
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            process,
            log,
            base: said[0].rsplit(' ').next().unwrap().to_owned(),
            said,
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Starts one that keeps nothing.
    pub(crate) async fn in_memory(folder: &Path, arguments: &[&str], rust_log: &str) -> Self {
        let arguments = [&["--db", ":memory:"], arguments].concat();
        Self::start(folder, &arguments, rust_log, "Data: ").await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Kills it, and gives all that it has logged.
    pub(crate) async fn end(mut self) -> String {
        self.process.kill().await.unwrap();
        self.log.await.unwrap()
    }
}
