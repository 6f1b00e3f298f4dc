//! Texts about what needs a person's attention: the strip, the cards, the inbox and its notices.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about attention items.
    Attention {
        the_items: Text = "The inbox", "收件箱";
        strip: Text = "Attention", "待处理";
        waiting: Count = |n, digits| if n == 1 { "1 needs you".to_owned() } else { format!("{digits} need you") }, |_, digits| format!("{digits} 个需要您处理");
        failed: Count = |_, digits| format!("{digits} failed"), |_, digits| format!("{digits} 个失败");
        silent: Count = |_, digits| format!("{digits} silent"), |_, digits| format!("{digits} 个无响应");
        no_progress: Count = |_, digits| format!("{digits} no progress"), |_, digits| format!("{digits} 个无进展");
        conflicts: Count = |n, digits| if n == 1 { "1 file conflict".to_owned() } else { format!("{digits} file conflicts") }, |_, digits| format!("{digits} 处文件冲突");
        all_running: Text = "All running", "一切正常";
        agents_active: Pair = |n, total| format!("{n} of {total} agents active"), |n, total| format!("{n} / {total} 个智能体在线");
        needs_you: Text = "Needs you", "需要您处理";
        has_failed: Text = "Failed", "失败";
        is_silent: Text = "Silent", "无响应";
        has_no_progress: Text = "No progress", "无进展";
        file_conflict: Text = "File conflict", "文件冲突";
        contradicted: Text = "Contradicted", "与事实不符";
        unclaimed: Text = "Ready, not claimed", "可开始，无人认领";
        stuck: Text = "Stuck", "停滞";
        to_review: Text = "To review", "待审核";
        queued: Text = "queued", "排队中";
        delivered: Text = "delivered", "已送达";
        read: Text = "read", "已读";
        answered: Text = "Answered, waiting for the agent", "已回答，等待智能体";
        reply: Text = "Reply", "回复";
        approve: Text = "Approve", "批准";
        reply_to: With = |agent| format!("Reply to {agent}"), |agent| format!("回复 {agent}");
        retry: Text = "Retry", "重试";
        reassign: Text = "Reassign", "改派";
        retry_task: With = |task| format!("Retry {task}: the next free agent takes it"), |task| format!("重试 {task}：由下一个空闲的智能体接手");
        reassign_to: With = |task| format!("Reassign {task} to…"), |task| format!("将 {task} 改派给…");
        retry_key: Text = "Retry a failed task", "重试失败的任务";
        reassign_key: Text = "Reassign a failed task", "改派失败的任务";
        nobody_free: Text = "No agent is connected", "没有已接入的智能体";
        works_on: With = |task| format!("works on {task}"), |task| format!("正在处理 {task}");
        given: Pair = |task, agent| format!("{task} is now with {agent}"), |task, agent| format!("{task} 已改派给 {agent}");
        not_reassigned: Pair = |task, reason| format!("{task} was not reassigned. {reason}"), |task, reason| format!("{task} 未能改派。{reason}");
        in_terminal: Text = "Answer in its terminal", "请在其终端中回答";
        in_terminal_at: With = |place| format!("Answer in its terminal: {place}"), |place| format!("请在其终端中回答：{place}");
        enter_hint: Text = "Enter sends, Esc closes.", "回车发送，Esc 关闭。";
        inbox: Text = "Inbox", "收件箱";
        inbox_count: Count = |n, digits| if n == 1 { "Inbox, 1 item".to_owned() } else { format!("Inbox, {digits} items") }, |_, digits| format!("收件箱，{digits} 项");
        open: Text = "Open", "待处理";
        snoozed: Text = "Snoozed", "已推迟";
        done: Text = "Done", "已完成";
        empty: Text = "Nothing needs you", "没有需要您处理的事项";
        empty_hint: Text = "Questions, failures, silent agents and file conflicts of all projects appear here.", "所有项目的提问、失败、无响应的智能体和文件冲突会显示在这里。";
        empty_snoozed: Text = "Nothing is snoozed", "没有已推迟的事项";
        empty_done: Text = "Nothing is done", "没有已完成的事项";
        not_supported: Text = "This server is too old to have an inbox.", "此服务器版本过旧，没有收件箱。";
        outdated: Text = "The inbox could not be refreshed. What you see may be out of date.", "收件箱未能刷新，显示的内容可能已过时。";
        resolved: Text = "This is no longer open.", "此事项已不再待处理。";
        choose: Text = "Choose an item from the list.", "请从列表中选择一项。";
        chosen: Text = "Chosen item", "所选事项";
        more: Count = |_, digits| format!("{digits} more are not listed"), |_, digits| format!("另有 {digits} 项未列出");
        previous: Text = "Previous", "上一项";
        next: Text = "Next", "下一项";
        place: Pair = |n, total| format!("{n} of {total}"), |n, total| format!("{n} / {total}");
        back: Text = "Back to the list", "返回列表";
        mark_done: Text = "Done", "完成";
        reopen: Text = "Move to open", "移回待处理";
        snooze: Text = "Snooze 1 hour", "推迟 1 小时";
        wake: Text = "End snooze", "取消推迟";
        open_task: Text = "Open task", "打开任务";
        open_agents: Text = "Open agents", "打开智能体";
        marked_done: Text = "Marked as done", "已标记为完成";
        was_snoozed: Text = "Snoozed for 1 hour", "已推迟 1 小时";
        not_marked: With = |reason| format!("The mark was not stored. {reason}"), |reason| format!("标记未能保存。{reason}");
        and: Pair = |one, other| format!("{one} and {other}"), |one, other| format!("{one} 和 {other}");
        last: With = |activity| format!("last: {activity}"), |activity| format!("上次：{activity}");
        conflicts_group: Text = "File conflicts", "文件冲突";
        progressed: With = |ago| format!("progressed {ago}"), |ago| format!("{ago}有进展");
        runs_on: With = |place| format!("Runs on {place}"), |place| format!("运行于 {place}");
        announced: Pair = |state, what| format!("{state}: {what}"), |state, what| format!("{state}：{what}");
        announced_more: Count = |_, digits| format!("{digits} new items in the inbox"), |_, digits| format!("收件箱有 {digits} 项新内容");
        notify: Text = "Desktop notifications", "桌面通知";
        notify_blocked: Text = "Notifications are blocked in the browser's settings for this page.", "浏览器设置已阻止此页面的通知。";
        go_inbox: Text = "Go to the inbox", "前往收件箱";
        in_inbox: Text = "In the inbox", "在收件箱中";
        next_item: Text = "Next or previous item", "下一项或上一项";
    }
}
