//! Texts for the first run.

use super::catalogue::{Text, texts};

texts! {
    /// Texts about the ways to begin.
    FirstRun {
        title: Text = "Get started", "开始使用";
        intro: Text = "Add tasks by hand, from a script, or connect an agent. The commands are for this server.", "手动添加任务、通过脚本添加，或接入智能体。以下命令均针对此服务器。";
        token: Text = " They read the token from the environment variable TASKTREE_TOKEN.", "命令会发送环境变量 TASKTREE_TOKEN 中的令牌。";
        by_hand: Text = "By hand", "手动添加";
        by_hand_hint: Text = "Create a project, open its board and press “Add task”.", "创建项目，打开看板，点击“添加任务”。";
        by_script: Text = "From a script", "通过脚本";
        by_script_hint: Text = "Any tool that speaks HTTP can add a task. It appears on every open board at once.", "任何支持 HTTP 的工具都能添加任务，所有打开的看板会立即显示。";
        import: Text = "Import a task list", "导入任务列表";
        import_hint: Text = "Reads a Task Master tasks.json; run it again to import only changes.", "读取 task-master 的 tasks.json；重复运行只会同步变化的部分。";
        import_there: Text = "Reads a Task Master tasks.json on the server's machine; run it again to import only changes.", "在服务器所在的机器上读取 task-master 的 tasks.json；重复运行只会同步变化的部分。";
        agent: Text = "Connect an agent", "连接智能体";
        agent_hint: Text = "The agent registers with a task, which claims it, and reports while it works.", "智能体在任务上注册即认领该任务，并在工作时汇报进展。";
        watch: Text = "Watch the updates", "查看更新";
        watch_hint: Text = "This WebSocket sends one JSON message per change.", "此 WebSocket 为每次变更发送一条 JSON 消息。";
        demo: Text = "Run the demo", "运行演示";
        demo_hint: Text = "Simulated agents in a separate demo project.", "模拟数据演示，在单独的项目中运行。";
        demo_there: Text = "Simulated agents in a separate demo project, started on the server's machine.", "模拟数据演示，在服务器所在的机器上启动，在单独的项目中运行。";
        reference: Text = "All endpoints", "全部接口";
    }
}
