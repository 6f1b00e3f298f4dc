//! The git program in one directory.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::error::{Error, Result};

/// How long git may take. A merge of a large repository takes seconds; more means that it waits for something.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Git {
    directory: PathBuf,
}

impl Git {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    async fn output(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.directory)
            .args(arguments)
            // Never ask: there is nobody at a terminal.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", "true")
            // Messages go into answers, which are in English.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        // A terminal's Ctrl-C is for the server, which lets git finish.
        #[cfg(unix)]
        command.process_group(0);
        let failed = |text: String| Error::Command(format!("git {}: {text}", arguments[0]));
        match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(failed(format!("it could not be run: {error}"))),
            Err(_) => Err(failed(format!(
                "it took more than {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    /// Runs git; gives what it printed.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.output(arguments).await?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(Error::Command(format!(
                "git {}: {}",
                arguments[0],
                said(&output)
            )))
        }
    }

    pub(super) async fn succeeds(&self, arguments: &[&str]) -> Result<bool> {
        Ok(self.output(arguments).await?.status.success())
    }

    /// Merges a branch into the one that is checked out. Where that fails, the repository is as it was.
    pub(super) async fn merge(&self, branch: &str, message: &str) -> Result<()> {
        if self.is_merging().await? {
            // Somebody's own; aborting would lose it.
            let text =
                "Merge failed: another merge is under way in the repository; finish it first.";
            return Err(Error::Command(text.to_owned()));
        }
        // The full name of the branch: it cannot be taken for an option or for something else.
        let branch = format!("refs/heads/{branch}");
        let outcome = self
            .output(&["merge", "--no-ff", "-m", message, &branch])
            .await;
        let reason = match outcome {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => said(&output),
            Err(error) => error.to_string(),
        };
        if self.is_merging().await? {
            self.run(&["merge", "--abort"]).await?;
        }
        Err(Error::Command(format!("Merge failed: {reason}")))
    }

    async fn is_merging(&self) -> Result<bool> {
        self.succeeds(&["rev-parse", "--quiet", "--verify", "MERGE_HEAD"])
            .await
    }
}

/// What git printed: conflicts are on its standard output, other faults on the other.
fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let lines: Vec<_> = texts
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    if lines.is_empty() {
        format!("it ended with {}", output.status)
    } else {
        lines.join("\n")
    }
}
