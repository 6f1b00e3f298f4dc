//! Texts about projects.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about projects.
    Project {
        the_list: Text = "The list of projects", "项目列表";
        create: Text = "New project", "新建项目";
        create_submit: Text = "Create project", "创建项目";
        edit: Text = "Project settings", "项目设置";
        delete: Text = "Delete project", "删除项目";
        name: Text = "Name", "名称";
        id: Text = "ID", "标识";
        id_hint: Text = "Used in URLs and task IDs. Letters, digits, dots, dashes and underscores; it cannot be changed later.", "用于网址和任务编号。可用字母、数字、点、连字符和下划线；以后不可更改。";
        path: Text = "Folder", "目录";
        path_hint: Text = "Folder on the machine where agents run.", "智能体所在机器上的目录。";
        description: Text = "Description", "描述";
        overview: Text = "Overview", "概述";
        initial_prompt: Text = "Initial prompt", "初始提示词";
        max_agents: Text = "Max agents", "最多智能体数";
        active: Text = "Active", "启用";
        inactive: Text = "Inactive", "未启用";
        simulation: Text = "Simulation", "模拟";
        name_missing: Text = "Enter a name for the project.", "请填写项目名称。";
        id_invalid: Text = "The ID can contain letters, digits, dots, dashes and underscores, and cannot begin with a dot.", "标识只能包含字母、数字、点、连字符和下划线，且不能以点开头。";
        id_taken: Text = "Another project has this ID.", "此标识已被其他项目使用。";
        max_agents_invalid: Text = "Enter a whole number of at least 1.", "请填写不小于 1 的整数。";
        contested: With = |fields| format!("Somebody else changed this while you were editing: {fields}. Nothing was saved. Save again to overwrite their changes."), |fields| format!("期间他人已更改以下内容：{fields}。尚未保存；再次保存将覆盖对方的更改。");
        created: With = |name| format!("Project “{name}” was created."), |name| format!("已创建项目“{name}”。");
        saved: With = |name| format!("Project “{name}” was saved."), |name| format!("已保存项目“{name}”。");
        deleted: With = |name| format!("Project “{name}” was deleted."), |name| format!("已删除项目“{name}”。");
        delete_warning: With = |name| format!("All tasks, agents and the history of “{name}” are deleted from this server. Project files are kept. You can restore it for 30 days."), |name| format!("“{name}”的所有任务、智能体和历史将从此服务器删除，项目文件保留。30 天内可以恢复。");
        delete_confirm: With = |name| format!("Type “{name}” to confirm"), |name| format!("输入“{name}”以确认");
        empty: Text = "No projects yet", "还没有项目";
        empty_hint: Text = "Create one here, import one, or let an agent create it.", "可以在此创建、导入，或让智能体来创建。";
        more: With = |project| format!("More actions for {project}"), |project| format!("{project} 的更多操作");
        done_of: Pair = |done, all| format!("{done} of {all} done"), |done, all| format!("已完成 {done}/{all}");
        active_agents: Count = |n, digits| if n == 1 { "1 agent".to_owned() } else { format!("{digits} agents") }, |_, digits| format!("{digits} 个智能体");
        updated: With = |ago| format!("changed {ago}"), |ago| format!("{ago}更新");
        kept: Text = "Deleted and reset projects", "已删除和已重置的项目";
        nothing_kept: Text = "Nothing was deleted or reset in the last 30 days.", "最近 30 天没有删除或重置任何项目。";
        deleted_ago: With = |ago| format!("deleted {ago}"), |ago| format!("{ago}删除");
        reset_ago: With = |ago| format!("before the reset {ago}"), |ago| format!("{ago}重置前的状态");
        restore: Text = "Restore", "恢复";
        restored: With = |name| format!("Project “{name}” was restored."), |name| format!("已恢复项目“{name}”。");
        all_projects: Text = "All projects", "所有项目";
        projects: Text = "Projects", "项目";
        switch_project: Text = "Switch project", "切换项目";
    }
}
