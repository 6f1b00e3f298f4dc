//! `tasktree demo`: starts the simulation of a running server, and stops it at the end.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::{Target, say};
use crate::demo::{SPEED_PERCENT, SPEEDS};
use crate::shutdown;

/// Options of the demo.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Speed factor; 1 is comfortable to watch.
    #[arg(long, default_value_t = f64::from(SPEED_PERCENT) / 100.0, value_parser = speed)]
    speed: f64,
    #[command(flatten)]
    target: Target,
}

fn speed(text: &str) -> Result<f64, String> {
    let range = f64::from(*SPEEDS.start()) / 100.0..=f64::from(*SPEEDS.end()) / 100.0;
    match text.parse::<f64>() {
        Ok(speed) if range.contains(&speed) => Ok(speed),
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
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the parser has checked the range"
    )]
    let percent = (options.speed * 100.0).round() as u32;
    let path = ["api", "demo"];
    let start = json!({"start": true, "speed_percent": percent});
    let state: Value = client.post(&path, &[], &start).await?;
    let project = state["project"].as_str().unwrap_or("demo");
    say(format_args!(
        "The simulation runs in the project '{project}': {}/p/{project}",
        options.target.server.trim_end_matches('/')
    ));
    say("It changes no other project. Press Ctrl-C to stop it");
    shutdown::signal().await;
    let stop = json!({"start": false});
    client.post::<Value>(&path, &[], &stop).await?;
    say(format_args!(
        "Simulation stopped. The project '{project}' stays until you delete it"
    ));
    Ok(())
}
