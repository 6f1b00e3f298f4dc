//! Texts of a card.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Texts of a card of the board.
    Card {
        merged_by_hand: Text = "merged by hand", "手动标记合并";
        blocked_by: With = |tasks| format!("blocked by {tasks}"), |tasks| format!("被 {tasks} 阻塞");
        copy_branch: With = |branch| format!("Copy branch {branch}"), |branch| format!("复制分支名 {branch}");
        in_column_since: With = |time| format!("In this column since {time}"), |time| format!("{time} 进入此列");
        changed_by: Pair = |actor, ago| format!("Changed by {actor}, {ago}"), |actor, ago| format!("{actor} 更改于{ago}");
        urgent: Text = "Urgent", "紧急";
        high: Text = "High", "高";
        medium: Text = "Medium", "中";
        low: Text = "Low", "低";
        no_priority: Text = "No priority", "无优先级";
        priority_number: With = |n| format!("Priority {n}"), |n| format!("优先级 {n}");
        move_to: With = |task| format!("Move {task} to…"), |task| format!("将 {task} 移动到…");
        on_hold: Text = "On hold", "已搁置";
        on_hold_because: With = |reason| format!("On hold: {reason}"), |reason| format!("已搁置：{reason}");
        proven: Text = "Proven", "已证实";
        proven_hint: Text = "The server watched the work and confirmed what the agent stated.", "服务器观察到工作过程，且智能体所述属实。";
        stated: Text = "Stated", "仅声明";
        stated_hint: Text = "The agent stated this; the server could not check it.", "仅为智能体的声明，服务器无法核实。";
        contradicted: Text = "Contradicted", "与事实不符";
        contradicted_hint: Text = "The server's findings contradict what the agent stated.", "服务器发现的情况与智能体所述不符。";
    }
}
