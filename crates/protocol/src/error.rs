//! Errors as they go over the wire.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AgentId;

/// Why something was refused, for a program (`code`) and for a person (`message`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// One of the names in [`code`].
    pub code: String,
    /// A sentence that says what was wrong and what can be done.
    pub message: String,
    /// Whether the same request may succeed later.
    #[serde(default)]
    pub temporary: bool,
    /// After how many milliseconds it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
    /// The row as it is now, where the request was made for an older version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
    /// The agent that holds the task, where the code is `claimed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<AgentId>,
}

/// Names of errors.
pub mod code {
    /// The request itself is wrong.
    pub const INVALID: &str = "invalid";
    /// There is no such thing.
    pub const NOT_FOUND: &str = "not_found";
    /// The row has changed since the version that the request names.
    pub const CONFLICT: &str = "conflict";
    /// An agent works on the task: see `holder`.
    pub const CLAIMED: &str = "claimed";
    /// The task waits for others, or the dependencies would form a circle.
    pub const BLOCKED: &str = "blocked";
    /// Not allowed.
    pub const FORBIDDEN: &str = "forbidden";
    /// Too much at once.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The server failed.
    pub const INTERNAL: &str = "internal";
    /// The command could not be sent, or no answer came: whether it took effect is not known unless it is said.
    pub const UNSENT: &str = "unsent";

    /// A merge: the branch has no commits that the main branch lacks, and never had one.
    pub const NOTHING_TO_MERGE: &str = "nothing_to_merge";
    /// A merge: the main branch has the branch's commits already.
    pub const ALREADY_MERGED: &str = "already_merged";
    /// A merge: the repository has no branch of the task's name.
    pub const BRANCH_MISSING: &str = "branch_missing";
    /// A merge: the repository has no main branch, or not the one that the project names.
    pub const MAIN_MISSING: &str = "main_missing";
    /// A merge: both branches changed the same lines.
    pub const MERGE_CONFLICTS: &str = "merge_conflicts";
    /// A merge: files where the main branch is checked out would be overwritten.
    pub const DIRTY: &str = "dirty";
    /// A merge: another merge, rebase or the like is under way in the repository.
    pub const REPOSITORY_BUSY: &str = "repository_busy";
    /// A merge: the two branches have no commit in common.
    pub const UNRELATED_HISTORIES: &str = "unrelated_histories";
    /// A merge: it would run a program that the repository's configuration names.
    pub const RUNS_PROGRAMS: &str = "runs_programs";
    /// The project's folder is in no repository, or is not on the server's machine.
    pub const NOT_A_REPOSITORY: &str = "not_a_repository";
    /// The repository belongs to another user of the machine, so git refuses to use it.
    pub const DUBIOUS_OWNERSHIP: &str = "dubious_ownership";
    /// The folder is inside another repository.
    pub const INSIDE_REPOSITORY: &str = "inside_repository";
    /// Git failed; the message has its own words.
    pub const GIT_FAILED: &str = "git_failed";
}

impl WireError {
    /// An error that stays one however often the request is made.
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

    /// [`WireError::current`] as a row of its type, where there is one and it can be read.
    pub fn current_row<T: DeserializeOwned>(&self) -> Option<T> {
        read_row(self.current.as_ref()?)
    }
}

/// A row out of JSON that has been read already. It takes the way over text: the code that reads a row from a [`Value`]
/// would be a second copy of all of it in what a browser downloads, for answers that are few.
pub(crate) fn read_row<T: DeserializeOwned>(row: &Value) -> Option<T> {
    serde_json::from_str(&row.to_string()).ok()
}
