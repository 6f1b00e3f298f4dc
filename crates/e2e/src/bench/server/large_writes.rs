//! Measures the wait of a writer of one project while large imports and a large plan of another are
//! written: there is one writer thread. The baseline is the same writer alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

use super::server;
use crate::Server;
use crate::bench::{Figure, percentile};

/// Maximum wait for another writer's write, in milliseconds.
const GOAL: f64 = 100.0;

/// Pause between two writes.
const PAUSE: Duration = Duration::from_millis(5);

/// Number of tasks that an import changes after another one has created them.
const CHANGED: usize = 5_000;

/// Bytes of the text of each.
const TEXT: usize = 1_300;

/// Time during which the writer is alone.
const ALONE: Duration = Duration::from_secs(2);

pub(super) async fn run(imported: usize) -> Result<Vec<Figure>> {
    let (server, task) = server().await?;
    server.project_with_tasks("large", &[]).await?;
    let alone = beside(&server, &task, async {
        tokio::time::sleep(ALONE).await;
        Ok(())
    })
    .await?;
    let mut figures = figures("alone", &alone.0, false);
    let chain = json!({"tasks": (0..imported).map(|number| after("chain", number, number.saturating_sub(1)..number)).collect::<Vec<_>>()});
    let dense = json!({"tasks": (0..300).map(|number| after("dense", number, 0..number)).collect::<Vec<_>>()});
    let needs: Vec<_> = (1..=500).map(|number| number.to_string()).collect();
    let planned = json!({"title": "In the plan", "dependencies": needs});
    let plan = json!({"plan": "Much to do", "tasks": vec![planned; 60]});
    let loads = [
        (
            format!("an import of a chain of {imported}"),
            Method::POST,
            "import",
            chain,
        ),
        (
            "an import of 300 that wait for all before".to_owned(),
            Method::POST,
            "import",
            dense,
        ),
        (
            "a plan of 60 tasks that wait for 500".to_owned(),
            Method::PUT,
            "plan",
            plan,
        ),
        (
            format!("an import of {CHANGED} tasks with texts"),
            Method::POST,
            "import",
            texts("first", |number| number.saturating_sub(1)..number),
        ),
        (
            format!("an import that changes {CHANGED} tasks with texts"),
            Method::POST,
            "import",
            texts("second", |number| number + 1..CHANGED.min(number + 2)),
        ),
    ];
    for (name, method, path, body) in loads {
        let path = format!("/api/projects/large/{path}");
        let call = async { server.call(method, &path, Some(body)).await.map(|_| ()) };
        let (times, took) = beside(&server, &task, call).await?;
        figures.push(Figure::new(name.clone(), took.as_secs_f64() * 1000.0, "ms"));
        figures.extend(self::figures(&format!("beside {name}"), &times, true));
    }
    Ok(figures)
}

fn after(source: &str, number: usize, needs: std::ops::Range<usize>) -> Value {
    let name = |number: usize| format!("{source}/{number}");
    let needs: Vec<_> = needs.map(name).collect();
    json!({"source": name(number), "title": "Imported", "dependencies": needs})
}

/// Returns tasks with texts that begin with a word, in a chain.
fn texts(word: &str, needs: impl Fn(usize) -> std::ops::Range<usize>) -> Value {
    let text = format!("{word} {}", "text ".repeat(TEXT / 5));
    let task = |number: usize| {
        let mut task = after("text", number, needs(number));
        task["description"] = json!(text);
        task
    };
    json!({"tasks": (0..CHANGED).map(task).collect::<Vec<_>>()})
}

pub(super) fn figures(load: &str, times: &[Duration], goal: bool) -> Vec<Figure> {
    let figure = |name: &str, share: f64| {
        let ms = percentile(times, share).as_secs_f64() * 1000.0;
        Figure::new(format!("another's write, {name}, {load}"), ms, "ms")
    };
    let worst = figure("longest", 1.0);
    vec![
        figure("median", 0.5),
        figure("p99", 0.99),
        if goal { worst.at_most(GOAL) } else { worst },
    ]
}

/// Writes repeatedly while `load` runs. Returns the sorted durations of the writes, and the
/// duration of `load`.
pub(super) async fn beside(
    server: &Server,
    task: &str,
    load: impl Future<Output = Result<()>>,
) -> Result<(Vec<Duration>, Duration)> {
    let done = AtomicBool::new(false);
    let path = format!("/api/projects/bench/tasks/{task}");
    let writes = async {
        let mut times = Vec::new();
        while !done.load(Ordering::Relaxed) {
            let title = json!({"title": format!("Title number {}", times.len())});
            let begun = Instant::now();
            server.call(Method::PUT, &path, Some(title)).await?;
            times.push(begun.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
        times.sort_unstable();
        anyhow::Ok(times)
    };
    let begun = Instant::now();
    let load = async {
        let outcome = load.await;
        done.store(true, Ordering::Relaxed);
        outcome.map(|()| begun.elapsed())
    };
    let (times, took) = futures_util::future::try_join(writes, load).await?;
    Ok((times, took))
}
