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

/// Time after which a test gives up. Generous, since the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const PROGRAM: &str = env!("CARGO_BIN_EXE_tasktree");

/// Variables that tell the program about the session of an agent: the test may run in one.
const OF_SESSIONS: [&str; 9] = [
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_ENV_FILE",
    "CODEX_HOME",
    "CODEX_THREAD_ID",
    "COPILOT_HOME",
    "GEMINI_SESSION_ID",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
];

/// Returns the program with these arguments, its home in `folder`, and no settings of the test's
/// own environment.
pub(crate) fn command(arguments: &[&str], folder: &Path) -> Command {
    in_surroundings(Command::new(PROGRAM), arguments, folder)
}

fn in_surroundings(mut command: Command, arguments: &[&str], folder: &Path) -> Command {
    let ours = std::env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("TASKTREE_")) {
        command.env_remove(name);
    }
    for name in OF_SESSIONS {
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

/// Runs the program to its end.
pub(crate) async fn run(arguments: &[&str], folder: &Path) -> Output {
    command(arguments, folder)
        .output()
        .await
        .expect("the program runs")
}

/// Returns everything that it printed.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Returns its standard output if it succeeded.
pub(crate) fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Arguments for a server on a port of the system's choice.
const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0"];

/// A running server on a port of the system's choice.
pub(crate) struct Server {
    process: Child,
    /// Task that reads the log all the while: a full pipe would stop the program.
    log: JoinHandle<String>,
    /// Lines that it printed on standard output until it was ready.
    pub(crate) said: Vec<String>,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) http: Client,
}

impl Server {
    /// Starts a server with more arguments, which logs what `RUST_LOG` says. It is ready when it
    /// has printed a line with `last` in it.
    pub(crate) async fn start(
        folder: &Path,
        arguments: &[&str],
        rust_log: &str,
        last: &str,
    ) -> Self {
        let arguments = [SERVE, arguments].concat();
        Self::run(command(&arguments, folder), rust_log, last).await
    }

    /// Starts a server that keeps nothing, with a limit of `files` open files unless it raises it.
    pub(crate) async fn with_few_files(folder: &Path, files: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            &format!("ulimit -S -n {files} && exec \"$0\" \"$@\""),
            PROGRAM,
        ]);
        let arguments = [SERVE, &["--db", ":memory:"]].concat();
        Self::run(in_surroundings(shell, &arguments, folder), "info", "Data: ").await
    }

    async fn run(mut command: Command, rust_log: &str, last: &str) -> Self {
        let mut process = command
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

    /// Starts a server at an address.
    pub(crate) async fn listening(folder: &Path, address: &str, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", address], arguments].concat();
        Self::run(command(&arguments, folder), "info", "Data: ").await
    }

    /// Starts a server that keeps nothing.
    pub(crate) async fn in_memory(folder: &Path, arguments: &[&str], rust_log: &str) -> Self {
        let arguments = [&["--db", ":memory:"], arguments].concat();
        Self::start(folder, &arguments, rust_log, "Data: ").await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Sends a GET request, and returns the JSON.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Returns the id of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Kills it, and returns its whole log.
    pub(crate) async fn end(mut self) -> String {
        self.process.kill().await.unwrap();
        self.log.await.unwrap()
    }
}
