//! `tasktree ask`: asks people a question, and waits for the answer.

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value, json};
use tasktree_protocol::question::{Answer, Question};

use super::Verb;
use super::message::{mark_answers, questions};
use crate::claim::{self, Claim};
use crate::context::Context;
use crate::failure::{Exit, Failure, Result};
use crate::output::{Form, Report};
use crate::poll::Poll;
use crate::report::{self, answers_of, text_or_input};
use crate::text;

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question; `-` reads standard input.
    question: String,
    /// Answer that a person can choose. Can be repeated; other answers stay possible.
    #[arg(long = "option", value_name = "TEXT")]
    options: Vec<String>,
    /// Wait for the answer for so long, and print it: 10m, 2h. Without it, `inbox` and `next` have
    /// the answer later.
    #[arg(long, value_name = "TIME", value_parser = text::duration)]
    wait: Option<Duration>,
}

impl Verb for Ask {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let text = text_or_input(&self.question)?;
        let claim = claim::current(context)?;
        let wait = json!({"kind": "question", "text": text, "options": self.options});
        let report = json!({"waiting_for": wait});
        let asked = send(context, claim.as_ref(), report)?;
        let newest = questions(context)?.into_iter().next();
        let Some(question) = newest.filter(|question| question.closed_at.is_none()) else {
            let message = "the server has closed the question already";
            return Err(Failure::new(Exit::Conflict, "closed", message));
        };
        let Some(time) = self.wait else {
            let data = json!({"question": question.id, "answer": null});
            let text = format!("Asked question {}", question.id);
            return Ok(Some(Report::new(data, text)));
        };
        let poll = Poll::during(Some(time));
        let answer = answer(context, &question, &asked, &poll)?;
        mark_answers(context, answer.id)?;
        // The agent goes on: that closes the question.
        send(context, claim.as_ref(), json!({"status": "running"}))?;
        let said = answer.text.clone().unwrap_or_default();
        let data = json!({"question": question.id, "answer": answer});
        Ok(Some(Report::new(data, said)))
    }
}

fn send(context: &Context, claim: Option<&Claim>, fields: Value) -> Result<Value> {
    let sent = match (claim, fields) {
        (Some(claim), fields) => report::send(context, claim, fields)?,
        (None, Value::Object(fields)) => report::put(context, &fields)?,
        (None, _) => report::put(context, &Map::new())?,
    };
    sent.json()
}

/// Waits for the answer to a question. The reports by which it looks also keep the agent alive.
fn answer(context: &Context, question: &Question, asked: &Value, poll: &Poll) -> Result<Answer> {
    let mut last = asked.clone();
    loop {
        let answers = answers_of(&last).0;
        let own = answers
            .into_iter()
            .find(|answer| answer.question == question.id);
        if let Some(answer) = own {
            return Ok(answer);
        }
        let waits = last["waiting_for"]["text"].as_str() == Some(question.text.as_str());
        if !waits {
            let message = "the question no longer stands: the agent went on, or lost its task";
            return Err(
                Failure::new(Exit::Conflict, "closed", message).with("question", question.id)
            );
        }
        if !poll.pause() {
            let message = "nobody has answered yet; `tasktree inbox` has the answer later";
            return Err(Failure::new(Exit::NothingReady, "unanswered", message)
                .with("question", question.id));
        }
        // Without a generation: a claim that has ended shows in the answer.
        last = report::put(context, &Map::new())?.json()?;
    }
}
