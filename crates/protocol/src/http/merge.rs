//! Merges of finished tasks.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Preview of a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MergePreview {
    /// Branch of the task.
    pub branch: String,
    /// Branch that it would be merged into.
    pub main_branch: String,
    /// Newest commit of the branch, in full.
    pub branch_commit: String,
    /// Newest commit of the main branch, in full.
    pub main_commit: String,
    /// Commits that the main branch lacks, newest first, at most 100.
    pub commits: Vec<CommitLine>,
    /// Number of all such commits.
    pub commits_total: u64,
    /// Files that the branch changed, at most 500.
    pub files: Vec<FileLine>,
    /// Number of all such files.
    pub files_total: u64,
    /// Lines added, in all files.
    pub additions: u64,
    /// Lines deleted, in all files.
    pub deletions: u64,
    /// Refusal that a merge would get now; null if it would succeed.
    pub refusal: Option<MergeRefusal>,
}

/// Commit, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CommitLine {
    /// Id of the commit, in full.
    pub sha: String,
    /// First line of its message.
    pub subject: String,
    /// Name of its author.
    pub author: String,
    /// Time at which it was written.
    pub time: Timestamp,
}

/// File that the branch changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileLine {
    /// Path in the repository.
    pub path: String,
    /// `A` added, `D` deleted, `M` modified, `T` another kind of file.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub kind: char,
    /// Lines added; null for a file that is not text.
    #[serde(default)]
    pub additions: Option<u64>,
    /// Lines deleted.
    #[serde(default)]
    pub deletions: Option<u64>,
}

/// Reason for which the repository's current state does not allow an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MergeRefusal {
    /// `nothing_to_merge`, `already_merged`, `merge_conflicts`, `dirty`, `repository_busy`,
    /// `unrelated_histories`, `runs_programs`, or another code of a repository.
    pub code: String,
    /// Sentence for a person: the fault, and the remedy.
    pub message: String,
    /// Files that the refusal is about, at most 500.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub files: Vec<String>,
    /// Number of all such files.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub files_total: u64,
    /// Commit that the refusal is about, in full.
    #[serde(default)]
    pub commit: Option<String>,
}
