//! `tasktree watch`: the events of a project, one JSON object in a line.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::Value;
use tasktree_protocol::http::paths;
use tasktree_protocol::{Agent, AgentStatus, Epoch};
use ureq::http::Method;

use super::Verb;
use crate::client::Call;
use crate::context::Context;
use crate::failure::Result;
use crate::limits::{EVENTS_PER_REQUEST, SIGN_OF_LIFE};
use crate::output::{Form, Report, json_line, note, say};
use crate::poll::Poll;
use crate::text;

/// Condition that ends the verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Until {
    /// No agent works.
    Idle,
}

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Start after this event; 0 is the beginning of the log. [default: now]
    #[arg(long, value_name = "SEQ")]
    since: Option<u64>,
    /// End after this time: 90s, 10m.
    #[arg(long = "for", value_name = "TIME", value_parser = text::duration)]
    time: Option<Duration>,
    /// End as soon as this is so.
    #[arg(long, value_enum)]
    until: Option<Until>,
}

/// Page of the event log, with events as they are.
#[derive(Deserialize)]
struct Page {
    epoch: Epoch,
    events: Vec<Value>,
    more: bool,
}

impl Verb for Watch {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let agents = context.client.get(&context.path(paths::agents)?)?;
        let mut log = Log {
            context,
            after: self.since.or(agents.seq()).unwrap_or_default(),
            epoch: None,
        };
        let poll = Poll::during(self.time);
        let waits_for_idle = self.until == Some(Until::Idle);
        let mut looked_at = Instant::now();
        let mut is_idle = are_idle(&agents.read::<Vec<Agent>>()?);
        loop {
            let printed = log.print_new()?;
            // Silence is no event, so agents are also looked at without one.
            if waits_for_idle && (printed > 0 || looked_at.elapsed() >= SIGN_OF_LIFE) {
                let agents = context.client.get(&context.path(paths::agents)?)?;
                is_idle = are_idle(&agents.read::<Vec<Agent>>()?);
                looked_at = Instant::now();
            }
            if waits_for_idle && is_idle || !poll.pause() {
                return Ok(None);
            }
        }
    }
}

fn are_idle(agents: &[Agent]) -> bool {
    !agents
        .iter()
        .any(|agent| agent.status == AgentStatus::Working && agent.is_alive)
}

/// Position in the event log.
struct Log<'a> {
    context: &'a Context,
    after: u64,
    epoch: Option<Epoch>,
}

impl Log<'_> {
    /// Prints the events since the last time. Returns their number.
    fn print_new(&mut self) -> Result<usize> {
        let path = self.context.path(paths::events)?;
        let mut printed = 0;
        loop {
            let call = Call::new(Method::GET, &path)
                .query("after", self.after)
                .query("limit", EVENTS_PER_REQUEST);
            let page: Page = self.context.client.send(call)?.read()?;
            if self
                .epoch
                .as_ref()
                .is_some_and(|epoch| *epoch != page.epoch)
            {
                note("tasktree: the project was reset; its events start over");
                (self.after, self.epoch) = (0, Some(page.epoch));
                continue;
            }
            self.epoch = Some(page.epoch);
            for event in &page.events {
                self.after = event["seq"].as_u64().unwrap_or(self.after);
                say(&json_line(event));
            }
            printed += page.events.len();
            if !page.more || page.events.is_empty() {
                return Ok(printed);
            }
        }
    }
}
