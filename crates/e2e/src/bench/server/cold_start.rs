//! Measures `tasktree hook` as a harness runs it, from the start of the process to its end. The
//! baseline is the start and the end of a process that does nothing.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::server;
use crate::bench::{Figure, paced, percentile};

/// Events per second.
const PER_SECOND: u64 = 10;

/// Runs the hook for a number of events, and returns the figures.
pub(super) async fn run(events: usize) -> Result<Vec<Figure>> {
    let (server, _) = server().await?;
    let home = tempfile::tempdir()?;
    let (mut times, mut bare) = (Vec::with_capacity(events), Vec::with_capacity(events));
    paced(PER_SECOND, events, async |number| {
        let event = json!({
            "session_id": "000-bench", "cwd": home.path(), "hook_event_name": "PreToolUse",
            "tool_name": "Bash", "tool_use_id": format!("tu-{number}"),
            "tool_input": {"command": "cargo test"},
        });
        let mut hook = Command::new(server.binary());
        hook.args(["hook", "claude-code", "--project", "bench"]);
        hook.env("TASKTREE_SERVER", server.url(""));
        times.push(time(hook, home.path(), &event.to_string()).await?);
        bare.push(time(Command::new("true"), home.path(), "").await?);
        Ok(())
    })
    .await?;
    times.sort_unstable();
    bare.sort_unstable();
    let log = home.path().join(".local/state/tasktree/hook.log");
    ensure!(
        !log.exists(),
        "a hook has failed: {}",
        std::fs::read_to_string(log)?
    );
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1000.0;
    let figure = |label: &str, times: &[Duration], share| {
        Figure::new(format!("cold start: {label}"), ms(times, share), "ms")
    };
    Ok(vec![
        figure("median of `tasktree hook`", &times, 0.5).at_most(30.0),
        figure("p99 of `tasktree hook`", &times, 0.99),
        figure("median of an empty process", &bare, 0.5),
        Figure::new(
            "cold start: median, against the empty process",
            ms(&times, 0.5) / ms(&bare, 0.5),
            "",
        ),
    ])
}

/// Returns the time from the start of a program to its end.
async fn time(mut program: Command, home: &Path, input: &str) -> Result<Duration> {
    program
        .current_dir(home)
        .env("HOME", home)
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let begun = Instant::now();
    let mut process = program.spawn()?;
    let mut stdin = process.stdin.take().context("the program has no input")?;
    // A program that reads nothing may have ended.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let status = process.wait().await?;
    let took = begun.elapsed();
    ensure!(status.success(), "the program ended with {status}");
    Ok(took)
}
