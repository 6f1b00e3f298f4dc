//! `tasktree update`: changes a task, adds a comment to it, and reports progress.

use clap::Args;
use serde_json::{Map, Value, json};
use tasktree_protocol::Status;
use tasktree_protocol::http::paths;
use ureq::http::Method;

use super::Verb;
use super::add::ids;
use crate::claim;
use crate::client::Call;
use crate::context::{Context, hash};
use crate::failure::{Failure, Result};
use crate::output::{Form, Report};
use crate::report::{self, text_or_input, typed};

/// Options of the verb.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Number of the task; the one that you hold if left out.
    #[arg(value_name = "N")]
    number: Option<u64>,
    /// Add a comment (Markdown); `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Report the progress, in percent.
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    progress: Option<u8>,
    /// Change the title.
    #[arg(long)]
    title: Option<String>,
    /// Change the description (Markdown); `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Change the prompt (Markdown); `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// Change the priority: 1 urgent, 2 high, 3 medium, 4 low, 0 none.
    #[arg(long, value_name = "0-4")]
    priority: Option<u32>,
    /// Change the tasks that have to be done first; empty for none.
    #[arg(long, value_name = "N,M", value_parser = numbers)]
    after: Option<Numbers>,
    /// Move the task: `up_next` or `unclaimed`. `next`, `done` and `release` do the rest.
    #[arg(long, value_parser = open_status)]
    status: Option<Status>,
    /// Change the task only if it has this version.
    #[arg(long)]
    rev: Option<u64>,
}

/// Numbers of tasks in one option.
#[derive(Clone, Debug)]
struct Numbers(Vec<u64>);

fn numbers(text: &str) -> Result<Numbers, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let numbers = parts.map(|part| part.trim_start_matches('#').parse());
    let numbers: Result<_, _> = numbers.collect();
    let numbers = numbers.map_err(|_| "expected numbers of tasks, such as 3,4".to_owned())?;
    Ok(Numbers(numbers))
}

fn open_status(text: &str) -> Result<Status, String> {
    let open = [Status::Unclaimed, Status::UpNext];
    let found = Status::from_name(text).filter(|status| open.contains(status));
    found.ok_or_else(|| "expected up_next or unclaimed".to_owned())
}

impl Verb for Update {
    fn run(self, context: &Context, _: Form) -> Result<Option<Report>> {
        let fields = self.fields(context)?;
        if fields.is_empty() && self.note.is_none() && self.progress.is_none() {
            return Err(Failure::usage(
                "nothing to change: give --note, --progress, --title or another option",
            ));
        }
        // Progress belongs to a claim; everything else can be said about any task.
        let claim = match (self.number, self.progress) {
            (Some(_), None) => None,
            (number, _) => Some(claim::find(context, number)?),
        };
        let number = claim.as_ref().map_or(self.number, |claim| Some(claim.task));
        let number = number.unwrap_or_default();
        let id = context.task(number)?;
        let speaker = context.speaker()?;
        if !fields.is_empty() {
            let path = paths::task(context.project()?, &id);
            let call = Call::new(Method::PUT, &path).json(&fields);
            let call = match self.rev {
                Some(rev) => call.header("if-match", &format!("\"{rev}\"")),
                None => call,
            };
            speaker.send(call)?;
        }
        if let Some(note) = &self.note {
            let path = paths::comments(context.project()?, &id);
            speaker.post(&path, &json!({"body": text_or_input(note)?}))?;
        }
        if let (Some(progress), Some(claim)) = (self.progress, &claim) {
            report::send(context, claim, json!({"progress": progress}))?;
        }
        let row = report::task(context, number)?;
        let text = format!("Updated {} {}", hash(number), typed(&row)?.title);
        Ok(Some(Report::new(json!({"task": row}), text)))
    }
}

impl Update {
    /// Returns the fields of the task that change.
    fn fields(&self, context: &Context) -> Result<Map<String, Value>> {
        let mut fields = Map::new();
        let texts = [("description", &self.description), ("prompt", &self.prompt)];
        for (name, text) in texts {
            if let Some(text) = text {
                fields.insert(name.to_owned(), json!(text_or_input(text)?));
            }
        }
        let after = self.after.as_ref();
        let after = after.map(|numbers| ids(context, &numbers.0)).transpose()?;
        let others = [
            ("title", self.title.as_ref().map(|title| json!(title))),
            ("priority", self.priority.map(|priority| json!(priority))),
            ("status", self.status.map(|status| json!(status))),
            ("dependencies", after.map(|ids| json!(ids))),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        }
        Ok(fields)
    }
}
