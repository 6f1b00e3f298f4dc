//! Texts about one task.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Texts about one task.
    Task {
        title: Text = "Title", "标题";
        title_too_long: Text = "A title has at most 500 characters. Nothing was cut off; shorten it to save it.", "标题最多 500 个字符。内容未被截断，请缩短后再保存。";
        name_too_long: Text = "At most 255 characters. Nothing was cut off; shorten it to save it.", "最多 255 个字符。内容未被截断，请缩短后再保存。";
        description: Text = "Description", "描述";
        prompt: Text = "Prompt for the agent", "给智能体的提示词";
        status: Text = "Status", "状态";
        branch: Text = "Branch", "分支";
        session: Text = "Session", "会话";
        assignee: Text = "Assignee", "负责人";
        priority: Text = "Priority", "优先级";
        dependencies: Text = "Dependencies", "依赖";
        moved: Pair = |task, column| format!("{task} moved to {column}"), |task, column| format!("{task} 已移至“{column}”");
        heading: With = |number| format!("Task {number}"), |number| format!("任务 {number}");
        the_task: Text = "The task", "任务";
        gone: Text = "This task was deleted.", "此任务已删除。";
        not_found: With = |number| format!("There is no task {number} in this project."), |number| format!("此项目中没有任务 {number}。");
        restore: Text = "Bring it back", "恢复";
        deleted: With = |task| format!("{task} was deleted."), |task| format!("{task} 已删除。");
        not_deleted: Pair = |task, reason| format!("{task} was not deleted. {reason}"), |task, reason| format!("{task} 未能删除。{reason}");
        not_restored: Pair = |task, reason| format!("{task} was not brought back. {reason}"), |task, reason| format!("{task} 未能恢复。{reason}");
        copy_link: Text = "Copy link", "复制链接";
        nothing_written: Text = "Nothing written yet.", "尚未填写。";
        write: Text = "Write", "编写";
        preview: Text = "Preview", "预览";
        markdown_hint: Text = "Markdown. Ctrl+Enter saves, Escape gives up.", "支持 Markdown。Ctrl+Enter 保存，Esc 放弃。";
        show_all: With = |n| format!("Show all ({n} characters)"), |n| format!("显示全部（{n} 个字符）");
        saved: Text = "Saved", "已保存";
        saving: Text = "Saving", "保存中";
        conflict: Text = "It was changed elsewhere while you were writing. The newer value:", "编辑期间此项已被他人更改。最新内容：";
        overtaken: Text = "It was changed elsewhere meanwhile.", "期间此项已被他人更改。";
        not_saved: Pair = |task, reason| format!("What you wrote in {task} was not saved. {reason}"), |task, reason| format!("您在 {task} 中的修改未能保存。{reason}");
        copy_written: Text = "Copy it", "复制内容";
        keep_mine: Text = "Save mine over it", "用我的覆盖";
        take_theirs: Text = "Take the newer one", "采用最新内容";
        waits_for: Text = "Waits for", "等待";
        waited_for_by: Text = "Is waited for by", "被以下任务等待";
        add_dependency: Text = "Add a dependency: number or words", "添加依赖：编号或关键词";
        to_fill_in: Text = "Add…", "填写…";
        no_such_task: Text = "No other task has that number or these words.", "没有其他任务匹配此编号或关键词。";
        remove_dependency: With = |task| format!("No longer wait for {task}"), |task| format!("不再等待 {task}");
        unknown_task: With = |task| format!("{task} (deleted)"), |task| format!("{task}（已删除）");
        files: Text = "Files and merging", "文件与合并";
        owned_files: Text = "Files of this task", "所属文件";
        shared_files: Text = "Files shared with others", "共享文件";
        creates_files: Text = "Files that it will make", "将创建的文件";
        exclusive_files: Text = "Files nobody else may touch", "独占文件";
        initialization_deps: Text = "To be set up before it starts", "开始前需准备";
        parent: Text = "Part of", "所属任务";
        evidence: Text = "Evidence", "完成凭据";
        merge_order: Text = "Merge order", "合并顺序";
        whole_number: Text = "A whole number is needed here.", "此处需要整数。";
        one_a_line: Text = "One a line", "每行一个";
        created: Text = "Created", "创建于";
        updated: Text = "Updated", "更新于";
        completed: Text = "Completed", "完成于";
        merged: Text = "Merged", "合并于";
        history: Text = "History", "历史";
        older_history: Text = "Older entries are not shown: the newest ones are kept.", "更早的记录未显示：只保留最近的记录。";
        event_created: Text = "created it", "创建了任务";
        event_deleted: Text = "deleted it", "删除了任务";
        event_changed: With = |fields| format!("changed {fields}"), |fields| format!("更改了{fields}");
        event_updated: Text = "changed it", "更改了任务";
        event_moved: With = |column| format!("moved it to {column}"), |column| format!("移至“{column}”");
        event_started: Text = "began to work on it", "开始处理";
        event_completed: Text = "finished it", "完成了任务";
        event_merged: Text = "merged it", "合并了任务";
        event_queued: Text = "queued it for merging", "加入了合并队列";
        event_reset: Text = "put it back to TODO", "退回“待办”";
    }
}
