//! A session in the terminal of `tasktree run`: it asks for a permission, and the board answers.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::Server;
use tasktree_e2e::harness::Home;
use tasktree_e2e::model::Model;
use tasktree_e2e::wait::{PATIENCE, until};

use crate::terminal::Terminal;

const ADA: &str = "/api/projects/pay/agents/ada";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claude_code_gets_its_permission_from_the_board() -> Result<()> {
    let server = Server::start().await?;
    server
        .project_with_tasks("pay", &["Take the money"])
        .await?;
    // Claude Code asks before each command that writes a file.
    let model = Model::start("tasktree next > claimed.txt").await?;
    let home = Home::new(server.binary()).await?;
    let (mut tasktree, words) = home.claude_in_terminal(&model)?;
    tasktree.env("TASKTREE_SERVER", server.url(""));
    tasktree.env("TASKTREE_PROJECT", "pay");
    let terminal = Terminal::start(tasktree.into_std(), words);

    let path = "/api/projects/pay/questions";
    let question = || async {
        let all = server.call(Method::GET, path, None).await?;
        Ok(all.get(0).cloned())
    };
    let asked = until("Claude Code asks", PATIENCE, question).await;
    let asked = asked.with_context(|| terminal.output())?;
    assert_eq!(asked["kind"], "permission", "{asked}");
    let text = asked["text"].as_str().unwrap_or_default();
    ensure!(text.contains("tasktree next > claimed.txt"), "{asked}");
    assert_eq!(asked["options"][0], "Yes", "{asked}");
    let answers = format!("{path}/{}/answers", asked["id"]);
    let answer = json!({ "text": "Yes" });
    server.call(Method::POST, &answers, Some(answer)).await?;

    let idle = until("the turn is over", PATIENCE, || async {
        let agent = server.call(Method::GET, ADA, None).await?;
        Ok((agent["status"] == "idle").then_some(agent))
    });
    let idle = idle.await.with_context(|| terminal.output())?;
    let claimed = std::fs::read_to_string(home.repository().join("claimed.txt"))?;
    ensure!(claimed.contains("Take the money"), "{claimed}");
    // Its shell spoke for the agent of the terminal.
    assert_eq!(idle["task_title"], "Take the money", "{idle}");
    assert_eq!(idle["run"]["source"], "claude-code", "{idle}");
    let answered = question().await?.context("the question is gone")?;
    assert_eq!(answered["outcome"], "answered", "{answered}");
    let answer = &answered["answers"][0];
    assert_eq!(answer["late"], false, "{answer}");
    assert_ne!(answer["delivered_at"], Value::Null, "{answer}");

    terminal.type_in("/exit");
    terminal.wait_for("/exit");
    terminal.type_in("\r");
    let (output, code) = terminal.end();
    assert_eq!(code, 0, "{output}");
    let agent = server.call(Method::GET, ADA, None).await?;
    assert_ne!(agent["run"]["ended_at"], Value::Null, "{agent}");
    // A full-screen program leaves no lines but its last ones.
    let logs = server
        .call(Method::GET, &format!("{ADA}/logs"), None)
        .await?;
    ensure!(
        logs.to_string()
            .contains("claude --permission-mode default --resume"),
        "{logs}"
    );
    Ok(())
}
