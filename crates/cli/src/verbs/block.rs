//! `tasktree block`, `unblock` and `release`: the agent cannot go on, goes on, or gives back.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tasktree_protocol::Timestamp;

use super::Verb;
use crate::claim;
use crate::context::{Context, hash};
use crate::failure::{Failure, Result};
use crate::output::{Form, Report};
use crate::report::{self, number_and_text, text_or_input};

/// Reason for which an agent cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A person has to say something; `ask` also waits for the answer.
    #[value(alias = "needs_input")]
    Question,
    /// A person has to allow something.
    Permission,
    /// A person has to sign in somewhere.
    Auth,
    /// Another task or agent has to finish first.
    Dependency,
    /// A usage limit has to end.
    #[value(name = "rate_limit")]
    RateLimit,
    /// Something else.
    Other,
    /// The agent gives up: the task is released.
    Failed,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Permission => "permission",
            Self::Auth => "auth",
            Self::Dependency => "dependency",
            Self::RateLimit => "rate_limit",
            Self::Other => "other",
            Self::Failed => "failed",
        }
    }
}

/// Options of `block`.
#[derive(Debug, Args)]
pub(crate) struct Block {
    /// Number of the task (the one that you hold if left out), and the reason; `-` reads the reason
    /// from standard input.
    #[arg(value_names = ["N", "REASON"], num_args = 1..=2, required = true)]
    arguments: Vec<String>,
    /// Kind of the reason. [default: dependency with --on, otherwise question]
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Tasks that have to finish first.
    #[arg(long, value_name = "N,M", value_delimiter = ',')]
    on: Vec<u64>,
    /// Expected end of the wait, RFC 3339: the time at which a usage limit resets.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    until: Option<Timestamp>,
}

impl Verb for Block {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let (number, reason) = number_and_text(&self.arguments)?;
        let Some(reason) = reason else {
            return Err(Failure::usage("say why: `tasktree block N \"REASON\"`"));
        };
        let mut reason = text_or_input(reason)?;
        let default = match self.on.is_empty() {
            true => Kind::Question,
            false => Kind::Dependency,
        };
        let kind = self.kind.unwrap_or(default);
        if !self.on.is_empty() {
            let others: Vec<_> = self.on.iter().map(hash).collect();
            reason.push_str(&format!(" (waits for {})", others.join(", ")));
        }
        let claim = claim::find(context, number)?;
        let report = match kind {
            Kind::Failed => json!({"status": "failed", "reason": reason}),
            kind => {
                let mut wait = json!({"kind": kind.as_str(), "text": reason});
                if let Some(until) = self.until {
                    wait["until"] = json!(until);
                }
                json!({"waiting_for": wait})
            }
        };
        let agent = report::send(context, &claim, report)?.json()?;
        let text = match kind {
            Kind::Failed => {
                claim::forget(context);
                format!("Gave up {}", hash(claim.task))
            }
            kind => format!("Waiting on {}: {}", hash(claim.task), kind.as_str()),
        };
        Ok(Some(of_agent(claim.task, &agent, &text)))
    }
}

/// Options of `unblock`.
#[derive(Debug, Args)]
pub(crate) struct Unblock {
    /// Number of the task; the one that you hold if left out.
    #[arg(value_name = "N")]
    number: Option<u64>,
}

impl Verb for Unblock {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let claim = claim::find(context, self.number)?;
        let agent = report::send(context, &claim, json!({"status": "running"}))?.json()?;
        let text = format!("Working on {}", hash(claim.task));
        Ok(Some(of_agent(claim.task, &agent, &text)))
    }
}

/// Options of `release`.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Number of the task (the one that you hold if left out), and a reason for people.
    #[arg(value_names = ["N", "REASON"], num_args = 0..=2)]
    arguments: Vec<String>,
}

impl Verb for Release {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let (number, reason) = number_and_text(&self.arguments)?;
        let claim = claim::find(context, number)?;
        let mut report = json!({"task_id": null});
        if let Some(reason) = reason {
            report["reason"] = json!(text_or_input(reason)?);
        }
        let agent = report::send(context, &claim, report)?.json()?;
        claim::forget(context);
        let text = format!("Released {}", hash(claim.task));
        Ok(Some(of_agent(claim.task, &agent, &text)))
    }
}

/// Returns the report of a verb that changes the state of the agent.
fn of_agent(task: u64, agent: &Value, text: &str) -> Report {
    let data = json!({"task": task, "agent": agent});
    Report::new(data, text)
}
