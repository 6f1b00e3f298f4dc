//! Tests of a full disk. The limit on the size of files takes its place: the system enforces it in
//! the middle of a write in the same way.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tasktree_e2e::Server;
use tasktree_e2e::follower::Follower;
use tokio::process::Command;

/// Sets the maximum size of the server's files; `unlimited` for no limit.
async fn limit_files(server: &Server, bytes: &str) -> Result<()> {
    let process = server.process_id().context("the server runs")?;
    let status = Command::new("prlimit")
        .arg(format!("--pid={process}"))
        // The soft limit, and not the hard limit up to which it may be raised again.
        .arg(format!("--fsize={bytes}:"))
        .status()
        .await
        .context("prlimit is part of util-linux")?;
    ensure!(status.success(), "the limit cannot be set");
    Ok(())
}

/// Returns every event of the project, and all of its tasks.
async fn stored(server: &Server) -> Result<(Vec<Value>, Vec<Value>)> {
    let mut log: Vec<Value> = Vec::new();
    loop {
        let path = format!("/api/projects/demo/events?after={}", log.len());
        let mut page = server.call(Method::GET, &path, None).await?;
        let Value::Array(events) = page["events"].take() else {
            anyhow::bail!("a page has events");
        };
        log.extend(events);
        if page["more"] != json!(true) {
            break;
        }
    }
    let tasks = server
        .call(Method::GET, "/api/projects/demo/tasks", None)
        .await?;
    let tasks = tasks.as_array().cloned().unwrap_or_default();
    Ok((log, tasks))
}

/// Creates a task with a text of the given length. Returns the status and the body of the answer.
async fn create(server: &Server, title: &str, length: usize) -> Result<(StatusCode, Value)> {
    let body = json!({"title": title, "description": "x".repeat(length)});
    let answer = reqwest::Client::new()
        .post(server.url("/api/projects/demo/tasks"))
        .json(&body)
        .send()
        .await?;
    Ok((answer.status(), answer.json().await?))
}

#[tokio::test]
async fn on_a_disk_that_is_full_writes_are_refused_in_words_and_the_server_goes_on() -> Result<()> {
    let server = Server::start_enduring_full_disks().await?;
    server.project_with_tasks("demo", &["Before"]).await?;
    let mut follower = Follower::start(&server, "demo");
    follower.until_live_after(0).await?;
    let database = server.database();
    let log = database.with_file_name("tasktree.db-wal");
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let room = size(&database).max(size(&log)) + 300_000;
    limit_files(&server, &room.to_string()).await?;

    let (mut made, mut refused) = (vec![json!("Before")], Vec::new());
    for number in 0..40 {
        let title = format!("Task {number}");
        let (status, answer) = create(&server, &title, 20_000).await?;
        if status.is_success() {
            ensure!(answer["title"] == json!(title), "{answer}");
            made.push(json!(title));
        } else {
            refused.push((status, answer));
        }
        // Existing data can be read all the time.
        let tasks = server
            .call(Method::GET, "/api/projects/demo/tasks?view=card", None)
            .await?;
        assert_eq!(tasks.as_array().map(Vec::len), Some(made.len()));
    }
    assert!(!refused.is_empty(), "the disk was never full");
    for (status, answer) in &refused {
        assert_eq!(*status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
        let words = answer["detail"].as_str().unwrap_or_default();
        assert!(words.contains("nothing was changed"), "{answer}");
    }
    println!(
        "{} tasks were made, {} refused: {}",
        made.len(),
        refused.len(),
        refused[0].1
    );

    limit_files(&server, "unlimited").await?;
    let (status, _) = create(&server, "After", 20_000).await?;
    assert_eq!(status, StatusCode::OK, "there is room again");
    made.push(json!("After"));
    let (log, tasks) = stored(&server).await?;
    let titles = |rows: &[Value], field: &str| -> Vec<Value> {
        rows.iter()
            .map(|row| row.pointer(field).cloned().unwrap_or_default())
            .collect()
    };
    assert_eq!(titles(&tasks, "/title"), made, "no row without an answer");
    assert_eq!(
        titles(&log, "/data/title"),
        made,
        "no event without its row, no row without its event"
    );
    let seqs: Vec<u64> = log
        .iter()
        .filter_map(|event| event["seq"].as_u64())
        .collect();
    assert_eq!(seqs, (1..=made.len() as u64).collect::<Vec<_>>());
    let followed = follower.leave_at(made.len() as u64).await?;
    assert_eq!(
        (followed.connections, followed.snapshots),
        (1, 1),
        "it never noticed"
    );
    assert_eq!(followed.tasks.len(), made.len());
    Ok(())
}
