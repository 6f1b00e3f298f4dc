//! Comments on tasks.

use tasktree_protocol::http::{NewComment, paths};
use tasktree_protocol::{Comment, ProjectId, TaskId};

use super::request::Call;
use super::{ApiError, Once};

/// Fetches the comments on a task, oldest first. Older servers keep none.
pub async fn list_comments(project: &ProjectId, task: &TaskId) -> Result<Vec<Comment>, ApiError> {
    Call::get(&paths::comments(project, task)).read().await
}

/// Adds a comment.
pub async fn add_comment(
    project: &ProjectId,
    task: &TaskId,
    body: &str,
    once: Once<'_>,
) -> Result<Comment, ApiError> {
    once.on(Call::post(&paths::comments(project, task)))
        .json(&NewComment {
            body: body.to_owned(),
        })?
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
    once.on(Call::put(&paths::comment(project, id)))
        .json(&NewComment {
            body: body.to_owned(),
        })?
        .read()
        .await
}

/// Deletes a comment.
pub async fn delete_comment(project: &ProjectId, id: u64) -> Result<(), ApiError> {
    Call::delete(&paths::comment(project, id)).done().await
}
