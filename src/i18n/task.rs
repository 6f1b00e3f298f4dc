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
        session: Text = "Agent", "智能体";
        assignee: Text = "Assignee", "负责人";
        labels: Text = "Labels", "标签";
        add_label: Text = "Add labels…", "添加标签…";
        remove_label: With = |label| format!("Remove label {label}"), |label| format!("移除标签“{label}”");
        label_too_long: Text = "A label has at most 50 characters.", "每个标签最多 50 个字符。";
        too_many_labels: Text = "A task has at most 20 labels.", "每个任务最多 20 个标签。";
        priority: Text = "Priority", "优先级";
        dependencies: Text = "Blockers", "前置任务";
        moved: Pair = |task, column| format!("{task} moved to {column}"), |task, column| format!("{task} 已移至“{column}”");
        heading: With = |number| format!("Task {number}"), |number| format!("任务 {number}");
        the_task: Text = "The task", "任务";
        gone: Text = "This task was deleted.", "此任务已删除。";
        not_found: With = |number| format!("Task {number} not found"), |number| format!("找不到任务 {number}");
        restore: Text = "Restore", "恢复";
        deleted: With = |task| format!("{task} was deleted."), |task| format!("{task} 已删除。");
        not_deleted: Pair = |task, reason| format!("{task} was not deleted. {reason}"), |task, reason| format!("{task} 未能删除。{reason}");
        not_restored: Pair = |task, reason| format!("{task} was not restored. {reason}"), |task, reason| format!("{task} 未能恢复。{reason}");
        copy_link: Text = "Copy link", "复制链接";
        nothing_written: Text = "Add text…", "添加内容…";
        write: Text = "Write", "编写";
        preview: Text = "Preview", "预览";
        markdown_hint: Text = "Markdown · Ctrl+Enter to save · Esc to cancel", "Markdown · Ctrl+Enter 保存 · Esc 取消";
        show_all: With = |n| format!("Show all ({n} characters)"), |n| format!("显示全部（{n} 个字符）");
        saved: Text = "Saved", "已保存";
        saving: Text = "Saving", "保存中";
        conflict: Text = "This was changed elsewhere while you were editing:", "编辑期间此项已被他人更改：";
        another_task: Text = "The project was replaced, and this is a different task now. Your text is not saved here; copy it if you need it.", "项目已被替换，现在这里是另一个任务。您输入的内容不会保存到此处，如有需要请先复制。";
        overtaken: Text = "This was changed elsewhere in the meantime.", "期间此项已被他人更改。";
        not_saved: Pair = |task, reason| format!("Your changes to {task} were not saved. {reason}"), |task, reason| format!("您在 {task} 中的修改未能保存。{reason}");
        copy_written: Text = "Copy it", "复制内容";
        keep_mine: Text = "Keep mine", "保留我的版本";
        take_theirs: Text = "Use theirs", "采用对方版本";
        waits_for: Text = "Blocked by", "前置任务";
        waited_for_by: Text = "Blocks", "阻塞的任务";
        add_dependency: Text = "Add a blocker (number or title)", "添加前置任务（编号或标题）";
        to_fill_in: Text = "Add…", "添加…";
        no_such_task: Text = "No matching task.", "没有匹配的任务。";
        remove_dependency: With = |task| format!("Remove blocker {task}"), |task| format!("移除前置任务 {task}");
        unknown_task: With = |task| format!("{task} (deleted)"), |task| format!("{task}（已删除）");
        files: Text = "Files and merging", "文件与合并";
        owned_files: Text = "Owned files", "负责的文件";
        shared_files: Text = "Shared files", "共享的文件";
        creates_files: Text = "New files", "新建的文件";
        exclusive_files: Text = "Exclusive files", "独占的文件";
        initialization_deps: Text = "Setup steps", "启动前准备";
        parent: Text = "Part of", "所属任务";
        evidence: Text = "Evidence", "完成凭据";
        merge_order: Text = "Merge order", "合并顺序";
        whole_number: Text = "Enter a whole number.", "请输入整数。";
        one_a_line: Text = "One per line", "每行一个";
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
        event_started: Text = "started", "开始处理";
        event_completed: Text = "finished it", "完成了任务";
        event_merged: Text = "merged it", "合并了任务";
        event_queued: Text = "queued it for merging", "加入了合并队列";
        event_reset: Text = "moved it back to TODO", "退回“待办”";
    }
}
