//! Comments on tasks.

use serde_json::json;
use tasktree_protocol::{Comment, ProjectId, TaskId};

use super::projects::path;
use super::request::{Call, segment};
use super::{ApiError, Once};

fn comments_path(project: &ProjectId, task: &TaskId) -> String {
    path(project, &format!("/tasks/{}/comments", segment(task)))
}

fn comment_path(project: &ProjectId, id: u64) -> String {
    path(project, &format!("/comments/{id}"))
}

/// Fetches the comments on a task, oldest first. Older servers keep none.
pub async fn list_comments(project: &ProjectId, task: &TaskId) -> Result<Vec<Comment>, ApiError> {
    Call::get(&comments_path(project, task)).read().await
}

/// Adds a comment.
pub async fn add_comment(
    project: &ProjectId,
    task: &TaskId,
    body: &str,
    once: Once<'_>,
) -> Result<Comment, ApiError> {
    once.on(Call::post(&comments_path(project, task)))
        .json(&json!({ "body": body }))?
        .read()
        .await
}

/// Changes the text of a comment.
pub async fn edit_comment(
    project: &ProjectId,
    id: u64,
    body: &str,
    once: Once<'_>,
) -> Result<Comment, ApiError> {
    once.on(Call::put(&comment_path(project, id)))
        .json(&json!({ "body": body }))?
        .read()
        .await
}

/// Deletes a comment.
pub async fn delete_comment(project: &ProjectId, id: u64) -> Result<(), ApiError> {
    Call::delete(&comment_path(project, id)).done().await
}
