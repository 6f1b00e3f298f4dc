//! A `tasktree serve` process with its own database, which can be killed and restarted.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::wait::{PATIENCE, until};

/// Environment variable that names the server's program; `cargo xtask test` sets it.
pub const BINARY_VARIABLE: &str = "TASKTREE_BIN";

/// A running server. It is killed, and its database removed, when this value is dropped.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    address: SocketAddr,
    folder: TempDir,
    process: Option<Child>,
    endures_full_disks: bool,
    options: Vec<String>,
    http: Client,
}

impl Server {
    /// Starts a server with an empty database on a free port.
    ///
    /// # Errors
    /// There is no program to start, or it does not answer.
    pub async fn start() -> Result<Self> {
        Self::started(false, &[]).await
    }

    /// Starts a server with more options on its command line.
    ///
    /// # Errors
    /// As for [`Server::start`].
    pub async fn start_with(options: &[&str]) -> Result<Self> {
        Self::started(false, options).await
    }

    /// Starts a server that gets an error instead of being killed when a file exceeds its size
    /// limit, as on a full disk.
    ///
    /// # Errors
    /// As for [`Server::start`].
    pub async fn start_enduring_full_disks() -> Result<Self> {
        Self::started(true, &[]).await
    }

    async fn started(endures_full_disks: bool, options: &[&str]) -> Result<Self> {
        let mut server = Self {
            binary: binary()?,
            address: free_address()?,
            folder: tempfile::tempdir()?,
            process: None,
            endures_full_disks,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            http: Client::new(),
        };
        server.start_again().await?;
        Ok(server)
    }

    /// Starts the server after [`Server::kill`], with the same database and address.
    ///
    /// # Errors
    /// As for [`Server::start`].
    pub async fn start_again(&mut self) -> Result<()> {
        let mut command = if self.endures_full_disks {
            // A signal that a shell ignores stays ignored in the program that it executes.
            let mut shell = Command::new("sh");
            let script = r#"trap "" XFSZ; exec "$@""#;
            shell.args(["-c", script, "sh"]).arg(&self.binary);
            shell
        } else {
            Command::new(&self.binary)
        };
        let process = command
            .arg("serve")
            .arg("--listen")
            .arg(self.address.to_string())
            .arg("--db")
            .arg(self.database())
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .env("RUST_LOG", "warn")
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", self.binary.display()))?;
        self.process = Some(process);
        let health = self.url("/health");
        until("the server answers", PATIENCE, || async {
            let answer = self.http.get(&health).send().await?;
            Ok(answer.status().is_success().then_some(()))
        })
        .await
    }

    /// Kills the server as a crash would: without a chance to shut down.
    ///
    /// # Errors
    /// The server is not running.
    pub async fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server does not run")?;
        process.kill().await?;
        Ok(())
    }

    /// Asks the server to stop, as a service manager does, and waits until it has.
    ///
    /// # Errors
    /// The server is not running, or does not exit successfully.
    pub async fn stop(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server does not run")?;
        let id = process.id().context("the server has ended")?;
        let asked = Command::new("kill").arg(id.to_string()).status().await?;
        anyhow::ensure!(asked.success(), "the server cannot be asked to end");
        let status = timeout(PATIENCE, process.wait()).await??;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Returns the server's process id while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the path of the server's database file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("tasktree.db")
    }

    /// Removes the database of a server that does not run: the next start makes another.
    ///
    /// # Errors
    /// The server runs, or a file cannot be removed.
    pub fn remove_database(&self) -> Result<()> {
        anyhow::ensure!(self.process.is_none(), "the server runs");
        for entry in std::fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path.is_dir() {
                std::fs::remove_dir_all(path)?;
            } else {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Returns the path of the server's program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Returns the full address of a path on the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a request as a script would, and returns the answer's JSON.
    ///
    /// # Errors
    /// The server does not answer, or refuses; the error quotes its answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let answer = self.answer(method, path, body).await?;
        Ok(answer.json().await?)
    }

    /// Sends a write as [`Server::call`] does, and returns the time from its arrival at the server
    /// to the commit, as the server reports it.
    ///
    /// # Errors
    /// As for [`Server::call`], or the server does not report the time.
    pub async fn time_to_commit(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Duration> {
        let answer = self.answer(method, path, Some(body)).await?;
        let said = answer.headers().get("server-timing");
        let milliseconds = said
            .and_then(|value| value.to_str().ok()?.strip_prefix("commit;dur="))
            .context("the answer does not say when the write was committed")?;
        let took = Duration::try_from_secs_f64(milliseconds.parse::<f64>()? / 1000.0)?;
        // The answer is complete only once its body has arrived.
        answer.bytes().await?;
        Ok(took)
    }

    async fn answer(&self, method: Method, path: &str, body: Option<Value>) -> Result<Response> {
        let mut request = self.http.request(method, self.url(path));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        if !status.is_success() {
            let text = answer.text().await?;
            bail!("{path} answered {status}: {text}");
        }
        Ok(answer)
    }

    /// Creates a project with tasks of the given titles. Returns the tasks' ids.
    ///
    /// # Errors
    /// As for [`Server::call`].
    pub async fn project_with_tasks(&self, project: &str, titles: &[&str]) -> Result<Vec<String>> {
        let body = serde_json::json!({"id": project, "name": project, "path": ""});
        self.call(Method::POST, "/api/projects", Some(body)).await?;
        let mut ids = Vec::with_capacity(titles.len());
        for title in titles {
            ids.push(self.create_task(project, title).await?);
        }
        Ok(ids)
    }

    /// Creates a task. Returns its id.
    ///
    /// # Errors
    /// As for [`Server::call`].
    pub async fn create_task(&self, project: &str, title: &str) -> Result<String> {
        let path = format!("/api/projects/{project}/tasks");
        let body = serde_json::json!({"title": title});
        let task = self.call(Method::POST, &path, Some(body)).await?;
        task["id"]
            .as_str()
            .map(str::to_owned)
            .context("the answer has no id")
    }
}

/// Returns the server's program: the one that is named, else the one that `cargo xtask run` builds.
fn binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(BINARY_VARIABLE) {
        return Ok(named.into());
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/server/tasktree");
    if !built.exists() {
        bail!("build the server first, or run `cargo xtask test --only e2e`, which does");
    }
    Ok(built)
}

/// Returns an unused address. The server is given a port other than 0, because it must restart on
/// the same one.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
