//! Texts about agents, their leases and their messages.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about agents, leases and messages.
    Agent {
        the_team: Text = "Agents and leases", "智能体和文件占用";
        one: Text = "Agent", "智能体";
        task: Text = "Task", "任务";
        no_task: Text = "No task", "无任务";
        progress: Text = "Progress", "进度";
        percent: With = |n| format!("{n}%"), |n| format!("{n}%");
        no_heartbeat: Text = "No heartbeat yet", "尚无心跳";
        heard: With = |ago| format!("seen {ago}"), |ago| format!("{ago}有响应");
        branch: Text = "Branch", "分支";
        leases: Text = "File leases", "文件占用";
        lease_count: Count = |n, digits| if n == 1 { "1 lease".to_owned() } else { format!("{digits} leases") }, |_, digits| format!("{digits} 处文件占用");
        exclusive: Text = "exclusive", "独占";
        shared: Text = "shared", "共享";
        until: With = |time| format!("until {time}"), |time| format!("至 {time}");
        conflict_with: With = |agents| format!("overlaps with {agents}"), |agents| format!("与 {agents} 重叠");
        no_leases: Text = "No file leases.", "没有智能体占用文件。";
        messages: Text = "Messages", "消息";
        from_to: Pair = |from, to| format!("{from} → {to}"), |from, to| format!("{from} → {to}");
        on_task: Pair = |agent, task| format!("{agent} on {task}"), |agent, task| format!("{agent}（{task}）");
        unread: Count = |_, digits| format!("{digits} unread"), |_, digits| format!("{digits} 条未读");
        no_messages: Text = "No messages since you opened this page.", "打开此页面以来，智能体之间没有消息。";
        empty: Text = "No agents yet", "还没有智能体";
        empty_hint: Text = "An agent appears here as soon as it registers on a task.", "智能体在任务上注册后会立即显示在这里。";
        count: Count = |n, digits| if n == 1 { "1 agent".to_owned() } else { format!("{digits} agents") }, |_, digits| format!("{digits} 个智能体");
        running: Text = "Running", "运行中";
        idle: Text = "Idle", "空闲";
        waiting: Text = "Waiting", "等待中";
        waits_question: Text = "Has a question", "有问题待回答";
        waits_permission: Text = "Needs a permission", "等待授权";
        waits_auth: Text = "Needs a sign-in", "等待登录";
        waits_dependency: Text = "Waiting for another task", "等待其他任务";
        waits_rate_limit: Text = "Usage limit reached", "已达用量上限";
        no_agent: Text = "No agent", "无智能体";
        completed: Text = "Finished", "已结束";
        failed: Text = "Failed", "失败";
        silent: Text = "Silent", "无响应";
    }
}
