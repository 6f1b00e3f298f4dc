//! Tests of importing a task-master list into a board.

use anyhow::{Result, ensure};
use serde_json::json;
use tasktree_e2e::{Board, Server};
use tokio::process::Command;

#[tokio::test]
async fn an_imported_list_appears_on_an_open_board_and_twice_is_once() -> Result<()> {
    let server = Server::start().await?;
    server.project_with_tasks("imported", &[]).await?;
    let board = Board::open(&server, "imported").await?;

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("tasks.json");
    let list = json!({"master": {"tasks": [
        {"id": 1, "title": "Lay the ground", "status": "done", "priority": "high", "dependencies": []},
        {"id": 2, "title": "Build on it", "status": "in-progress", "priority": "medium", "dependencies": [1],
         "subtasks": [{"id": 1, "title": "Walls", "status": "pending"}]},
        {"id": 3, "title": "Paint", "status": "pending", "priority": "low", "dependencies": [2]},
    ]}});
    std::fs::write(&file, list.to_string())?;
    for _ in 0..2 {
        let outcome = Command::new(server.binary())
            .args(["import", "taskmaster"])
            .arg(&file)
            .args(["--project", "imported", "--server", &server.url("")])
            .output()
            .await?;
        ensure!(
            outcome.status.success(),
            "{}",
            String::from_utf8_lossy(&outcome.stderr)
        );
        board.until_in("1-imported", "completed").await?;
        board.until_in("2-imported", "in_progress").await?;
        board.until_in("3-imported", "unclaimed").await?;
        assert_eq!(board.cards().await?.len(), 3);
    }
    Ok(())
}
