//! `tasktree send` and `inbox`: messages, and answers of people.

use clap::{ArgAction, Args};
use serde_json::{Value, json};
use tasktree_protocol::AgentId;
use tasktree_protocol::agent::AgentMessage;
use tasktree_protocol::http::paths;
use tasktree_protocol::question::{Answer, Question};
use ureq::http::Method;

use super::Verb;
use crate::client::Call;
use crate::context::Context;
use crate::failure::{Exit, Result};
use crate::output::{Form, Report};
use crate::report::{answers_of, paragraphs, text_or_input};
use crate::text::{line, plain};

/// Options of `send`.
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// Name of the agent.
    to: AgentId,
    /// Text of the message (Markdown); `-` reads standard input.
    body: String,
}

impl Verb for Send {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let from = match context.who()? {
            Some(who) => who.agent.to_string(),
            None => {
                let caller = context.caller()?;
                caller.person.map_or(caller.name, |person| person.name)
            }
        };
        let body = text_or_input(&self.body)?;
        let path = paths::messages(context.project()?, &self.to);
        let message = json!({"from": from, "body": body});
        let sent = context.speaker()?.post(&path, &message)?.json()?;
        let text = format!("Sent to {}", self.to);
        Ok(Some(Report::new(json!({"message": sent}), text)))
    }
}

/// Options of `inbox`.
#[derive(Debug, Args)]
pub(crate) struct Inbox {
    /// Mark what was printed as read.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    mark_read: bool,
}

impl Verb for Inbox {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let answers = pending_answers(context)?;
        let messages = unread(context)?;
        let questions = match answers.is_empty() {
            true => Vec::new(),
            false => questions(context)?,
        };
        let answers: Vec<_> = answers
            .iter()
            .map(|answer| answered(answer, &questions))
            .collect();
        if self.mark_read {
            let last_answer = answers
                .iter()
                .filter_map(|answer| answer["id"].as_u64())
                .max();
            if let Some(last) = last_answer {
                mark_answers(context, last)?;
            }
            if let Some(last) = messages.iter().map(|message| message.id).max() {
                let path = paths::messages_read(context.project()?, context.agent()?);
                let body = json!({"up_to": last});
                context.as_agent(|| Call::new(Method::POST, &path).json(&body))?;
            }
        }
        let mut parts: Vec<_> = answers.iter().map(answer_text).collect();
        parts.extend(messages.iter().map(message_text));
        if parts.is_empty() {
            parts.push("No unread messages".to_owned());
        }
        let data = json!({"messages": messages, "answers": answers});
        Ok(Some(Report::new(data, paragraphs(&parts))))
    }
}

/// Returns the unread messages of the agent.
pub(super) fn unread(context: &Context) -> Result<Vec<AgentMessage>> {
    let path = paths::messages(context.project()?, context.agent()?);
    let call = || Call::new(Method::GET, &path).query("unread", true);
    context.as_agent(call)?.read()
}

/// Returns the answers that the agent has not confirmed. They come with a heartbeat.
fn pending_answers(context: &Context) -> Result<Vec<Answer>> {
    let path = paths::heartbeat(context.project()?, context.agent()?);
    let beat = context.as_agent(|| Call::new(Method::POST, &path))?;
    Ok(answers_of(&beat.json()?).0)
}

/// Confirms the answers of the agent up to a number.
pub(super) fn mark_answers(context: &Context, last: u64) -> Result<()> {
    let path = paths::answers_read(context.project()?, context.agent()?);
    let body = json!({"up_to": last});
    context.as_agent(|| Call::new(Method::POST, &path).json(&body))?;
    Ok(())
}

/// Returns the newest questions of the agent.
pub(super) fn questions(context: &Context) -> Result<Vec<Question>> {
    let path = context.path(paths::questions)?;
    let call = Call::new(Method::GET, &path).query("agent", context.agent()?);
    match context.client.send(call) {
        Ok(found) => found.read(),
        Err(refused) if refused.exit == Exit::NotFound => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// Returns an answer with its question.
fn answered(answer: &Answer, questions: &[Question]) -> Value {
    let question = questions
        .iter()
        .find(|question| question.id == answer.question);
    let mut shown = json!(answer);
    shown["question_text"] = json!(question.map(|question| &question.text));
    shown
}

fn answer_text(answer: &Value) -> String {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    let by = text("by")
        .split_once(':')
        .map_or(text("by"), |(_, name)| name);
    format!(
        "{} answered \"{}\":\n{}",
        line(by),
        line(text("question_text")),
        plain(text("text"))
    )
}

fn message_text(message: &AgentMessage) -> String {
    let (from, body) = (line(&message.from), plain(&message.body));
    format!("From {from}, {}:\n{body}", message.sent_at)
}
