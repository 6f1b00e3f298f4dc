//! Real coding agents (harnesses), installed from npm, that run against the scripted model.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::model::Model;
use crate::wait::PATIENCE;

/// Environment variable that names the folder with the harnesses' programs; `cargo xtask test` sets
/// it.
pub const PROGRAMS_VARIABLE: &str = "TASKTREE_HARNESSES";

/// Key for the model, which accepts any.
const API_KEY: &str = "dummy";

/// Prompt of each session.
const PROMPT: &str = "Please run the tests";

/// A coding agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harness {
    /// Claude Code.
    Claude,
    /// Codex CLI.
    Codex,
    /// opencode.
    OpenCode,
    /// Gemini CLI.
    Gemini,
}

impl Harness {
    /// Returns the name that `tasktree connect` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::OpenCode => "opencode",
            Self::Gemini => "gemini",
        }
    }

    /// Returns the name of the source of its runs.
    pub fn source(self) -> &'static str {
        match self {
            Self::Claude => "claude-code",
            _ => self.name(),
        }
    }

    /// Returns the arguments of a session without a person that runs every command.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Claude => &["-p", "--allowedTools", "Bash(*)"],
            Self::Codex => &[
                "exec",
                "--dangerously-bypass-hook-trust",
                "--skip-git-repo-check",
                "--sandbox",
                "danger-full-access",
            ],
            Self::OpenCode => &["run"],
            Self::Gemini => &["--yolo", "-m", "gemini-2.5-pro", "-p"],
        }
    }

    /// Returns the variables that send its requests to the model.
    fn variables(self, model: &Model) -> Vec<(&'static str, String)> {
        match self {
            Self::Claude => vec![
                ("ANTHROPIC_BASE_URL", model.url()),
                ("ANTHROPIC_API_KEY", API_KEY.into()),
                ("DISABLE_TELEMETRY", "1".into()),
                ("DISABLE_AUTOUPDATER", "1".into()),
                ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".into()),
            ],
            Self::Codex => vec![("STUB_KEY", "dummy".into())],
            Self::OpenCode => vec![],
            Self::Gemini => vec![
                ("GEMINI_API_KEY", "dummy".into()),
                ("GOOGLE_GEMINI_BASE_URL", model.url()),
            ],
        }
    }

    /// Returns its configuration: a path below the home folder, and the content.
    fn configuration(self, model: &Model) -> Option<(&'static str, String)> {
        match self {
            Self::Claude => None,
            Self::Codex => Some((
                ".codex/config.toml",
                format!(
                    "model = \"stub-model\"\nmodel_provider = \"stub\"\n\n\
                     [model_providers.stub]\nname = \"stub\"\nbase_url = \"{}/v1\"\n\
                     wire_api = \"responses\"\nenv_key = \"STUB_KEY\"\n",
                    model.url()
                ),
            )),
            Self::OpenCode => {
                let options =
                    json!({ "baseURL": format!("{}/v1", model.url()), "apiKey": "dummy" });
                let configuration = json!({
                    "autoupdate": false, "share": "disabled",
                    "model": "anthropic/claude-sonnet-4-5",
                    "small_model": "anthropic/claude-sonnet-4-5",
                    "provider": { "anthropic": { "options": options } },
                });
                Some((".config/opencode/opencode.json", configuration.to_string()))
            }
            Self::Gemini => {
                let configuration = json!({
                    "security": {
                        "auth": { "selectedType": "gemini-api-key" },
                        "folderTrust": { "enabled": false },
                    },
                    "general": { "disableAutoUpdate": true },
                    "privacy": { "usageStatisticsEnabled": false },
                });
                Some((".gemini/settings.json", configuration.to_string()))
            }
        }
    }
}

/// A person's home and a repository in it, in which commands run with a clean environment.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    path: std::ffi::OsString,
}

impl Home {
    /// Creates a home with an empty repository, in which `tasktree` is the program at this path.
    ///
    /// # Errors
    /// The folder cannot be written, or git fails.
    pub async fn new(tasktree: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let programs = folder.path().join("bin");
        std::fs::create_dir_all(&programs)?;
        std::fs::create_dir_all(folder.path().join("work"))?;
        std::os::unix::fs::symlink(std::path::absolute(tasktree)?, programs.join("tasktree"))?;
        let mut path = vec![programs];
        path.extend(std::env::var_os(PROGRAMS_VARIABLE).map(PathBuf::from));
        let own = std::env::var_os("PATH").unwrap_or_default();
        path.extend(std::env::split_paths(&own));
        let path = std::env::join_paths(path)?;
        // Codex runs commands in a login shell, and the system's profile sets another PATH.
        let profile = format!("export PATH='{}'\n", path.to_string_lossy());
        std::fs::write(folder.path().join(".profile"), profile)?;
        let home = Self { folder, path };
        home.run("git", &["init", "-q", "."]).await?;
        Ok(home)
    }

    /// Returns the path of the repository.
    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Returns a command that runs in the repository, with nothing of the test's environment.
    pub fn command(&self, program: &str) -> Command {
        // Programs are looked up on the PATH of this process, not on that of the command.
        let found = std::env::split_paths(&self.path)
            .map(|folder| folder.join(program))
            .find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| program.into()));
        command
            .current_dir(self.repository())
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", self.folder.path())
            .env("TERM", "xterm-256color")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a program and returns its output.
    ///
    /// # Errors
    /// It cannot be started, takes too long, or fails; the error quotes what it said.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(program);
        finished(program, command.args(arguments)).await
    }

    /// Runs a session of a harness, which sends a prompt to the model and ends.
    ///
    /// # Errors
    /// As for [`Home::run`].
    pub async fn session(&self, harness: Harness, model: &Model) -> Result<String> {
        let mut command = self.command(harness.name());
        command.envs(harness.variables(model));
        let arguments = harness.arguments();
        // Claude Code takes the prompt before its list of tools.
        let (before, after) = arguments.split_at(match harness {
            Harness::Claude => 1,
            _ => arguments.len(),
        });
        command.args(before).arg(PROMPT).args(after);
        finished(harness.name(), &mut command).await
    }

    /// Returns the call of `tasktree` that runs a session of Claude Code in a terminal: the
    /// program, and the words that it runs. A person is asked before each command of the session.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn claude_in_terminal(&self, model: &Model) -> Result<(Command, Vec<PathBuf>)> {
        // The answers to what Claude Code asks at its first start.
        let repository = self.repository().canonicalize()?;
        let configuration = json!({
            "hasCompletedOnboarding": true,
            "theme": "dark",
            "customApiKeyResponses": { "approved": [API_KEY], "rejected": [] },
            "projects": { repository.to_string_lossy(): { "hasTrustDialogAccepted": true } },
        });
        let file = self.folder.path().join(".claude.json");
        std::fs::write(file, configuration.to_string())?;
        let mut command = self.command("tasktree");
        command.envs(Harness::Claude.variables(model));
        let program = self.folder.path().join("bin/tasktree");
        let words = ["run", "--agent", "ada", "--", "claude"];
        let words = words
            .into_iter()
            .chain(["--permission-mode", "default", PROMPT]);
        let words = std::iter::once(program).chain(words.map(PathBuf::from));
        Ok((command, words.collect()))
    }

    /// Writes the configuration with which a harness uses the model.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn configure(&self, harness: Harness, model: &Model) -> Result<()> {
        if let Some((file, content)) = harness.configuration(model) {
            let file = self.folder.path().join(file);
            std::fs::create_dir_all(file.parent().context("the file has no folder")?)?;
            std::fs::write(file, content)?;
        }
        Ok(())
    }
}

async fn finished(program: &str, command: &mut Command) -> Result<String> {
    let output: Output = timeout(PATIENCE * 2, command.output())
        .await
        .with_context(|| format!("{program} does not end"))?
        .with_context(|| format!("{program} cannot be started"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{program} ended with {}: {said} {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}
