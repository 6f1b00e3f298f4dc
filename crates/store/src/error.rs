//! Errors of operations that were refused or failed.
//!
//! Each text is a sentence for a person; the kind is for the program.

use serde::Serialize;
use serde_json::Value;
use tasktree_protocol::error::code;
use tasktree_protocol::http::MergeRefusal;
use tasktree_protocol::{AgentId, Task, WireError};

/// Result of an operation.
pub type Result<T> = std::result::Result<T, Error>;

/// A fault in one field of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldError {
    /// Name of the field, such as `dependencies.2` for a list entry.
    pub field: String,
    /// Kind of fault, for a program: `string_too_long`, `unknown_task`, `cycle`, ...
    pub kind: &'static str,
    /// Description of the fault, for a person.
    pub message: String,
    /// Value that was given.
    pub input: Value,
}

/// Refusal of an operation that the repository's current state does not allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryRefusal {
    /// One of the codes in [`code`].
    pub code: &'static str,
    /// Sentence for a person: the fault, and the remedy.
    pub message: String,
    /// Affected files, at most [`Limits::merge_files`](crate::limits::Limits::merge_files).
    pub files: Vec<String>,
    /// Number of all affected files.
    pub files_total: usize,
    /// Full id of the affected commit.
    pub commit: Option<String>,
}

impl From<RepositoryRefusal> for MergeRefusal {
    fn from(refusal: RepositoryRefusal) -> Self {
        Self {
            code: refusal.code.to_owned(),
            message: refusal.message,
            files: refusal.files,
            files_total: refusal.files_total as u64,
            commit: refusal.commit,
        }
    }
}

/// Reason why an operation was refused or failed. A refused operation changed nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The requested item does not exist. (REST: 404)
    #[error("{0}")]
    NotFound(String),
    /// Fields of the request are invalid. (422)
    #[error("{}", sentence(.0))]
    Invalid(Vec<FieldError>),
    /// The item already exists. (400, as in the older API)
    #[error("{0}")]
    Exists(String),
    /// The current state does not allow the operation. (400, as in the older API)
    #[error("{0}")]
    Refused(String),
    /// The row has changed since the version that the request names. (412)
    #[error("{message}")]
    Conflict {
        /// Message for people.
        message: String,
        /// Current row.
        current: Box<Task>,
    },
    /// The task waits for others, so it cannot be claimed. (409)
    #[error("{0}")]
    Blocked(String),
    /// The item is held by another owner. (409)
    #[error("{0}")]
    Taken(String),
    /// An agent works on the task, and the person's request does not say that it takes the task.
    /// (409)
    #[error("{message}")]
    Claimed {
        /// Message for people.
        message: String,
        /// The agent that holds the task.
        holder: AgentId,
    },
    /// The project has another epoch than the request names. (409)
    #[error("The project was replaced, reset or restored after this change was made.")]
    Replaced,
    /// The request names another credential than the one that it comes by. (403)
    #[error("This change was made under another sign-in. Its author has to sign in to send it.")]
    OtherCaller,
    /// The caller lacks the permission. (403)
    #[error("{0}")]
    Forbidden(String),
    /// The credential has expired or was revoked. (401)
    #[error("{0}")]
    Unauthorized(String),
    /// The idempotency key was used for another request. (422)
    #[error("The idempotency key was already used for a different request.")]
    KeyReused,
    /// The log no longer goes back that far. (410)
    #[error("Events up to {} are no longer stored; fetch the current state instead.", first_available.saturating_sub(1))]
    Trimmed {
        /// Position of the first event that is still kept.
        first_available: u64,
    },
    /// The repository does not allow the operation. (409; 400 without a repository, as in the older
    /// API)
    #[error("{}", .0.message)]
    Repository(Box<RepositoryRefusal>),
    /// A program that the server ran (git) failed. (500)
    #[error("{0}")]
    Command(String),
    /// The store failed; as far as it knows, nothing was changed. (500 or 503)
    #[error("{message}")]
    Storage {
        /// Message for people.
        message: String,
        /// True if a retry may help: the disk was full or busy.
        temporary: bool,
    },
    /// Internal fault of the server. (500)
    #[error("{0}")]
    Internal(String),
}

fn sentence(fields: &[FieldError]) -> String {
    let parts: Vec<_> = fields
        .iter()
        .map(|field| format!("{}: {}", field.field, field.message))
        .collect();
    parts.join("; ")
}

impl Error {
    /// Returns the error for one invalid field.
    pub fn invalid(
        field: impl Into<String>,
        kind: &'static str,
        message: impl Into<String>,
        input: impl Into<Value>,
    ) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.into(),
            kind,
            message: message.into(),
            input: input.into(),
        }])
    }

    /// Returns the older API's error for a missing project.
    pub fn no_project(project: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Project '{project}' not found"))
    }

    /// Returns the older API's error for a missing task.
    pub fn no_task(task: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Task '{task}' not found"))
    }

    /// Returns the error for an agent that is not registered.
    pub fn no_agent(agent: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Agent '{agent}' not found"))
    }

    /// Returns a repository's refusal for a reason that names no file.
    pub fn repository(code: &'static str, message: impl Into<String>) -> Self {
        Self::Repository(Box::new(RepositoryRefusal {
            code,
            message: message.into(),
            ..RepositoryRefusal::default()
        }))
    }

    /// Returns the error for a caller whose token or sign-in has ended.
    pub fn signed_out() -> Self {
        Self::Unauthorized("Your sign-in or token is no longer valid; sign in again.".to_owned())
    }

    /// Returns the error's code on the WebSocket.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => code::NOT_FOUND,
            Self::Invalid(_)
            | Self::Exists(_)
            | Self::Refused(_)
            | Self::KeyReused
            | Self::Trimmed { .. } => code::INVALID,
            Self::Conflict { .. } | Self::Taken(_) => code::CONFLICT,
            Self::Claimed { .. } => code::CLAIMED,
            Self::Repository(refusal) => refusal.code,
            Self::Blocked(_) => code::BLOCKED,
            Self::Replaced => code::REPLACED,
            Self::OtherCaller => code::OTHER_CALLER,
            Self::Forbidden(_) | Self::Unauthorized(_) => code::FORBIDDEN,
            Self::Command(_) | Self::Storage { .. } | Self::Internal(_) => code::INTERNAL,
        }
    }

    /// Returns the error as the WebSocket carries it.
    pub fn to_wire(&self) -> WireError {
        let mut wire = WireError::new(self.code(), self.to_string());
        match self {
            Self::Conflict { current, .. } => wire.current = serde_json::to_value(current).ok(),
            Self::Claimed { holder, .. } => wire.holder = Some(holder.clone()),
            Self::Storage { temporary, .. } => wire.temporary = *temporary,
            _ => {}
        }
        wire
    }
}

impl Error {
    /// Returns the error for a store that is closing or whose thread is gone.
    pub fn store_closed() -> Self {
        Self::Storage {
            message: "The server is shutting down.".to_owned(),
            temporary: true,
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON error: {error}"))
    }
}
