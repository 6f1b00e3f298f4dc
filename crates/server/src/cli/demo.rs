//! `tasktree demo`: a few simulated agents that work through a sample project, for people who want
//! to see a moving board.
//!
//! They use nothing but the public API, as real agents do. The project is flagged as a simulation
//! and named accordingly; it is the only one that is touched.

mod sample;
mod worker;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::Refused;
use super::{Client, Target, say};
use crate::shutdown;

/// Options of the demo.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Speed factor; 1 is comfortable to watch.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    #[command(flatten)]
    target: Target,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=100.0).contains(&speed) => Ok(speed),
        _ => Err("the speed must be a number from 0.1 to 100".into()),
    }
}

/// Runs until Ctrl-C.
pub(super) async fn run(options: Options) -> Result<()> {
    let client = options.target.client()?;
    if !client.answers().await? {
        bail!(
            "no server responds at {}; start one with `tasktree serve`",
            options.target.server
        );
    }
    let project = prepare(&client).await?;
    say(format_args!(
        "The simulation runs in the project '{project}': {}/p/{project}",
        options.target.server.trim_end_matches('/')
    ));
    say("It changes no other project. Press Ctrl-C to stop it");
    let outcome = tokio::select! {
        outcome = simulate(&client, &project, options.speed) => outcome,
        () = shutdown::signal() => Ok(()),
    };
    for agent in sample::AGENTS {
        // The agent does not exist yet, or the server has gone: either way there is nothing left to
        // tidy up.
        let _ = client
            .delete(&["api", "projects", &project, "agents", agent.name])
            .await;
    }
    say(format_args!(
        "Simulation stopped. The project '{project}' stays until you delete it"
    ));
    outcome
}

/// Finds and empties the demo's own project, or creates one under a free name.
async fn prepare(client: &Client) -> Result<String> {
    for number in 1..100 {
        let id = if number == 1 {
            "demo".to_owned()
        } else {
            format!("demo-{number}")
        };
        match client.get::<Value>(&["api", "projects", &id]).await {
            Ok(project) if project["demo"] == true => {
                client
                    .post::<Value>(&["api", "projects", &id, "reset"], &[], &Value::Null)
                    .await?;
                return Ok(id);
            }
            Ok(_) => {}
            Err(error)
                if error
                    .downcast_ref::<Refused>()
                    .is_some_and(|refused| refused.status == StatusCode::NOT_FOUND) =>
            {
                let project = json!({
                    "id": id,
                    "name": "Demo: a web shop",
                    "description": "A simulation by `tasktree demo`: no real agents, nothing is built",
                    "max_agents": sample::AGENTS.len(),
                    "demo": true,
                });
                client
                    .post::<Value>(&["api", "projects"], &[], &project)
                    .await?;
                return Ok(id);
            }
            Err(error) => return Err(error),
        }
    }
    bail!("the names demo to demo-99 are all used by real projects")
}

/// Runs round after round: fills the project, and works until all tasks are merged.
async fn simulate(client: &Client, project: &str, speed: f64) -> Result<()> {
    loop {
        sample::fill(client, project)
            .await
            .context("cannot create the sample tasks")?;
        let mut workers = JoinSet::new();
        for (index, agent) in sample::AGENTS.iter().enumerate() {
            workers.spawn(worker::Worker::new(client.clone(), project, agent, index, speed).work());
        }
        while let Some(done) = workers.join_next().await {
            done??;
        }
        let notification = json!({"level": "success", "title": "All tasks are merged", "message": "The demo starts over"});
        client
            .post::<Value>(
                &["api", "projects", project, "notifications"],
                &[],
                &notification,
            )
            .await?;
        worker::pause(6.0, speed).await;
        client
            .post::<Value>(&["api", "projects", project, "reset"], &[], &Value::Null)
            .await?;
    }
}
