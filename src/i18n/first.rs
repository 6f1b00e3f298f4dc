//! Words that the first part of the program says, see [`crate::later`]: those of a board that is painted.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// A board that is painted, and the frame around it.
    First {
        product: Text = "TaskTree", "TaskTree";
        page_title: With = |page| format!("{page} · TaskTree"), |page| format!("{page} · TaskTree");
        page_of_project: Pair = |page, project| format!("{page} · {project} · TaskTree"), |page, project| format!("{page} · {project} · TaskTree");
        retry: Text = "Retry", "重试";
        skip: Text = "Skip to content", "跳到内容";
        views: Text = "Views", "视图";
        activity: Text = "Activity", "动态";
        board: Text = "Board", "看板";
        loading: Text = "The board is loading", "看板加载中";
        columns: Text = "Columns", "列";
        column_label: Pair = |column, tasks| format!("{column}, {tasks}"), |column, tasks| format!("{column}，{tasks}");
        tasks: Count = |n, digits| if n == 1 { "1 task".to_owned() } else { format!("{digits} tasks") }, |_, digits| format!("{digits} 个任务");
        empty_column: Text = "Nothing here", "暂无任务";
        unclaimed: Text = "TODO", "待办";
        up_next: Text = "UP NEXT", "待执行";
        in_progress: Text = "WORKING", "进行中";
        completed: Text = "DONE", "已完成";
        merged: Text = "MERGED", "已合并";
        add_task: Text = "Add task", "添加任务";
        merged_by_hand: Text = "merged by hand", "手动标记合并";
        waits_for: With = |tasks| format!("waits for {tasks}"), |tasks| format!("等待 {tasks}");
        list_comma: Text = ", ", "、";
        copy_branch: With = |branch| format!("Copy branch {branch}"), |branch| format!("复制分支名 {branch}");
        in_column_since: With = |time| format!("In this column since {time}"), |time| format!("{time} 进入此列");
        changed_by: Pair = |actor, ago| format!("Changed by {actor}, {ago}"), |actor, ago| format!("{actor} 更改于{ago}");
        a_person: Text = "a person", "用户";
        the_server: Text = "the server", "服务器";
        urgent: Text = "Urgent", "紧急";
        high: Text = "High", "高";
        medium: Text = "Medium", "中";
        low: Text = "Low", "低";
        no_priority: Text = "No priority", "无优先级";
        priority_number: With = |n| format!("Priority {n}"), |n| format!("优先级 {n}");
        move_to: With = |task| format!("Move {task} to…"), |task| format!("将 {task} 移动到…");
        agents: Text = "Agents", "智能体";
        agent_running: Text = "Running", "运行中";
        agent_idle: Text = "Idle", "空闲";
        agent_waiting: Text = "Waiting", "等待中";
        waits_question: Text = "Has a question", "有问题待回答";
        waits_permission: Text = "Needs a permission", "等待授权";
        waits_auth: Text = "Needs a sign-in", "等待登录";
        waits_dependency: Text = "Waiting for another task", "等待其他任务";
        waits_rate_limit: Text = "Usage limit reached", "已达用量上限";
        no_agent: Text = "No agent", "无智能体";
        on_hold: Text = "On hold", "已搁置";
        on_hold_because: With = |reason| format!("On hold: {reason}"), |reason| format!("已搁置：{reason}");
        proven: Text = "Proven", "已证实";
        proven_hint: Text = "The server saw the work and found what the agent stated.", "服务器观察到工作过程，且智能体所述属实。";
        stated: Text = "Stated", "仅声明";
        stated_hint: Text = "The agent stated this; the server could not check it.", "仅为智能体的声明，服务器无法核实。";
        contradicted: Text = "Contradicted", "与事实不符";
        contradicted_hint: Text = "The server found the contrary of what the agent stated.", "服务器发现的情况与智能体所述不符。";
        agent_completed: Text = "Finished", "已结束";
        agent_failed: Text = "Failed", "已失败";
        agent_silent: Text = "Silent", "无响应";
        all_projects: Text = "All projects", "所有项目";
        projects: Text = "Projects", "项目";
        switch_project: Text = "Switch project", "切换项目";
        connection: Text = "Connection", "连接";
        connecting: Text = "Connecting", "连接中";
        live: Text = "Live", "实时";
        catching_up: Count = |_, digits| format!("Catching up ({digits})"), |_, digits| format!("同步中 ({digits})");
        catching_up_some: Text = "Catching up", "同步中";
        reconnecting: Count = |_, digits| format!("Reconnecting in {digits} s"), |_, digits| format!("{digits} 秒后重连");
        retry_now: Text = "Retry", "立即重试";
        offline: Text = "Offline", "离线";
        data_from: With = |time| format!("data from {time}"), |time| format!("数据截至 {time}");
        degraded: Text = "Unsteady", "不稳定";
        compatible: Text = "Compatible mode", "兼容模式";
        idle: Text = "Not connected", "未连接";
        stopped_closed: Text = "Connection closed", "连接已关闭";
        stopped_limit: Text = "Could not reconnect", "无法重新连接";
        stopped_sign_in: Text = "Sign in needed", "需要登录";
        stopped_version: Text = "Another version", "版本不一致";
        stopped_refused: Text = "Refused by the server", "被服务器拒绝";
        unsent_count: Count = |_, digits| format!("{digits} not sent"), |_, digits| format!("{digits} 项未发送");
        unsent: Text = "not sent yet", "尚未发送";
        reload: Text = "Reload the page", "重新加载页面";
        part_not_loaded: Text = "The rest of this page could not be loaded, so it is not live. It is tried again; if that does not help, reload the page.", "页面的其余部分无法加载，因此内容不是实时的。正在重试；若无效，请重新加载页面。";
    }
}
