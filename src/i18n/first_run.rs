//! Texts for the first run.

use super::catalogue::{Text, With, texts};

texts! {
    /// Texts about the ways to begin.
    FirstRun {
        title: Text = "Get started", "开始使用";
        intro: Text = "Add tasks by hand, from a script, or connect an agent. The commands are for this server.", "手动添加任务、通过脚本添加，或接入智能体。以下命令均针对此服务器。";
        token: Text = " They read the token from the environment variable TASKTREE_TOKEN.", "命令会发送环境变量 TASKTREE_TOKEN 中的令牌。";
        demo_title: Text = "Watch the demo", "观看演示";
        demo_text: Text = "Simulated agents work in a project of their own. It can be deleted at any time.", "模拟智能体在单独的项目中工作，可随时删除。";
        demo_start: Text = "Start the demo", "启动演示";
        demo_not_started: With = |reason| format!("The demo was not started. {reason}"), |reason| format!("演示未能启动。{reason}");
        connect_title: Text = "Connect an agent", "接入智能体";
        connect_text: Text = "Run this in the folder of your code. The agent reports by itself from its next start.", "在代码目录中运行此命令。智能体下次启动后会自动汇报。";
        harness: Text = "Kind of agent", "智能体类型";
        waiting: Text = "Waiting for the first sign of life…", "等待首次响应…";
        connected: With = |name| format!("{name} is connected."), |name| format!("{name} 已接入。");
        import_title: Text = "Import a file", "导入文件";
        import_text: Text = "The tasks.json of Task Master becomes tasks on a board.", "将 task-master 的 tasks.json 转为看板任务。";
        choose_file: Text = "Choose a file…", "选择文件…";
        imported: With = |file| format!("{file} was imported."), |file| format!("已导入 {file}。");
        not_imported: With = |reason| format!("The file was not imported. {reason}"), |reason| format!("文件未能导入。{reason}");
        more: Text = "More ways", "其他方式";
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
