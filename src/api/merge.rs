//! Merges of finished tasks.

use serde::Deserialize;
use tasktree_protocol::{ProjectId, TaskId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, segment};

/// Preview of a merge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MergePreview {
    /// Branch of the task.
    pub branch: String,
    /// Branch that it would be merged into.
    pub main_branch: String,
    /// Commits that the main branch lacks, newest first; cut off if there are many.
    pub commits: Vec<CommitLine>,
    /// Number of all such commits.
    pub commits_total: u64,
    /// Files that the branch changed; cut off if there are many.
    pub files: Vec<FileLine>,
    /// Number of all such files.
    pub files_total: u64,
    /// Reason for which a merge would be refused at present.
    pub refusal: Option<MergeRefusal>,
}

/// Summary of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CommitLine {
    /// Full name of the commit.
    pub sha: String,
    /// First line of its message.
    pub subject: String,
    /// Author of the commit.
    pub author: String,
    /// Time at which it was written.
    pub time: Timestamp,
}

/// File that a branch changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileLine {
    /// Path in the repository.
    pub path: String,
    /// Number of added lines; `None` for a binary file.
    #[serde(default)]
    pub additions: Option<u64>,
    /// Number of removed lines.
    #[serde(default)]
    pub deletions: Option<u64>,
}

/// Reason why a merge is not possible at present.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MergeRefusal {
    /// One of the names in [`code`](tasktree_protocol::error::code).
    pub code: String,
    /// Sentence of the server.
    pub message: String,
    /// Files concerned.
    #[serde(default)]
    pub files: Vec<String>,
    /// Full name of the commit concerned.
    #[serde(default)]
    pub commit: Option<String>,
}

/// Means by which a task becomes merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeBy {
    /// By a merge of its branch.
    Git,
    /// Because the main branch contains its branch already.
    Containment,
    /// By hand: the server checks no repository.
    Hand,
}

fn call_path(project: &ProjectId, task: &TaskId) -> String {
    path(project, &format!("/tasks/{}/merge", segment(task)))
}

/// Fetches a preview of the merge of a completed task.
pub async fn preview_merge(project: &ProjectId, task: &TaskId) -> Result<MergePreview, ApiError> {
    Call::get(&call_path(project, task)).read().await
}

/// Merges a completed task, or marks it as merged.
pub async fn merge_task(project: &ProjectId, task: &TaskId, by: MergeBy) -> Result<(), ApiError> {
    let call = Call::post(&call_path(project, task));
    let call = match by {
        MergeBy::Git => call,
        MergeBy::Containment => call.query("contained", "true"),
        MergeBy::Hand => call.query("force", "true"),
    };
    call.done().await
}
