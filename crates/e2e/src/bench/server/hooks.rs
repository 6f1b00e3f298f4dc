//! Measures the answers to hooks of harnesses, while boards show what they report. The baseline is
//! a server that answers the same events at the same pace and does nothing else.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::bare_http::BareHttp;
use super::{clients, server};
use crate::bench::{Figure, paced, percentile};

/// Load of the measurement.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Number of agents.
    pub agents: usize,
    /// Events per second of each.
    pub per_second: u64,
    /// Duration in seconds.
    pub seconds: u64,
    /// Number of open boards.
    pub boards: usize,
}

/// Sends the events of the agents, and returns the figures.
pub(super) async fn run(load: Load) -> Result<Vec<Figure>> {
    let (server, _) = server().await?;
    let mut boards = JoinSet::new();
    for mut client in clients::connect(server.address(), load.boards, true).await? {
        boards.spawn(async move {
            loop {
                client.read(|_| {}).await?;
            }
        });
    }
    let url = server.url("/api/hooks/claude-code?project=bench");
    let times = answers(load, &url).await?;
    let ended: Option<Result<Result<()>, _>> = boards.try_join_next();
    ensure!(ended.is_none(), "a board was disconnected: {ended:?}");
    drop((boards, server));
    let bare = BareHttp::start().await?;
    let bare = answers(load, &bare.url).await?;
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1000.0;
    let beside = format!(
        "{} agents x {} events/s beside {} open boards",
        load.agents, load.per_second, load.boards
    );
    let figure = |label: String, times: &[Duration], share| {
        Figure::new(format!("hooks: {label}"), ms(times, share), "ms")
    };
    Ok(vec![
        figure(format!("median of the answer, {beside}"), &times, 0.5),
        figure(format!("p99 of the answer, {beside}"), &times, 0.99).at_most(50.0),
        figure("median of a bare HTTP answer".to_owned(), &bare, 0.5),
        figure("p99 of a bare HTTP answer".to_owned(), &bare, 0.99),
        Figure::new(
            "hooks: p99 of the answer, against the bare answer",
            ms(&times, 0.99) / ms(&bare, 0.99),
            "",
        ),
    ])
}

/// Sends the events of the agents to an address, and returns the sorted times of the answers.
async fn answers(load: Load, url: &str) -> Result<Vec<Duration>> {
    let http = Client::new();
    let count = usize::try_from(load.per_second * load.seconds)?;
    let agents = (0..load.agents).map(|agent| {
        let (http, url) = (http.clone(), url.to_owned());
        async move {
            let mut times = Vec::with_capacity(count);
            paced(load.per_second, count, async |number| {
                let request = http.post(&url).json(&event(agent, number));
                let begun = Instant::now();
                let answer = request.send().await?;
                times.push(begun.elapsed());
                ensure!(
                    answer.status() == 204,
                    "a hook is answered {}",
                    answer.status()
                );
                Ok(())
            })
            .await?;
            anyhow::Ok(times)
        }
    });
    let times = try_join_all(agents).await?;
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    Ok(times)
}

/// Returns an event of an agent: turns of tool calls, each with a prompt and an end.
fn event(agent: usize, number: usize) -> Value {
    const TURN: usize = 20;
    let (name, input) = match number % TURN {
        0 => ("UserPromptSubmit", json!(null)),
        last if last == TURN - 1 => ("Stop", json!(null)),
        step => {
            let name = if step % 2 == 1 {
                "PreToolUse"
            } else {
                "PostToolUse"
            };
            let call = step.div_ceil(2);
            let input = match call % 3 {
                0 => {
                    json!({"file_path": format!("/work/src/{agent}/{call}.rs"), "new_string": "x".repeat(400)})
                }
                _ => json!({"command": format!("cargo test --lib part_{number}")}),
            };
            (name, input)
        }
    };
    let tool = if input.get("file_path").is_some() {
        "Edit"
    } else {
        "Bash"
    };
    json!({
        "session_id": format!("{agent:03}-bench"), "cwd": "/work", "hook_event_name": name,
        "prompt_id": format!("p{}", number / TURN), "prompt": "Go on with the next step.",
        "tool_name": tool, "tool_input": input, "tool_use_id": format!("tu-{agent}-{number}"),
        "last_assistant_message": "The step is done.",
    })
}
