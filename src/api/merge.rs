//! Merges of finished tasks.

use serde::Deserialize;
use tasktree_protocol::{ProjectId, TaskId, Timestamp};

use super::ApiError;
use super::projects::path;
use super::request::{Call, segment};

/// What a merge would bring.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MergePreview {
    /// The task's branch.
    pub branch: String,
    /// The branch that it would be merged into.
    pub main_branch: String,
    /// The commits that the main branch lacks, newest first; not all where there are many.
    pub commits: Vec<CommitLine>,
    /// How many there are.
    pub commits_total: u64,
    /// The files that the branch changed; not all where there are many.
    pub files: Vec<FileLine>,
    /// How many there are.
    pub files_total: u64,
    /// What a merge would be refused for as things are.
    pub refusal: Option<MergeRefusal>,
}

/// A commit, in short.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CommitLine {
    /// Its name, in full.
    pub sha: String,
    /// The first line of its message.
    pub subject: String,
    /// Who wrote it.
    pub author: String,
    /// When it was written.
    pub time: Timestamp,
}

/// A file that a branch changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileLine {
    /// Its path in the repository.
    pub path: String,
    /// Lines that came; none of a file that is no text.
    #[serde(default)]
    pub additions: Option<u64>,
    /// Lines that went.
    #[serde(default)]
    pub deletions: Option<u64>,
}

/// Why a merge is not possible as things are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MergeRefusal {
    /// One of the names in [`code`](tasktree_protocol::error::code).
    pub code: String,
    /// The server's sentence.
    pub message: String,
    /// The files that it is about.
    #[serde(default)]
    pub files: Vec<String>,
    /// The commit that it is about, in full.
    #[serde(default)]
    pub commit: Option<String>,
}

/// How a task becomes merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeBy {
    /// By a merge of its branch.
    Git,
    /// Because the main branch contains its branch already.
    Containment,
    /// By hand: the server asks no repository.
    Hand,
}

fn call_path(project: &ProjectId, task: &TaskId) -> String {
    path(project, &format!("/tasks/{}/merge", segment(task)))
}

/// Reads what a merge of a completed task would bring.
pub async fn preview_merge(project: &ProjectId, task: &TaskId) -> Result<MergePreview, ApiError> {
    Call::get(&call_path(project, task)).read().await
}

/// Marks a completed task merged, once it is.
pub async fn merge_task(project: &ProjectId, task: &TaskId, by: MergeBy) -> Result<(), ApiError> {
    let call = Call::post(&call_path(project, task));
    let call = match by {
        MergeBy::Git => call,
        MergeBy::Containment => call.query("contained", "true"),
        MergeBy::Hand => call.query("force", "true"),
    };
    call.done().await
}
