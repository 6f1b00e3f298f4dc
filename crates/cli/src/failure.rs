//! Failures of verbs: a code for programs, a sentence for people, and the exit code.

use std::fmt::Display;

use serde_json::{Map, Value, json};

use crate::text;

/// Exit code of the process. docs/cli.md lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The server refused the request, or something else failed.
    Failed = 1,
    /// The command line is invalid; clap exits with the same code.
    Usage = 2,
    /// The named object does not exist.
    NotFound = 3,
    /// The caller lacks the permission, or the token is missing or invalid.
    NotAllowed = 4,
    /// Somebody else has the task, or it changed.
    Conflict = 5,
    /// No task is ready, or no answer came in time.
    NothingReady = 6,
    /// The server could not be reached.
    Unreachable = 7,
}

/// Reason for which a verb failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Exit code of the process.
    pub(crate) exit: Exit,
    /// Name of the reason, for programs.
    pub(crate) code: String,
    /// Sentence that says what was wrong and what to do.
    pub(crate) message: String,
    /// More fields for programs.
    pub(crate) fields: Vec<(String, Value)>,
}

/// Result of a part of a verb.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// Creates a failure.
    pub(crate) fn new(exit: Exit, code: &str, message: impl Display) -> Self {
        Self {
            exit,
            code: code.to_owned(),
            message: message.to_string(),
            fields: Vec::new(),
        }
    }

    /// Creates a failure of the local machine: a file that cannot be read, for example.
    pub(crate) fn local(message: impl Display) -> Self {
        Self::new(Exit::Failed, "local", message)
    }

    /// Creates a failure of a command line that clap accepts.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Adds a field for programs.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Returns the JSON that a program reads on standard error.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        error.extend(self.fields.clone());
        json!({"schema_version": 1, "error": error})
    }

    /// Returns the sentence that a person reads on standard error.
    pub(crate) fn to_text(&self) -> String {
        format!("tasktree: {}", text::plain(&self.message))
    }
}
