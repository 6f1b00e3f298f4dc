//! Sentences about failures and their remedies.

use tasktree_protocol::error::code;

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Sentences about failures and their remedies.
    Errors {
        offline: Text = "The server cannot be reached.", "无法连接服务器。";
        unanswered: Text = "The server did not answer. Check if the change took effect before you try again.", "服务器没有回复。重试之前，请先确认更改是否已经生效。";
        unreadable: Text = "The server's answer could not be read. It may have another version: reload the page.", "无法理解服务器的回复，版本可能不一致，请重新加载页面。";
        refused: Pair = |_, message| message.to_owned(), |code, message| format!("{}（{message}）", refusal_zh(code));
        not_loaded: With = |what| format!("{what} could not be loaded."), |what| format!("无法加载{what}。");
        not_refreshed: Text = "This could not be refreshed and may lack the latest changes.", "当前内容无法重新读取，可能缺少最新的变更。";
        page_not_found: Text = "Page not found", "找不到页面";
        project_not_found: With = |project| format!("Project “{project}” not found"), |project| format!("找不到项目“{project}”");
        to_projects: Text = "All projects", "所有项目";
    }
}

/// Returns the meaning of a server's error code, in Chinese.
fn refusal_zh(name: &str) -> Text {
    match name {
        code::NOT_FOUND => "服务器上没有此项，可能已被删除。",
        code::CONFLICT => "此项已被他人更改。",
        code::BLOCKED => "任务被前置任务阻塞，或前置任务形成了循环。",
        code::REPLACED => "提出此更改之后，项目已被替换、重置或恢复。",
        code::OTHER_CALLER => "此更改由他人提出，需要其本人重新登录后发送。",
        code::FORBIDDEN => "没有权限。",
        code::RATE_LIMITED => "请求过于频繁，请稍后再试。",
        code::INTERNAL => "服务器出错，请稍后再试。",
        _ => "服务器拒绝了此操作。",
    }
}
