//! `tasktree next`: claims the best ready task, and prints its brief.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use tasktree_protocol::http::{EventPage, paths};
use ureq::http::Method;

use super::Verb;
use crate::claim;
use crate::client::{Answer, Call};
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::limits::SIGN_OF_LIFE;
use crate::output::{Form, Report};
use crate::poll::Poll;
use crate::report::{answers_of, brief, explained, paragraphs, typed};
use crate::text;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Next {
    /// Print the best ready task without claiming it.
    #[arg(long, conflicts_with_all = ["task", "wait"])]
    peek: bool,
    /// Claim this task. A task that you hold already is released.
    #[arg(long, value_name = "N")]
    task: Option<u64>,
    /// If no task is ready, wait for one for so long: 60s, 10m.
    #[arg(long, value_name = "TIME", value_parser = text::duration)]
    wait: Option<Duration>,
}

impl Verb for Next {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let report = if self.peek {
            peek(context)?
        } else {
            let poll = Poll::during(Some(self.wait.unwrap_or_default()));
            claim_until(context, self.task, &poll)?
        };
        Ok(Some(report))
    }
}

fn peek(context: &Context) -> Result<Report> {
    let path = context.path(paths::tasks)?;
    let call = Call::new(Method::GET, &path);
    let found = context
        .client
        .send(call.query("ready", true).query("limit", 1))?;
    let tasks: Vec<Value> = found.read()?;
    let Some(task) = tasks.into_iter().next() else {
        return Err(nothing_ready("No task is ready"));
    };
    let text = brief(&typed(&task)?);
    Ok(Report::new(json!({"task": task, "claimed": false}), text))
}

/// Claims a task, as often as something happens in the project until one is ready.
fn claim_until(context: &Context, wanted: Option<u64>, poll: &Poll) -> Result<Report> {
    loop {
        let answer = claim(context, wanted)?;
        let body = answer.json()?;
        if !body["task"].is_null() {
            return claimed(context, &body);
        }
        let reason = body["reason"].as_str().unwrap_or("No task is ready");
        let (answers, text) = answers_of(&body);
        // The agent is to read them now: they may say what to do instead.
        if !answers.is_empty() || !wait_for_change(context, &answer, poll)? {
            let message = paragraphs(&[reason.to_owned(), text]);
            return Err(nothing_ready(&message).with("answers", json!(answers)));
        }
    }
}

fn claim(context: &Context, wanted: Option<u64>) -> Result<Answer> {
    let path = paths::next(context.project()?, context.agent()?);
    let body = match wanted {
        Some(number) => json!({"task": context.task(number)?}),
        None => json!({}),
    };
    let claimed = context.as_agent(|| Call::new(Method::POST, &path).json(&body));
    claimed.map_err(|failure| match wanted {
        Some(number) => explained(context, failure, number),
        None => failure,
    })
}

fn claimed(context: &Context, body: &Value) -> Result<Report> {
    let task = typed(&body["task"])?;
    claim::remember(context, &task)?;
    let released = body["released"].as_array().into_iter().flatten();
    let released: Vec<_> = released
        .filter_map(|task| context.number(&task.as_str()?.into()).ok().flatten())
        .collect();
    let notes: Vec<_> = released
        .iter()
        .map(|number| format!("Released #{number}."))
        .collect();
    let (answers, answered) = answers_of(body);
    let data = json!({
        "task": body["task"],
        "claimed": body["claimed"],
        "released": released,
        "answers": answers,
    });
    let text = paragraphs(&[answered, notes.join("\n"), brief(&task)]);
    Ok(Report::new(data, text))
}

fn nothing_ready(message: &str) -> Failure {
    Failure::new(
        Exit::NothingReady,
        "nothing_ready",
        message.trim_end_matches('.'),
    )
}

/// Waits until there is an event after that position, or until the agent has to claim again to be
/// heard. Returns false at the end of the time.
fn wait_for_change(context: &Context, last: &Answer, poll: &Poll) -> Result<bool> {
    let path = context.path(paths::events)?;
    let silent_since = Instant::now();
    while poll.pause() {
        if silent_since.elapsed() >= SIGN_OF_LIFE {
            return Ok(true);
        }
        let call = Call::new(Method::GET, &path).query("limit", 1);
        match context.client.send(call.query_if("after", last.seq())) {
            Ok(page) if page.read::<EventPage>()?.events.is_empty() => {}
            Ok(_) => return Ok(true),
            // The log starts later, or the project was reset: look at the tasks again.
            Err(refused) if refused.code == "gone" => return Ok(true),
            Err(failure) => return Err(failure),
        }
    }
    Ok(false)
}
