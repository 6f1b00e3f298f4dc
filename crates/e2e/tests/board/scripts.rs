//! Tests of scripts and agents that write through the API while the board shows it.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;
use tasktree_e2e::{Board, Server};

#[tokio::test]
async fn what_a_script_does_appears_on_the_board() -> Result<()> {
    let server = Server::start().await?;
    server
        .project_with_tasks("demo", &["Already there"])
        .await?;
    let board = Board::open(&server, "demo").await?;

    // As scripts of the older dashboard do: in the query, with an empty body.
    let path = "/api/projects/demo/tasks?title=From+a+script&description=by+hand";
    let task = server.call(Method::POST, path, None).await?;
    let id = task["id"].as_str().unwrap_or_default().to_owned();
    board.until_in(&id, "unclaimed").await?;

    let path = format!("/api/projects/demo/tasks/{id}");
    server
        .call(
            Method::PUT,
            &path,
            Some(json!({"status": "up_next", "title": "Renamed"})),
        )
        .await?;
    board.until_in(&id, "up_next").await?;
    let renamed = "return document.querySelector(`.task-card[data-task='${arguments[0]}']`)?.textContent.includes('Renamed');";
    board
        .browser
        .until("the title changes", renamed, vec![json!(id)])
        .await?;

    server.call(Method::DELETE, &path, None).await?;
    board.until_gone(&id).await?;
    Ok(())
}

#[tokio::test]
async fn an_agent_that_takes_a_task_is_seen_on_its_card() -> Result<()> {
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["For an agent"]).await?;
    let board = Board::open(&server, "demo").await?;

    let agent = json!({"id": "ada", "task_id": tasks[0]});
    server
        .call(Method::POST, "/api/projects/demo/agents", Some(agent))
        .await?;
    board.until_in(&tasks[0], "in_progress").await?;
    let activity = json!({"last_activity": "reading the parser"});
    server
        .call(
            Method::POST,
            "/api/projects/demo/agents/ada/heartbeat",
            Some(activity),
        )
        .await?;
    let shown = "const text = document.querySelector(`.task-card[data-task='${arguments[0]}']`)?.textContent ?? '';
                 return text.includes('ada') && text.includes('reading the parser');";
    board
        .browser
        .until(
            "the card names the agent and what it does",
            shown,
            vec![json!(tasks[0])],
        )
        .await?;

    let done = json!({"status": "completed"});
    server
        .call(Method::PUT, "/api/projects/demo/agents/ada", Some(done))
        .await?;
    board.until_in(&tasks[0], "completed").await?;
    Ok(())
}
