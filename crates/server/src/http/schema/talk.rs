//! People, and what they write to each other and to agents.

use utoipa::ToSchema;

mirrors! {
    /// A comment on a task.
    Comment {
        id: u64,
        task_id: String,
        /// An actor: `human:..` or `agent:..`.
        author: String,
        /// Markdown; empty once it is deleted.
        body: String,
        made_at: String,
        edited_at: Option<String>,
        deleted_at: Option<String>,
    }
    /// The text of a comment.
    NewComment {
        /// Markdown, at most 16 KiB.
        body: String,
    }
}
