//! Errors as they are sent over the wire.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AgentId;

/// Reason for a refusal, for a program (`code`) and for a person (`message`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// One of the names in [`code`].
    pub code: String,
    /// Sentence that says what was wrong and how to fix it.
    pub message: String,
    /// True if the same request may succeed later.
    #[serde(default)]
    pub temporary: bool,
    /// Delay in milliseconds after which a retry is worthwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
    /// Current row, if the request was made for an older version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
    /// Agent that holds the task, if the code is `claimed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<AgentId>,
}

/// Names of error codes.
pub mod code {
    /// The request itself is invalid.
    pub const INVALID: &str = "invalid";
    /// The named object does not exist.
    pub const NOT_FOUND: &str = "not_found";
    /// The row has changed since the version that the request names.
    pub const CONFLICT: &str = "conflict";
    /// An agent works on the task: see `holder`.
    pub const CLAIMED: &str = "claimed";
    /// The task depends on unfinished tasks, or its dependencies would form a cycle.
    pub const BLOCKED: &str = "blocked";
    /// The project was replaced, reset or brought back since the author of the command saw it.
    pub const REPLACED: &str = "replaced";
    /// Somebody else is signed in than the author of the command.
    pub const OTHER_CALLER: &str = "other_caller";
    /// The caller lacks the permission.
    pub const FORBIDDEN: &str = "forbidden";
    /// Too many requests or too much data at once.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The server failed.
    pub const INTERNAL: &str = "internal";
    /// The command could not be sent, or no answer came. Unless the message says so, it is unknown
    /// whether it took effect.
    pub const UNSENT: &str = "unsent";

    /// Merge: the branch has no commits that the main branch lacks, and never had one.
    pub const NOTHING_TO_MERGE: &str = "nothing_to_merge";
    /// Merge: the main branch already has the branch's commits.
    pub const ALREADY_MERGED: &str = "already_merged";
    /// Merge: the repository has no branch with the task's branch name.
    pub const BRANCH_MISSING: &str = "branch_missing";
    /// Merge: the repository has no main branch, or not the one that the project names.
    pub const MAIN_MISSING: &str = "main_missing";
    /// Merge: both branches changed the same lines.
    pub const MERGE_CONFLICTS: &str = "merge_conflicts";
    /// Merge: files in the checkout of the main branch would be overwritten.
    pub const DIRTY: &str = "dirty";
    /// Merge: another merge, rebase or similar operation is in progress in the repository.
    pub const REPOSITORY_BUSY: &str = "repository_busy";
    /// Merge: the two branches have no commit in common.
    pub const UNRELATED_HISTORIES: &str = "unrelated_histories";
    /// Merge: it would run a program that the repository's configuration names.
    pub const RUNS_PROGRAMS: &str = "runs_programs";
    /// The project's folder is in no repository, or is not on the server's machine.
    pub const NOT_A_REPOSITORY: &str = "not_a_repository";
    /// The repository belongs to another user of the machine, so git refuses to use it.
    pub const DUBIOUS_OWNERSHIP: &str = "dubious_ownership";
    /// The folder is inside another repository.
    pub const INSIDE_REPOSITORY: &str = "inside_repository";
    /// Git failed; the message quotes it.
    pub const GIT_FAILED: &str = "git_failed";
}

impl WireError {
    /// Creates a permanent error, which stays one however often the request is made.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            temporary: false,
            retry_ms: None,
            current: None,
            holder: None,
        }
    }

    /// Parses [`WireError::current`] as a row of type `T`. Returns `None` if there is no row or it
    /// cannot be read.
    pub fn current_row<T: DeserializeOwned>(&self) -> Option<T> {
        read_row(self.current.as_ref()?)
    }
}

/// Reads a row from parsed JSON, by way of text. Deserializing from a [`Value`] would add a second
/// copy of the row-reading code to the browser's download, for answers that are rare.
pub(crate) fn read_row<T: DeserializeOwned>(row: &Value) -> Option<T> {
    serde_json::from_str(&row.to_string()).ok()
}
