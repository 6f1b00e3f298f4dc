//! Installs the npm packages as a user would, without a network, and starts the program.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::Release;
use crate::process;
use crate::workspace::Workspace;

/// Time limit of a response of the installed server, and of its end.
const RESPONSE: Duration = Duration::from_secs(10);

/// Installs `files` into an empty folder, and checks that `npx tasktree` tells its version and
/// serves the board.
pub(super) fn installed_by_npm(
    workspace: &Workspace,
    release: &Release,
    files: &[PathBuf],
) -> Result<()> {
    let folder = release.folder.join("installed");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    let packages = files
        .iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "tgz"));
    let mut npm = workspace.node_command("npm")?;
    process::run(
        npm.current_dir(&folder)
            .args(["install", "--offline", "--no-audit", "--no-fund"])
            .args(["--loglevel=error", "--cache"])
            .arg(folder.join("cache"))
            .args(packages),
    )?;
    let said = process::output(&mut npx(workspace, &folder, &["--version"])?)?;
    let expected = format!("tasktree {}", release.version);
    ensure!(
        said.trim() == expected,
        "`npx tasktree --version` said {said:?}"
    );
    let refused = npx(workspace, &folder, &["no-such-command"])?
        .stderr(Stdio::null())
        .status()?;
    ensure!(
        refused.code() == Some(2),
        "a wrong command ended with {refused} instead of the program's exit code 2"
    );
    serves_the_board(npx(
        workspace,
        &folder,
        &[
            "serve",
            "--listen=127.0.0.1:0",
            "--db=:memory:",
            "--open=never",
        ],
    )?)?;
    fs::remove_dir_all(&folder)?;
    println!("dist: npx tasktree works from the packed files");
    Ok(())
}

fn npx(workspace: &Workspace, folder: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = workspace.node_command("npx")?;
    command
        .current_dir(folder)
        .args(["--offline", "--no", "tasktree", "--"])
        .args(arguments);
    Ok(command)
}

/// Starts the server, requests the board, and stops it as Ctrl+C does.
fn serves_the_board(mut command: Command) -> Result<()> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut server = Stopped(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let output = server.0.stdout.take().context("the server has no output")?;
    let mut lines = BufReader::new(output).lines();
    let address = loop {
        let line = lines
            .next()
            .context("the server ended before it listened")??;
        if let Some((_, url)) = line.split_once("http://") {
            break url.trim_end_matches('/').to_owned();
        }
    };
    let page = get(&address, "/")?;
    ensure!(
        page.starts_with("HTTP/1.1 200") && page.contains("_bg.wasm"),
        "the installed program does not serve the board: {page:.300}"
    );
    server.stop()?;
    // `npx` passes the signal on and may end before the server.
    let stopped = Instant::now();
    while TcpStream::connect(&address).is_ok() {
        ensure!(
            stopped.elapsed() < RESPONSE,
            "the server still runs after Ctrl+C"
        );
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(RESPONSE))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A process that does not outlive this value.
struct Stopped(Child);

impl Stopped {
    /// Sends the process group the signal of Ctrl+C, and waits until `npx` has ended. The launcher
    /// of the program, which `npx` waits for, ends after the program.
    #[cfg(unix)]
    fn stop(&mut self) -> Result<()> {
        let group = format!("-{}", self.0.id());
        process::run(Command::new("kill").args(["-s", "INT", "--", &group]))?;
        self.0.wait()?;
        Ok(())
    }

    #[cfg(not(unix))]
    fn stop(&mut self) -> Result<()> {
        Ok(self.0.kill()?)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // Both fail only if it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
