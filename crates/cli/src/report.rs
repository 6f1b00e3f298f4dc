//! Reports of an agent about its claim, and parts that several verbs share.

use std::io;

use serde_json::{Map, Value, json};
use tasktree_protocol::http::paths;
use tasktree_protocol::question::Answer as PersonsAnswer;
use tasktree_protocol::task::Task;
use ureq::http::Method;

use crate::claim::{self, Claim};
use crate::client::{Answer, Call};
use crate::context::{Context, hash};
use crate::failure::{Exit, Failure, Result};
use crate::files;
use crate::text::{line, plain};

/// Reports something about a claim. The report names the claim's generation, so the server refuses
/// it once the claim has ended.
///
/// # Errors
/// Returns a failure if the server refuses, and forgets a claim that has ended.
pub(crate) fn send(context: &Context, claim: &Claim, report: Value) -> Result<Answer> {
    let mut fields = claim.fields();
    if let Value::Object(report) = report {
        fields.extend(report);
    }
    put(context, &fields).map_err(|refused| {
        if refused.exit != Exit::Conflict {
            return refused;
        }
        claim::forget(context);
        explained(context, refused, claim.task)
    })
}

/// Returns the refusal of a change of a task with the task and, if it is another one's, its holder.
pub(crate) fn explained(context: &Context, mut refused: Failure, number: u64) -> Failure {
    if refused.exit != Exit::Conflict {
        return refused;
    }
    let task = task(context, number).and_then(|task| typed(&task));
    let holder = task.ok().and_then(|task| task.holder);
    let own = context.agent().ok();
    if let Some(holder) = holder.filter(|holder| Some(holder) != own) {
        refused.code = "taken".to_owned();
        refused = refused.with("by", holder.as_str());
    }
    refused.with("task", number)
}

/// Reports something about the agent itself.
///
/// # Errors
/// As [`Context::as_agent`].
pub(crate) fn put(context: &Context, fields: &Map<String, Value>) -> Result<Answer> {
    let path = paths::agent(context.project()?, context.agent()?);
    context.as_agent(|| Call::new(Method::PUT, &path).json(fields))
}

/// Returns the current state of a task.
///
/// # Errors
/// As [`crate::client::Client::send`].
pub(crate) fn task(context: &Context, number: u64) -> Result<Value> {
    let path = paths::task(context.project()?, &context.task(number)?);
    context.client.get(&path)?.json()
}

/// Returns a task as a typed row.
///
/// # Errors
/// Returns a failure if it is something else.
pub(crate) fn typed(task: &Value) -> Result<Task> {
    serde_json::from_value(task.clone()).map_err(|error| {
        Failure::new(
            Exit::Failed,
            "response",
            format_args!("cannot read the task: {error}"),
        )
    })
}

/// Splits `[N] [TEXT]`: the first argument is the number of a task if it is one.
///
/// # Errors
/// Returns a failure if there are more arguments than these.
pub(crate) fn number_and_text(arguments: &[String]) -> Result<(Option<u64>, Option<&str>)> {
    let number = |text: &String| text.trim_start_matches('#').parse().ok();
    let first = arguments.first().and_then(number);
    match (first, arguments) {
        (_, []) => Ok((None, None)),
        (Some(number), [_]) => Ok((Some(number), None)),
        (Some(number), [_, text]) => Ok((Some(number), Some(text))),
        (None, [text]) => Ok((None, Some(text))),
        _ => Err(Failure::usage(
            "too many arguments: expected the number of a task and one text; put the text in \
             quotation marks",
        )),
    }
}

/// Returns a text of the command line; `-` stands for standard input.
///
/// # Errors
/// Returns a failure if standard input cannot be read.
pub(crate) fn text_or_input(text: &str) -> Result<String> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let read = files::text_of(io::stdin().lock());
    let read = read.map_err(|error| {
        Failure::local(format_args!(
            "cannot read the text from standard input: {error}"
        ))
    })?;
    Ok(read.trim_end_matches(['\n', '\r']).to_owned())
}

/// Returns a task in full, for a person or an agent.
pub(crate) fn brief(task: &Task) -> String {
    let mut text = format!(
        "{} {}\n{}",
        hash(task.number),
        line(&task.title),
        facts(task)
    );
    let parts = [(None, &task.description), (Some("Prompt"), &task.prompt)];
    for (heading, part) in parts {
        let Some(part) = part.as_deref().filter(|part| !part.trim().is_empty()) else {
            continue;
        };
        text.push_str("\n\n");
        if let Some(heading) = heading {
            text.push_str(&format!("{heading}:\n"));
        }
        text.push_str(plain(part).trim_end());
    }
    let files = [
        ("Files", &task.owned_files),
        ("Shared files", &task.shared_files),
        ("Exclusive files", &task.exclusive_files),
    ];
    for (heading, files) in files {
        if !files.is_empty() {
            text.push_str(&format!("\n\n{heading}: {}", files.join(", ")));
        }
    }
    text
}

fn facts(task: &Task) -> String {
    let mut facts = vec![task.status.as_str().replace('_', " ")];
    if task.priority > 0 {
        facts.push(format!("priority {}", task.priority));
    }
    if !task.branch.is_empty() {
        facts.push(format!("branch {}", task.branch));
    }
    if let Some(holder) = &task.holder {
        facts.push(format!("held by {holder}"));
    }
    if let Some(hold) = &task.on_hold {
        facts.push(format!("on hold: {}", hold.reason));
    }
    if !task.blocked_by.is_empty() {
        let others: Vec<_> = task.blocked_by.iter().map(ToString::to_string).collect();
        facts.push(format!("blocked by {}", others.join(", ")));
    }
    if let Some(verdict) = &task.verdict {
        facts.push(format!(
            "evidence {}",
            json!(verdict).as_str().unwrap_or_default()
        ));
    }
    line(&facts.join(" · "))
}

/// Returns the answers of people that came with a response, as JSON and as text.
pub(crate) fn answers_of(response: &Value) -> (Vec<PersonsAnswer>, String) {
    let answers: Vec<PersonsAnswer> = response
        .get("answers")
        .and_then(|answers| serde_json::from_value(answers.clone()).ok())
        .unwrap_or_default();
    let lines = answers.iter().map(|answer| {
        let text = answer.text.as_deref().unwrap_or_default();
        format!("Answer to question {}: {}", answer.question, plain(text))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    (answers, text)
}

/// Joins parts of a text with an empty line between them, without empty parts.
pub(crate) fn paragraphs(parts: &[String]) -> String {
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).collect();
    let parts: Vec<_> = parts.iter().map(|part| part.as_str()).collect();
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_before_the_text_names_the_task() {
        let split = |arguments: &[&str]| {
            let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
            let (number, text) = number_and_text(&arguments).ok()?;
            Some((number, text.map(str::to_owned)))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(split(&[]), Some((None, None)));
        assert_eq!(split(&["12"]), Some((Some(12), None)));
        assert_eq!(
            split(&["#12", "all done"]),
            Some((Some(12), text("all done")))
        );
        assert_eq!(split(&["all done"]), Some((None, text("all done"))));
        assert_eq!(split(&["all", "done"]), None);
    }
}
