//! Tests of merging a finished task from the board, with a real repository, git and browser.

use crate::git_support::{assert_is_merge, git, repository, write};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tasktree_e2e::{Board, Server};

const CLICK: &str = "document.querySelector(arguments[0]).click();";

/// Script that clicks the line of the open menu with the given text.
const CHOOSE: &str = "
    const lines = [...document.querySelectorAll('[role^=menuitem]')];
    const line = lines.find(line => line.textContent.trim() === arguments[0]);
    if (line) line.click();
    return line !== undefined;";

const DIALOG_SAYS: &str = "
    return document.querySelector('dialog[open]')?.textContent.includes(arguments[0]) ?? false;";

async fn open_merge(board: &Board, task: &str) -> Result<()> {
    let button = format!(".task-card[data-task='{task}'] .task-card-menu");
    board.browser.run(CLICK, vec![json!(button)]).await?;
    let line = vec![json!("Merge branch…")];
    board
        .browser
        .until("the menu offers it", CHOOSE, line)
        .await?;
    Ok(())
}

async fn until_dialog_says(board: &Board, text: &str) -> Result<()> {
    board
        .browser
        .until(text, DIALOG_SAYS, vec![json!(text)])
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_branch_is_merged_from_its_card_and_files_in_the_way_are_named_first() -> Result<()> {
    let repository = repository("added.txt");
    let folder = repository.path();
    let (main, tip) = (
        git(folder, &["rev-parse", "main"]),
        git(folder, &["rev-parse", "task-1"]),
    );
    let server = Server::start().await?;
    let tasks = server.project_with_tasks("demo", &["Add a file"]).await?;
    let path = json!({"path": folder.to_str().context("a path of ASCII")?});
    server
        .call(Method::PUT, "/api/projects/demo", Some(path))
        .await?;
    let task = format!("/api/projects/demo/tasks/{}", tasks[0]);
    let done = json!({"status": "completed", "branch": "task-1"});
    server.call(Method::PUT, &task, Some(done)).await?;
    let board = Board::open(&server, "demo").await?;
    board.until_in(&tasks[0], "completed").await?;

    write(folder, "shared.txt", "not committed\n");
    open_merge(&board, &tasks[0]).await?;
    until_dialog_says(&board, "shared.txt").await?;
    let is_refused = "return document.querySelector('dialog[open] [role=alert]') !== null
        && document.querySelector('dialog[open] .button[data-look=primary]').disabled;";
    board
        .browser
        .until("a merge over changes is refused", is_refused, vec![])
        .await?;
    let cancel = vec![json!(
        "dialog[open] .dialog-foot .button:not([data-look=primary])"
    )];
    board.browser.run(CLICK, cancel).await?;
    git(folder, &["checkout", "-q", "--", "shared.txt"]);

    open_merge(&board, &tasks[0]).await?;
    until_dialog_says(&board, "added.txt").await?;
    until_dialog_says(&board, "“task-1” is merged into “main”.").await?;
    let merge = vec![json!(
        "dialog[open] .button[data-look=primary]:not([disabled])"
    )];
    board.browser.run(CLICK, merge).await?;
    board.until_in(&tasks[0], "merged").await?;

    let commit = git(folder, &["rev-parse", "main"]);
    assert_is_merge(folder, &commit, &main, &tip);
    let stored: Value = server.call(Method::GET, &task, None).await?;
    assert_eq!(stored["merge_commit"], json!(commit));
    let shows = "return document.querySelector(`.task-card[data-task='${arguments[0]}']`)
        .textContent.includes(arguments[1]);";
    let short = commit.get(..7).context("a commit has an identifier")?;
    board
        .browser
        .until(
            "the card shows its commit",
            shows,
            vec![json!(tasks[0]), json!(short)],
        )
        .await?;
    Ok(())
}
