//! Texts for the first run.

use super::catalogue::{Text, texts};

texts! {
    /// Texts about the ways to begin.
    FirstRun {
        title: Text = "Begin here", "从这里开始";
        intro: Text = "A board fills itself as people, scripts and agents add tasks. These are the ways to begin; the commands are for this server.", "人、脚本和智能体添加任务后，看板会自动更新。下面是几种开始方式，命令均针对此服务器。";
        token: Text = " They send the token in the environment variable TASKTREE_TOKEN.", "命令会发送环境变量 TASKTREE_TOKEN 中的令牌。";
        by_hand: Text = "By hand", "手动添加";
        by_hand_hint: Text = "Create a project, open its board and press “Add task”.", "创建项目，打开看板，点击“添加任务”。";
        by_script: Text = "From a script", "通过脚本";
        by_script_hint: Text = "Any tool that speaks HTTP can add a task. It appears on every open board at once.", "任何支持 HTTP 的工具都能添加任务，所有打开的看板会立即显示。";
        import: Text = "Import a task list", "导入任务列表";
        import_hint: Text = "Reads a task-master tasks.json; run it again and only what changed is taken over.", "读取 task-master 的 tasks.json；重复运行只会同步变化的部分。";
        import_there: Text = "Reads a task-master tasks.json, on the server's machine; run it again and only what changed is taken over.", "在服务器所在的机器上读取 task-master 的 tasks.json；重复运行只会同步变化的部分。";
        agent: Text = "Connect an agent", "连接智能体";
        agent_hint: Text = "The agent registers on a task, which claims it, and reports while it works.", "智能体在任务上注册即认领该任务，并在工作时汇报进展。";
        watch: Text = "Watch the updates", "查看更新";
        watch_hint: Text = "Every change comes over this WebSocket as one JSON object a frame.", "每个变更都会通过此 WebSocket 以一帧一个 JSON 对象发送。";
        demo: Text = "See a moving board", "查看演示";
        demo_hint: Text = "A labelled simulation in a project of its own.", "在独立项目中运行、带有标记的模拟。";
        demo_there: Text = "A labelled simulation in a project of its own, started on the server's machine.", "在服务器所在的机器上启动，在独立项目中运行、带有标记的模拟。";
        reference: Text = "All endpoints", "全部接口";
    }
}
