//! Measures the wait of a writer while another, large project is reset, deleted and restored, and
//! the memory that its import takes.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::large_writes::{beside, figures};
use super::server;
use crate::Server;
use crate::bench::Figure;
use crate::bench::memory::peak;

/// Maximum memory for an import of 100,000 tasks, in MiB.
const IMPORT_MIB: f64 = 175.0;

/// Time for which rows continue to be deleted or written after a removal or a reset.
const AFTERWARDS: Duration = Duration::from_secs(5);

pub(super) async fn run(tasks: usize) -> Result<Vec<Figure>> {
    let (server, task) = server().await?;
    let import = json!({"tasks": (0..tasks).map(imported).collect::<Vec<_>>()});
    server.project_with_tasks("many", &[]).await?;
    let process = server.process_id().context("the server has no process")?;
    let before = peak(process)?;
    let path = "/api/projects/many/import";
    server
        .call(Method::POST, path, Some(import.clone()))
        .await?;
    let grown = peak(process)?.saturating_sub(before);
    let mut all = vec![
        Figure::new(
            format!("memory that an import of {tasks} tasks takes"),
            grown as f64 / 1024.0,
            "MiB",
        )
        .at_most(IMPORT_MIB),
    ];
    let demo = json!({"id": "gone", "name": "Gone", "path": "", "demo": true});
    server
        .call(Method::POST, "/api/projects", Some(demo))
        .await?;
    let path = "/api/projects/gone/import";
    server.call(Method::POST, path, Some(import)).await?;

    let mut undo = Value::Null;
    let reset = async {
        let path = "/api/projects/many/reset-agent-tasks";
        let answer = server.call(Method::POST, path, None).await?;
        undo = answer["undo"].clone();
        tokio::time::sleep(AFTERWARDS).await;
        anyhow::Ok(())
    };
    let (times, _) = beside(&server, &task, reset).await?;
    let load = format!("beside a reset of all {tasks} tasks");
    all.extend(figures(&load, &times, true));
    let undo = undo.as_str().context("the reset cannot be undone")?;
    let loads = [
        ("an undo of it", Method::POST, format!("many/undo/{undo}")),
        (
            "a reset of a project",
            Method::POST,
            "many/reset".to_owned(),
        ),
        (
            "a return of a project",
            Method::POST,
            "many/restore".to_owned(),
        ),
        ("a removal of a project", Method::DELETE, "many".to_owned()),
        (
            "a removal of a project for good",
            Method::DELETE,
            "gone".to_owned(),
        ),
    ];
    for (name, method, path) in loads {
        let (times, _) = beside(&server, &task, call(&server, method, &path)).await?;
        let load = format!("beside {name} of {tasks} tasks");
        all.extend(figures(&load, &times, true));
    }
    Ok(all)
}

fn imported(number: usize) -> Value {
    json!({"source": number.to_string(), "title": format!("Task {number}"), "status": "up_next"})
}

/// Sends a request, and waits while its follow-up work is written.
async fn call(server: &Server, method: Method, path: &str) -> Result<()> {
    let path = format!("/api/projects/{path}");
    server.call(method, &path, None).await?;
    tokio::time::sleep(AFTERWARDS).await;
    Ok(())
}
