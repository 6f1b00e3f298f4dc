//! The git program in one directory, with its settings, timeout and maximum output.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tasktree_protocol::error::code;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::config::{Overrides, SETTINGS};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::remote::without_credentials;

/// Maximum bytes that are read of git's error output.
const COMPLAINT_BYTES: usize = 64 * 1024;

/// Variables of git's that are passed on from the server's own environment.
///
/// They name who commits, and where the machine keeps its settings. All others would change which
/// repository and which programs git uses.
const KEPT_VARIABLES: [&str; 10] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_TEMPLATE_DIR",
];

/// Variables that every command gets.
const VARIABLES: [(&str, &str); 13] = [
    // Never prompt, and never open an editor or a pager: there is nobody at a terminal.
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_EDITOR", ":"),
    ("GIT_SEQUENCE_EDITOR", ":"),
    ("GIT_PAGER", "cat"),
    ("GIT_ASKPASS", "false"),
    ("GIT_SSH_COMMAND", "false"),
    // Nothing is fetched, not even objects that a partial clone lacks: a transport may be a
    // program.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // Reads of a repository do not write to it.
    ("GIT_OPTIONAL_LOCKS", "0"),
    // Ancestry is what the commits say, not replacements that somebody has laid over them.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null/none"),
    ("GIT_MERGE_AUTOEDIT", "no"),
    // Messages are matched, and shown in answers that are in English.
    ("LC_ALL", "C"),
];

/// Git in a directory, with settings under which it runs no other programs.
#[derive(Clone, Debug)]
pub(super) struct Git {
    directory: PathBuf,
    overrides: Overrides,
    timeout: Duration,
    output_bytes: usize,
}

/// Result of a command.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) status: ExitStatus,
    /// Standard output.
    pub(super) text: Vec<u8>,
    /// True if there was more of it than is read.
    pub(super) is_cut: bool,
    complaint: Vec<u8>,
}

impl Git {
    /// Returns git in a directory, before its configuration was read.
    pub(super) fn new(directory: &Path, limits: &Limits) -> Self {
        Self {
            directory: directory.to_owned(),
            overrides: Overrides::default(),
            timeout: Duration::from_secs(limits.git_seconds),
            output_bytes: limits.git_output_bytes,
        }
    }

    /// Returns git in another directory; the programs that its own configuration names are turned
    /// off.
    pub(super) async fn inside(&self, directory: &Path) -> Result<Self> {
        let git = Self {
            directory: directory.to_owned(),
            overrides: Overrides::default(),
            ..self.clone()
        };
        let listed = git
            .whole(&["config", "--list", "--name-only", "-z"])
            .await?;
        let mut overrides = Overrides::of(&listed)?;
        if overrides.has_drivers() {
            let default = ["config", "--get", "merge.default"];
            overrides.set_default_driver(git.maybe(&default).await?);
        }
        Ok(Self { overrides, ..git })
    }

    /// Returns a path that `git rev-parse` prints for an option, in full.
    pub(super) async fn path(&self, option: &str) -> Result<PathBuf> {
        let text = self
            .whole(&["rev-parse", "--path-format=absolute", option])
            .await?;
        Ok(path_of(text.strip_suffix(b"\n").unwrap_or(&text)))
    }

    /// Returns git with one more setting.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.overrides.add(name, value);
        self
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the settings that turn off the programs of the configuration.
    pub(super) fn overrides(&self) -> &Overrides {
        &self.overrides
    }

    /// Runs a command, whatever its status.
    pub(super) async fn output(&self, arguments: &[&str]) -> Result<Output> {
        self.output_of(arguments, &[]).await
    }

    /// Runs a command with bytes on its standard input.
    pub(super) async fn output_of(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        let name = arguments.first().copied().unwrap_or_default();
        let failed = |text: String| Error::Command(format!("git {name}: {text}"));
        let run = self.run_process(arguments, input);
        match tokio::time::timeout(self.timeout, run).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(failed(format!("cannot run it: {error}"))),
            Err(_) => Err(failed(format!(
                "it was stopped after {} s",
                self.timeout.as_secs()
            ))),
        }
    }

    async fn run_process(&self, arguments: &[&str], input: &[u8]) -> io::Result<Output> {
        let mut child = self.command(arguments).spawn()?;
        let stdin = child.stdin.take();
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("its output is not piped"));
        };
        let write = async {
            if let Some(mut stdin) = stdin {
                // A command that needs no more of it closes it early.
                drop(stdin.write_all(input).await);
            }
        };
        let ((), text, complaint) = tokio::join!(
            write,
            read_at_most(stdout, self.output_bytes),
            read_at_most(stderr, COMPLAINT_BYTES),
        );
        let ((text, is_cut), (complaint, _)) = (text?, complaint?);
        Ok(Output {
            status: child.wait().await?,
            text,
            is_cut,
            complaint,
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.directory)
            .args(["--no-pager", "--literal-pathspecs"])
            .args(arguments);
        for (name, _) in std::env::vars_os() {
            if is_foreign(&name) {
                command.env_remove(name);
            }
        }
        command.envs(VARIABLES);
        let settings = SETTINGS.iter().copied().chain(self.overrides.settings());
        let mut count = 0;
        for (name, value) in settings {
            command.env(format!("GIT_CONFIG_KEY_{count}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A terminal's Ctrl-C is for the server, which lets git finish.
        #[cfg(unix)]
        command.process_group(0);
        command
    }

    /// Runs a command that must succeed, and returns its output.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.output(arguments).await?;
        if output.status.success() {
            Ok(output.line())
        } else {
            Err(output.error(arguments))
        }
    }

    /// Runs a command that must succeed, and returns its output in full.
    pub(super) async fn whole(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let output = self.output(arguments).await?;
        if !output.status.success() {
            return Err(output.error(arguments));
        }
        if output.is_cut {
            return Err(self.too_long(arguments));
        }
        Ok(output.text)
    }

    /// Runs a command that says "no" with status 1; returns its output if it said "yes".
    pub(super) async fn maybe(&self, arguments: &[&str]) -> Result<Option<String>> {
        let output = self.output(arguments).await?;
        match output.status.code() {
            Some(0) => Ok(Some(output.line())),
            Some(1) => Ok(None),
            _ => Err(output.error(arguments)),
        }
    }

    /// Returns the error of an output that was longer than what is read.
    pub(super) fn too_long(&self, arguments: &[&str]) -> Error {
        Error::Command(format!(
            "git {}: its output is larger than {} bytes",
            arguments.first().copied().unwrap_or_default(),
            self.output_bytes
        ))
    }
}

impl Output {
    /// Returns its output, without the line break at the end.
    pub(super) fn line(&self) -> String {
        String::from_utf8_lossy(&self.text).trim_end().to_owned()
    }

    /// Returns git's own words, without secrets.
    pub(super) fn words(&self) -> String {
        // Conflicts are printed on standard output, other faults on standard error.
        let texts = [&self.text, &self.complaint].map(|bytes| String::from_utf8_lossy(bytes));
        let lines: Vec<_> = texts
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        if lines.is_empty() {
            format!("it exited with {}", self.status)
        } else {
            without_credentials(&lines.join("\n"))
        }
    }

    /// Returns the error of a command that failed.
    pub(super) fn error(&self, arguments: &[&str]) -> Error {
        let words = self.words();
        if self.says("detected dubious ownership") {
            return Error::repository(code::DUBIOUS_OWNERSHIP, words);
        }
        let name = arguments.first().copied().unwrap_or_default();
        Error::Command(format!("git {name}: {words}"))
    }

    /// Returns true if git's error output contains these words.
    pub(super) fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.complaint).contains(words)
    }
}

/// Returns a path that git printed. It need not be UTF-8.
pub(super) fn path_of(name: &[u8]) -> PathBuf {
    #[cfg(unix)]
    let path: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(name);
    #[cfg(not(unix))]
    let path = String::from_utf8_lossy(name).into_owned();
    path.into()
}

/// Returns true if a variable of the server's environment must not reach git.
fn is_foreign(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    name.starts_with("GIT_") && !KEPT_VARIABLES.contains(&name)
}

/// Reads a stream and keeps it up to a limit; the rest is read too, so that git can finish.
async fn read_at_most(
    mut stream: impl AsyncRead + Unpin,
    most: usize,
) -> io::Result<(Vec<u8>, bool)> {
    let mut text = Vec::new();
    let mut limited = (&mut stream).take(most as u64);
    limited.read_to_end(&mut text).await?;
    let rest = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok((text, rest > 0))
}
