//! Words of the board, its columns and its cards.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// The board, its columns and its cards.
    Board {
        title: Text = "Board", "看板";
        unclaimed: Text = "TODO", "待办";
        up_next: Text = "UP NEXT", "即将开始";
        in_progress: Text = "WORKING", "进行中";
        completed: Text = "DONE", "已完成";
        merged: Text = "MERGED", "已合并";
        add_task: Text = "Add task", "添加任务";
        tasks: Count = |n, digits| if n == 1 { "1 task".to_owned() } else { format!("{digits} tasks") }, |_, digits| format!("{digits} 个任务");
        column_label: Pair = |column, tasks| format!("{column}, {tasks}"), |column, tasks| format!("{column}，{tasks}");
        columns: Text = "Columns", "列";
        empty_column: Text = "Nothing here", "暂无任务";
        empty: Text = "This project has no tasks yet.", "此项目还没有任务。";
        loading: Text = "The board is loading", "看板加载中";
        the_board: Text = "The board", "看板";
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
        place: Pair = |n, total| format!(", {n} of {total}"), |n, total| format!("，第 {n} 个，共 {total} 个");
        picked_up: With = |task| format!("{task} picked up. Left and right choose a column, Space drops, Escape puts it back."), |task| format!("已拿起 {task}。左右键选择列，空格放下，Esc 放回原处。");
        put_back: Pair = |task, column| format!("{task} stays in {column}"), |task, column| format!("{task} 仍在“{column}”");
        not_moved: Pair = |task, reason| format!("{task} was not moved. {reason}"), |task, reason| format!("{task} 未能移动。{reason}");
        overtaken: Pair = |actor, column| format!("Meanwhile {actor} has moved it to {column}."), |actor, column| format!("期间{actor}已将其移至“{column}”。");
        not_added: With = |reason| format!("The task was not added. {reason}"), |reason| format!("任务未能添加。{reason}");
        added: With = |title| format!("“{title}” added"), |title| format!("已添加“{title}”");
        search: Text = "Search tasks", "搜索任务";
        filter: Text = "Filter", "筛选";
        all_columns: Text = "All columns", "所有列";
        all_agents: Text = "All agents", "所有代理";
        blocked_only: Text = "Blocked", "被阻塞";
        shown: Pair = |n, total| format!("{n} of {total}"), |n, total| format!("{n} / {total}");
        shown_hint: Text = "Tasks shown of all", "显示的任务数 / 总数";
        clear_filter: Text = "Clear filter", "清除筛选";
        new_task: Text = "New task", "新任务";
        new_title: Text = "What is to be done?", "要做什么？";
        new_hint: Text = "Enter adds it and stays for the next one.", "按回车添加，并继续添加下一个。";
        more_fields: Text = "Description, priority, dependencies", "描述、优先级、依赖";
        title_missing: Text = "A task needs a title.", "任务需要标题。";
    }
}
