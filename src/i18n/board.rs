//! Texts of the board, its columns and its cards.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts of the board, its columns and its cards.
    Board {
        empty: Text = "This project has no tasks yet.", "此项目还没有任务。";
        the_board: Text = "The board", "看板";
        place: Pair = |n, total| format!(", {n} of {total}"), |n, total| format!("，第 {n} 个，共 {total} 个");
        picked_up: With = |task| format!("{task} picked up. Left and right choose a column, Space drops it, Escape cancels."), |task| format!("已拿起 {task}。左右键选择列，空格放下，Esc 放回原处。");
        put_back: Pair = |task, column| format!("{task} stays in {column}"), |task, column| format!("{task} 仍在“{column}”");
        not_moved: Pair = |task, reason| format!("{task} was not moved. {reason}"), |task, reason| format!("{task} 未能移动。{reason}");
        overtaken: Pair = |actor, column| format!("Meanwhile {actor} has moved it to {column}."), |actor, column| format!("期间{actor}已将其移至“{column}”。");
        claimed: Pair = |task, actor| format!("Task {task} was claimed by {actor} meanwhile."), |task, actor| format!("期间{actor}已认领任务 {task}。");
        released: Pair = |task, actor| format!("Task {task} was released by {actor} meanwhile."), |task, actor| format!("期间{actor}已释放任务 {task}。");
        removed: Pair = |task, actor| format!("Task {task} was deleted by {actor} meanwhile."), |task, actor| format!("期间{actor}已删除任务 {task}。");
        reprioritized: Pair = |task, actor| format!("The priority of task {task} was changed by {actor} meanwhile."), |task, actor| format!("期间{actor}已更改任务 {task} 的优先级。");
        hidden: With = |task| format!("{task} returned to its place: the filter hides it now."), |task| format!("{task} 已放回原处：当前筛选不再显示它。");
        undone: Pair = |task, column| format!("{task} is back in {column}"), |task, column| format!("{task} 已移回“{column}”");
        not_undone: Pair = |task, reason| format!("The move of {task} was not undone. {reason}"), |task, reason| format!("未能撤销 {task} 的移动。{reason}");
        worked_on: With = |agent| format!("{agent} is working on it."), |agent| format!("{agent} 正在处理此任务。");
        take_over: Pair = |agent, task| format!("{agent} is working on {task}. Take it over?"), |agent, task| format!("{agent} 正在处理 {task}。要接管吗？");
        take_over_text: Text = "The agent keeps running, but what it reports about this task from then on is refused.", "该智能体会继续运行，但此后它对此任务的汇报将被拒绝。";
        take: Text = "Take over", "接管";
        not_added: With = |reason| format!("The task was not added. {reason}"), |reason| format!("任务未能添加。{reason}");
        added: With = |title| format!("“{title}” added"), |title| format!("已添加“{title}”");
        filter: Text = "Filter", "筛选";
        all_columns: Text = "All columns", "所有列";
        all_agents: Text = "All agents", "所有智能体";
        no_such_agent: With = |agent| format!("{agent} (not in this project)"), |agent| format!("{agent}（不在此项目中）");
        blocked_only: Text = "Blocked", "仅看阻塞";
        shown: Pair = |n, total| format!("{n} of {total}"), |n, total| format!("{n} / {total}");
        shown_hint: Text = "Tasks shown of all", "显示的任务数 / 总数";
        clear_filter: Text = "Clear filter", "清除筛选";
        new_task: Text = "New task", "新任务";
        new_title: Text = "Task title", "任务标题";
        new_hint: Text = "Enter to add and write the next", "回车添加并继续下一个";
        more_fields: Text = "Description, priority, blockers", "描述、优先级、前置任务";
        title_missing: Text = "A task needs a title.", "任务需要标题。";
        loading: Text = "The board is loading", "看板加载中";
        columns: Text = "Columns", "列";
        column_label: Pair = |column, tasks| format!("{column}, {tasks}"), |column, tasks| format!("{column}，{tasks}");
        tasks: Count = |n, digits| if n == 1 { "1 task".to_owned() } else { format!("{digits} tasks") }, |_, digits| format!("{digits} 个任务");
        empty_column: Text = "No tasks", "暂无任务";
        unclaimed: Text = "TODO", "待办";
        up_next: Text = "UP NEXT", "待执行";
        in_progress: Text = "WORKING", "进行中";
        completed: Text = "DONE", "已完成";
        merged: Text = "MERGED", "已合并";
        add_task: Text = "Add task", "添加任务";
    }
}
