//! Texts about comments.

use super::catalogue::{Count, Text, With, texts};

texts! {
    /// Texts about comments on a task.
    Comments {
        title: Text = "Comments", "评论";
        count: Count = |n, digits| if n == 1 { "1 comment".to_owned() } else { format!("{digits} comments") }, |_, digits| format!("{digits} 条评论");
        the_comments: Text = "The comments", "评论";
        empty: Text = "No comments yet.", "还没有评论。";
        write: Text = "Write a comment", "写评论";
        send: Text = "Comment", "发表评论";
        hint: Text = "Markdown. Ctrl+Enter sends.", "支持 Markdown。Ctrl+Enter 发送。";
        edit: Text = "Edit comment", "编辑评论";
        edited: Text = "edited", "已编辑";
        delete: Text = "Delete comment", "删除评论";
        deleted: Text = "This comment was deleted.", "此评论已删除。";
        delete_question: Text = "Delete this comment?", "要删除这条评论吗？";
        delete_warning: Text = "Its text cannot be brought back.", "评论内容将无法恢复。";
        not_sent: With = |reason| format!("The comment was not saved. {reason}"), |reason| format!("评论未能保存。{reason}");
        not_deleted: With = |reason| format!("The comment was not deleted. {reason}"), |reason| format!("评论未能删除。{reason}");
    }
}
