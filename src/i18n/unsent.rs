//! Texts about changes that the server has not answered yet.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about changes that wait for the connection.
    Unsent {
        title: Text = "Not sent yet", "尚未发送";
        explanation: Text = "These changes are sent when the connection is back. If this page closes or crashes before that, they are sent the next time TaskTree is open in this browser.", "连接恢复后会发送这些更改。如果页面在此之前关闭或崩溃，下次在此浏览器中打开 TaskTree 时会继续发送。";
        explanation_page: Text = "These changes are sent when the connection is back. This server's version is too old to keep them beyond this page: they are lost if it closes or crashes before that.", "连接恢复后会发送这些更改。服务器版本过旧，无法在页面关闭后保留这些更改：如果页面在此之前关闭或崩溃，它们将会丢失。";
        explanation_full: Text = "These changes are sent when the connection is back. This browser's storage is full or blocked, so they are lost if this page closes or crashes before that.", "连接恢复后会发送这些更改。此浏览器的存储空间已满或被禁用，如果页面在此之前关闭或崩溃，这些更改将会丢失。";
        reports_title: Text = "Changes that were not made", "未能完成的更改";
        reports_explanation: Text = "You made these before the page was closed or reloaded.", "这些更改是在页面关闭或重新加载之前提出的。";
        asked_at: With = |time| format!("Made on {time}"), |time| format!("提出时间：{time}");
        copy: With = |change| format!("Copy text: {change}"), |change| format!("复制内容：{change}");
        field_waits: Text = "Not sent yet: waiting for the connection.", "尚未发送：正在等待连接。";
        added_later: With = |title| format!("“{title}” is added when the connection is back."), |title| format!("连接恢复后将添加“{title}”。");
        not_added: Pair = |title, reason| format!("“{title}” was not added. {reason}"), |title, reason| format!("“{title}”未能添加。{reason}");
        create: With = |title| format!("Add “{title}”"), |title| format!("添加“{title}”");
        move_to: Pair = |task, column| format!("Move {task} to {column}"), |task, column| format!("将 {task} 移至“{column}”");
        change: With = |task| format!("Change {task}"), |task| format!("更改 {task}");
        delete: With = |task| format!("Delete {task}"), |task| format!("删除 {task}");
        restore: With = |task| format!("Restore {task}"), |task| format!("恢复 {task}");
        discard: With = |change| format!("Discard: {change}"), |change| format!("丢弃：{change}");
        handed_over: Text = "Another TaskTree page in this browser has taken the change over, and will make or report it.", "此浏览器中的另一个 TaskTree 页面已接管该更改，将由它完成或报告。";
        discarded: Text = "It was discarded before it was sent.", "已在发送前丢弃。";
        count: Count = |_, digits| format!("{digits} not sent"), |_, digits| format!("{digits} 项未发送");
        not_sent_yet: Text = "not sent yet", "尚未发送";
    }
}
