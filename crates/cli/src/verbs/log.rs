//! `tasktree log`: lines for the agent's log, as they come.

use std::io::{self, BufRead as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::json;
use tasktree_protocol::http::paths;
use ureq::http::Method;

use super::Verb;
use crate::claim::{self, Claim};
use crate::client::Call;
use crate::context::Context;
use crate::failure::Result;
use crate::limits::{LOG_BATCH_DELAY, LOG_BATCH_LINES};
use crate::output::{Form, Report};

/// Number of lines that wait while the server is slow; then the program that writes them waits.
const WAITING_LINES: usize = 1024;

/// Severity of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    Debug,
    Info,
    Success,
    Warning,
    Error,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// Lines to store; `-` stores those of standard input as they come.
    #[arg(value_name = "LINE", required = true)]
    lines: Vec<String>,
    /// Severity of the lines.
    #[arg(long, value_enum, default_value = "info")]
    level: Level,
}

impl Verb for Log {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let claim = claim::current(context)?;
        let sender = Sender {
            path: paths::agent_logs(context.project()?, context.agent()?),
            context,
            claim: claim.as_ref(),
            level: self.level,
        };
        let stored = if self.lines == ["-"] {
            sender.forward(&lines_of_input())?
        } else {
            sender.send(&self.lines)?
        };
        let text = format!("Stored {stored} lines");
        Ok(Some(Report::new(json!({"stored": stored}), text)))
    }
}

/// Reads standard input on a thread of its own, so that lines can wait for others for a limited
/// time.
fn lines_of_input() -> Receiver<String> {
    let (sender, lines) = mpsc::sync_channel(WAITING_LINES);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        while matches!(input.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line);
            if sender
                .send(text.trim_end_matches(['\n', '\r']).to_owned())
                .is_err()
            {
                return;
            }
            line.clear();
        }
    });
    lines
}

/// Sender of log lines.
struct Sender<'a> {
    context: &'a Context,
    path: String,
    claim: Option<&'a Claim>,
    level: Level,
}

impl Sender<'_> {
    /// Sends lines as they come, several at a time. Returns their number.
    fn forward(&self, lines: &Receiver<String>) -> Result<usize> {
        let mut stored = 0;
        while let Ok(first) = lines.recv() {
            let mut batch = vec![first];
            let end = Instant::now() + LOG_BATCH_DELAY;
            while batch.len() < LOG_BATCH_LINES {
                match lines.recv_timeout(left(end)) {
                    Ok(line) => batch.push(line),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            stored += self.send(&batch)?;
        }
        Ok(stored)
    }

    fn send(&self, lines: &[String]) -> Result<usize> {
        let mut body = self.claim.map(Claim::fields).unwrap_or_default();
        body.insert("level".to_owned(), json!(self.level.as_str()));
        body.insert("lines".to_owned(), json!(lines));
        let stored = self
            .context
            .as_agent(|| Call::new(Method::POST, &self.path).json(&body))?;
        let stored = stored.json()?["stored"].as_u64().unwrap_or_default();
        Ok(usize::try_from(stored).unwrap_or_default())
    }
}

fn left(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now())
}
