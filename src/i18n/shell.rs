//! Texts of the frame: bar, menus, notifications, log and feed.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts of the frame around the pages.
    Shell {
        view_not_loaded: Text = "This part of the page could not be loaded. Trying again.", "页面的这一部分无法加载，正在重试。";
        view_replaced: Text = "The server was upgraded, and this part of the page is no longer there. Reload the page to get the new version; text that you have typed is kept.", "服务器已升级，页面的这一部分已不存在。请重新加载页面以使用新版本；已输入的文字会保留。";
        language: Text = "Language", "语言";
        display: Text = "Display", "显示";
        comfortable: Text = "Comfortable", "宽松";
        compact: Text = "Compact", "紧凑";
        theme_system: Text = "System", "跟随系统";
        theme_light: Text = "Light", "浅色";
        theme_dark: Text = "Dark", "深色";
        notifications: Text = "Notifications", "通知";
        unread_notifications: Count = |n, digits| if n == 1 { "1 new notification".to_owned() } else { format!("{digits} new notifications") }, |_, digits| format!("{digits} 条新通知");
        no_notifications: Text = "No notifications since you opened this page.", "打开此页面以来没有通知。";
        events: Text = "Events", "事件";
        no_events: Text = "No changes yet. They appear here as they happen.", "还没有发生任何事，变更会实时显示在这里。";
        log: Text = "Log", "日志";
        log_lines: Text = "The log", "日志";
        no_log: Text = "No log lines yet.", "还没有日志。";
        log_from_now: Text = "Lines written from now on appear here.", "此后写入的日志会显示在这里。";
        pause: Text = "Pause", "暂停";
        follow: Text = "Follow", "跟随";
        new_lines: Count = |n, digits| if n == 1 { "1 new line".to_owned() } else { format!("{digits} new lines") }, |_, digits| format!("{digits} 行新日志");
        lines_kept: Count = |_, digits| format!("last {digits} lines"), |_, digits| format!("最近 {digits} 行");
        event_task_created: Text = "Task created", "任务已创建";
        event_task_updated: Text = "Task changed", "任务已修改";
        event_task_deleted: Text = "Task deleted", "任务已删除";
        event_task_status_changed: Text = "Status changed", "状态已变更";
        event_tasks_reset: Text = "Tasks reset", "任务已重置";
        tasks_were_reset: Pair = |tasks, actor| format!("{tasks} reset by {actor}"), |tasks, actor| format!("{tasks}已重置（{actor}）");
        reset_undone: With = |what| format!("The reset was undone: {what}."), |what| format!("已撤销重置：{what}。");
        reset_kept: With = |why| format!(" Unchanged: {why}"), |why| format!("保持不变的有：{why}");
        reset_not_undone: With = |reason| format!("The reset was not undone. {reason}"), |reason| format!("未能撤销重置。{reason}");
        reset_over: Text = "It was already undone, or is older than 30 days.", "此前已撤销，或已超过 30 天。";
        event_task_merged: Text = "Task merged", "任务已合并";
        event_task_completed: Text = "Task done", "任务已完成";
        event_task_queued_for_merge: Text = "Queued for merge", "等待合并";
        event_agent_spawned: Text = "Agent registered", "智能体已注册";
        event_agent_status_update: Text = "Agent report", "智能体已汇报";
        event_agent_silent: Text = "Agent is silent", "智能体无响应";
        event_agent_messages: Text = "Message sent", "已发送消息";
        event_comments_changed: Text = "Comments changed", "评论变动";
        event_attention_changed: Text = "Attention changed", "待处理事项变动";
        event_attention_marked: Text = "Attention item marked", "已标记待处理事项";
        event_agent_removed: Text = "Agent left", "智能体已离开";
        event_coordination_update: Text = "Agents changed", "智能体变动";
        event_file_locks_update: Text = "File leases changed", "文件占用变动";
        event_plan_generated: Text = "Plan stored", "计划已保存";
        event_notification: Text = "Notification", "通知";
        event_question_asked: Text = "Question asked", "提出问题";
        event_question_answered: Text = "Question answered", "已回答问题";
        event_answer_delivered: Text = "Answer delivered", "回答已送达";
        event_question_closed: Text = "Question closed", "问题已关闭";
        event_project_created: Text = "Project created", "项目已创建";
        event_project_updated: Text = "Project changed", "项目已修改";
        event_project_deleted: Text = "Project deleted", "项目已删除";
        event_project_reset: Text = "Project reset", "项目已重置";
        product: Text = "TaskTree", "TaskTree";
        page_title: With = |page| format!("{page} · TaskTree"), |page| format!("{page} · TaskTree");
        page_of_project: Pair = |page, project| format!("{page} · {project} · TaskTree"), |page, project| format!("{page} · {project} · TaskTree");
        skip: Text = "Skip to content", "跳到内容";
        views: Text = "Views", "视图";
        activity: Text = "Activity", "动态";
        board: Text = "Board", "看板";
        agents: Text = "Agents", "智能体";
    }
}
