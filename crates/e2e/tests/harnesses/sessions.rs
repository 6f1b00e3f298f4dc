//! A session without a person: it starts, claims a task in its shell, and ends.

use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::Value;
use tasktree_e2e::Server;
use tasktree_e2e::harness::{Harness, Home};
use tasktree_e2e::model::Model;
use tasktree_e2e::wait::{PATIENCE, until};

/// Runs a session that claims a task, and returns its agent as the server shows it afterwards.
async fn agent_after_a_session(harness: Harness) -> Result<(Value, Value)> {
    let server = Server::start().await?;
    let model = Model::start("tasktree next").await?;
    let home = Home::new(server.binary()).await?;
    home.configure(harness, &model)?;
    // Codex reads the hooks of a folder only after a person has trusted the folder.
    let connect = [
        "connect",
        harness.name(),
        "--user",
        "--server",
        &server.url(""),
    ];
    home.run("tasktree", &connect).await?;
    let projects = server.call(Method::GET, "/api/projects", None).await?;
    let project = projects[0]["id"]
        .as_str()
        .context("connect made no project")?;
    let task = server.create_task(project, "Run the tests").await?;

    let said = home.session(harness, &model).await?;

    let path = format!("/api/projects/{project}/agents");
    let agent = until(
        "the session is on the board and its turn is over",
        PATIENCE,
        || async {
            let agents = server.call(Method::GET, &path, None).await?;
            let all = agents.as_array().context("a list")?;
            anyhow::ensure!(all.len() == 1, "agents: {agents}, the session said: {said}");
            Ok((all[0]["status"] == "idle").then(|| all[0].clone()))
        },
    )
    .await?;
    let path = format!("/api/projects/{project}/tasks/{task}");
    let task = server.call(Method::GET, &path, None).await?;
    let run = &agent["run"];
    assert_eq!(run["source"], harness.source(), "{agent}");
    assert_eq!(
        run["folder"],
        home.repository().canonicalize()?.to_string_lossy().as_ref()
    );
    assert_ne!(run["machine"], "", "{agent}");
    Ok((agent, task))
}

/// Checks that the session's shell spoke for the agent that the hooks reported.
fn assert_holds(agent: &Value, task: &Value) {
    assert_eq!(task["status"], "in_progress", "{task} {agent}");
    assert_eq!(task["session"], agent["id"], "{task} {agent}");
}

#[tokio::test]
async fn claude_code_reports_its_session_and_claims_a_task_in_its_shell() -> Result<()> {
    let (agent, task) = agent_after_a_session(Harness::Claude).await?;
    assert_holds(&agent, &task);
    assert_ne!(agent["run"]["ended_at"], Value::Null, "{agent}");
    Ok(())
}

#[tokio::test]
async fn codex_reports_its_session_and_claims_a_task_in_its_shell() -> Result<()> {
    let (agent, task) = agent_after_a_session(Harness::Codex).await?;
    assert_holds(&agent, &task);
    Ok(())
}

#[tokio::test]
async fn opencode_reports_its_session_and_claims_a_task_in_its_shell() -> Result<()> {
    let (agent, task) = agent_after_a_session(Harness::OpenCode).await?;
    assert_holds(&agent, &task);
    Ok(())
}

#[tokio::test]
async fn gemini_cli_reports_its_session_but_not_to_its_shell() -> Result<()> {
    let (agent, task) = agent_after_a_session(Harness::Gemini).await?;
    assert_ne!(agent["run"]["ended_at"], Value::Null, "{agent}");
    // Its shell does not know the session, and nobody claims without a name.
    assert_eq!(task["status"], "unclaimed", "{task}");
    Ok(())
}
