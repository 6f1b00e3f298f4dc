//! Why an operation was refused or failed. Each text is a sentence for a person; the kind is for the program.

use serde::Serialize;
use serde_json::Value;
use tasktree_protocol::{AgentId, Task, WireError, error::code};

/// What an operation gives.
pub type Result<T> = std::result::Result<T, Error>;

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldError {
    /// The field's name; for an entry of a list `dependencies.2`.
    pub field: String,
    /// What kind of fault, for a program: `string_too_long`, `unknown_task`, `cycle`, ...
    pub kind: &'static str,
    /// What is wrong, for a person.
    pub message: String,
    /// What was given.
    pub input: Value,
}

/// A repository in which an operation is not possible as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RepositoryRefusal {
    /// One of the names in [`code`].
    pub code: &'static str,
    /// Sentence for a person: the fault, and the remedy.
    pub message: String,
    /// The files that it is about, at most [`Limits::merge_files`](crate::limits::Limits::merge_files).
    pub files: Vec<String>,
    /// Number of files.
    pub files_total: usize,
    /// The commit that it is about, in full.
    pub commit: Option<String>,
}

/// Why an operation was refused or failed. A refused operation changed nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing. (REST: 404)
    #[error("{0}")]
    NotFound(String),
    /// Fields of the request are wrong. (422)
    #[error("{}", sentence(.0))]
    Invalid(Vec<FieldError>),
    /// It exists already. (400, as the older API has it)
    #[error("{0}")]
    Exists(String),
    /// The state does not allow it. (400, as the older API has it)
    #[error("{0}")]
    Refused(String),
    /// The row has changed since the version that the request names. (412)
    #[error("{message}")]
    Conflict {
        /// The sentence.
        message: String,
        /// The row as it is.
        current: Box<Task>,
    },
    /// The task waits for others, so it cannot be claimed. (409)
    #[error("{0}")]
    Blocked(String),
    /// Somebody else has it. (409)
    #[error("{0}")]
    Taken(String),
    /// An agent works on the task, and the request of a person does not say that it takes it. (409)
    #[error("{message}")]
    Claimed {
        /// The sentence.
        message: String,
        /// The agent that holds the task.
        holder: AgentId,
    },
    /// The caller may not do it. (403)
    #[error("{0}")]
    Forbidden(String),
    /// What let the caller in has ended. (401)
    #[error("{0}")]
    Unauthorized(String),
    /// The idempotency key was used for another request. (422)
    #[error("The idempotency key was already used for a different request.")]
    KeyReused,
    /// The log no longer goes back so far. (410)
    #[error("Events up to {} are no longer kept; fetch the current state instead.", first_available.saturating_sub(1))]
    Trimmed {
        /// The first event that is still kept.
        first_available: u64,
    },
    /// The repository does not allow it. (409; 400 where there is none, as the older API has it)
    #[error("{}", .0.message)]
    Repository(Box<RepositoryRefusal>),
    /// A program that the server ran (git) failed. (500)
    #[error("{0}")]
    Command(String),
    /// The store failed; nothing was changed as far as it can tell. `temporary` where trying again may help. (500 or 503)
    #[error("{message}")]
    Storage {
        /// The sentence.
        message: String,
        /// Whether trying again may help: the disk was full or busy.
        temporary: bool,
    },
    /// A fault of the server. (500)
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
    /// One wrong field.
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

    /// The older API's sentence for a project that does not exist.
    pub fn no_project(project: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Project '{project}' not found"))
    }

    /// The older API's sentence for a task that does not exist.
    pub fn no_task(task: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Task '{task}' not found"))
    }

    /// The sentence for an agent that is not registered.
    pub fn no_agent(agent: &impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Agent '{agent}' not found"))
    }

    /// A repository that does not allow an operation, for a reason that names no file.
    pub fn repository(code: &'static str, message: impl Into<String>) -> Self {
        Self::Repository(Box::new(RepositoryRefusal {
            code,
            message: message.into(),
            ..RepositoryRefusal::default()
        }))
    }

    /// The sentence for somebody whose token or sign-in has ended.
    pub(crate) fn signed_out() -> Self {
        Self::Unauthorized("Your sign-in or token has ended; sign in again.".to_owned())
    }

    /// The name of the error on the socket.
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
            Self::Forbidden(_) | Self::Unauthorized(_) => code::FORBIDDEN,
            Self::Command(_) | Self::Storage { .. } | Self::Internal(_) => code::INTERNAL,
        }
    }

    /// The error as the socket carries it.
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

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON could not be written or read: {error}"))
    }
}
