//! Sentences about what failed and what can be done.

use super::catalogue::{Text, With, texts};

texts! {
    /// What failed, and what can be done.
    Errors {
        offline: Text = "The server cannot be reached. Nothing was changed; try again when the connection is back.", "无法连接服务器。没有任何改动；连接恢复后请重试。";
        unreadable: Text = "The server's answer could not be understood. It may be of another version: reload the page.", "无法理解服务器的回复，版本可能不一致，请重新加载页面。";
        not_loaded: With = |what| format!("{what} could not be loaded."), |what| format!("无法加载{what}。");
        page_not_found: Text = "There is no page at this address.", "此地址没有页面。";
        project_not_found: With = |project| format!("There is no project “{project}” on this server."), |project| format!("此服务器上没有项目“{project}”。");
        to_projects: Text = "All projects", "所有项目";
    }
}
