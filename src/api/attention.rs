//! Attention items.

use tasktree_protocol::ProjectId;
use tasktree_protocol::attention::{Attention, AttentionMark, AttentionMarked};
use tasktree_protocol::http::paths;

use super::ApiError;
use super::request::Call;

/// Fetches the open attention items of all projects that the caller may see.
pub async fn list_attention() -> Result<Attention, ApiError> {
    Call::get(paths::ATTENTION).read().await
}

/// Changes the caller's marks on an item, and returns all of them.
pub async fn mark_attention(
    project: &ProjectId,
    item: u64,
    mark: &AttentionMark,
) -> Result<AttentionMarked, ApiError> {
    Call::put(&paths::attention_marks(project, item))
        .json(mark)?
        .read()
        .await
}
