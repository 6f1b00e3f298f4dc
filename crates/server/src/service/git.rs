//! What the server does with git in a project's directory: its state, a new repository, a merge.

use serde::{Deserialize, Serialize};
use tasktree_protocol::{ProjectId, Task, TaskId};

use super::{Receipt, Service, WriteContext};
use crate::error::{Error, Result};

/// State of the repository in a project's directory, as the older API has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitStatus {
    /// Whether the directory is in a repository.
    pub is_git_repo: bool,
    /// The branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_branch: Option<String>,
    /// Whether there is something to commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_changes: Option<bool>,
    /// The address of `origin`; present (and maybe null) where it is a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_url: Option<Option<String>>,
}

impl Service {
    /// Merges a completed task's branch into the branch that is checked out (`--no-ff`), and marks the task merged. With `force` it
    /// is marked without git. A conflict is aborted, and the error has git's message.
    pub async fn merge_task(
        &self,
        _context: WriteContext,
        _project: &ProjectId,
        _task: &TaskId,
        _force: bool,
    ) -> Result<Receipt<Task>> {
        Err(Error::Internal("Not written yet.".to_owned()))
    }

    /// The state of the project's repository.
    pub async fn git_status(&self, _project: &ProjectId) -> Result<GitStatus> {
        Err(Error::Internal("Not written yet.".to_owned()))
    }

    /// Makes a repository in the project's directory. The value says whether a `.gitignore` was made.
    pub async fn init_git(
        &self,
        _context: WriteContext,
        _project: &ProjectId,
    ) -> Result<Receipt<bool>> {
        Err(Error::Internal("Not written yet.".to_owned()))
    }
}
