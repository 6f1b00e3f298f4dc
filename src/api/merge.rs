//! Merges of finished tasks.

use tasktree_protocol::http::{MergePreview, paths};
use tasktree_protocol::{ProjectId, TaskId};

use super::ApiError;
use super::request::Call;

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

/// Fetches a preview of the merge of a completed task.
pub async fn preview_merge(project: &ProjectId, task: &TaskId) -> Result<MergePreview, ApiError> {
    Call::get(&paths::merge(project, task)).read().await
}

/// Merges a completed task, or marks it as merged.
pub async fn merge_task(project: &ProjectId, task: &TaskId, by: MergeBy) -> Result<(), ApiError> {
    let call = Call::post(&paths::merge(project, task));
    let call = match by {
        MergeBy::Git => call,
        MergeBy::Containment => call.query("contained", "true"),
        MergeBy::Hand => call.query("force", "true"),
    };
    call.done().await
}
